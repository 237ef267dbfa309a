package sockdiag

import "syscall"

// Offsets in struct nlmsghdr.
const (
	offLength = 0 // nlmsg_len
	offType   = 4 // nlmsg_type
	offFlags  = 6 // nlmsg_flags
	offSeq    = 8 // nlmsg_seq

	headerSize = 16 // NLMSG_HDRLEN
)

const (
	typeError = 2 // NLMSG_ERROR
	typeDone  = 3 // NLMSG_DONE

	flagDumpInterrupted = 0x10 // NLM_F_DUMP_INTR
)

// stream takes the answer to one dump request apart.
type stream struct {
	op     string // for errors: what was asked
	kind   uint16 // type of the messages that answer
	seq    uint32 // sequence number of the request
	result *Result
	visit  func(message []byte) error // gets inet_diag_msg and attributes
}

// datagram hands the messages of one datagram to visit, and tells whether the
// dump is complete. An error of visit ends the walk and is returned as it is.
func (s *stream) datagram(b []byte) (done bool, err error) {
	for at := 0; at < len(b); {
		if len(b)-at < headerSize {
			return false, &ParseError{Offset: at, What: "netlink header is cut short"}
		}
		size := int(native.Uint32(b[at+offLength:]))
		if size < headerSize || size > len(b)-at {
			return false, &ParseError{Offset: at, What: "netlink message length does not fit"}
		}
		if done, err := s.message(b[at : at+size]); done || err != nil {
			return done, err
		}
		at += align4(size)
	}
	return false, nil
}

func (s *stream) message(b []byte) (done bool, err error) {
	if native.Uint32(b[offSeq:]) != s.seq {
		return false, nil // not an answer to this request
	}
	if native.Uint16(b[offFlags:])&flagDumpInterrupted != 0 {
		s.result.Interrupted = true
	}
	switch native.Uint16(b[offType:]) {
	case s.kind:
		s.result.Sockets++
		return false, s.visit(b[headerSize:])
	case typeDone:
		return true, s.status(b[headerSize:])
	case typeError:
		return true, s.status(b[headerSize:])
	}
	return false, nil
}

// status reads the error number, 0 or negative, that NLMSG_DONE and NLMSG_ERROR
// start with. NLMSG_DONE of very old kernels has none.
func (s *stream) status(b []byte) error {
	if len(b) < 4 {
		return nil
	}
	if code := int32(native.Uint32(b)); code < 0 {
		return &KernelError{Op: s.op, Errno: syscall.Errno(-code)}
	}
	return nil
}
