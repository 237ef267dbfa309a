package sockdiag

import "github.com/synoptic-net/synoptic/host"

// Attributes of an answer that are read here.
const (
	attrInfo       = 2  // INET_DIAG_INFO
	attrSKMemInfo  = 7  // INET_DIAG_SKMEMINFO
	attrShutdown   = 8  // INET_DIAG_SHUTDOWN
	attrV6Only     = 11 // INET_DIAG_SKV6ONLY
	attrMark       = 15 // INET_DIAG_MARK
	attrCgroupID   = 21 // INET_DIAG_CGROUP_ID
	attrTypeMask   = 0x3fff
	attrHeaderSize = 4 // sizeof(struct nlattr)
)

// parseAttributes walks the attributes behind inet_diag_msg. full tells that
// one of them is written for full sockets only.
func parseAttributes(b []byte, s *host.Socket) (full bool, err error) {
	for at := messageSize; at < len(b); {
		if len(b)-at < attrHeaderSize {
			return full, &ParseError{Offset: at, What: "attribute header is cut short"}
		}
		size := int(native.Uint16(b[at:]))
		if size < attrHeaderSize || size > len(b)-at {
			return full, &ParseError{Offset: at, What: "attribute length does not fit"}
		}
		known, err := parseAttribute(native.Uint16(b[at+2:])&attrTypeMask, b[at+attrHeaderSize:at+size], s)
		if err != nil {
			return full, &ParseError{Offset: at, What: err.Error()}
		}
		full = full || known
		at += align4(size)
	}
	return full, nil
}

// shortError names an attribute whose value is too short for its type.
type shortError string

func (e shortError) Error() string { return string(e) + " is too short" }

// parseAttribute stores one value; ofFull tells that only full sockets carry
// the attribute.
func parseAttribute(kind uint16, value []byte, s *host.Socket) (ofFull bool, err error) {
	switch kind {
	case attrInfo:
		if len(value) > 0 { // an empty one stands for a socket without tcp_info
			s.HasInfo = true
			parseInfo(value, &s.Info)
		}
		return true, nil
	case attrSKMemInfo:
		s.HasMemory = len(value) > 0
		parseMemory(value, &s.Memory)
		return true, nil
	case attrShutdown:
		return true, parseShutdown(value, s)
	case attrV6Only:
		if len(value) < 1 {
			return true, shortError("INET_DIAG_SKV6ONLY")
		}
		s.V6Only = value[0] != 0
		return true, nil
	case attrMark:
		if len(value) < 4 {
			return false, shortError("INET_DIAG_MARK")
		}
		s.Mark = native.Uint32(value)
	case attrCgroupID:
		if len(value) < 8 {
			return true, shortError("INET_DIAG_CGROUP_ID")
		}
		s.Cgroup = native.Uint64(value)
		return true, nil
	}
	return false, nil
}

func parseShutdown(value []byte, s *host.Socket) error {
	if len(value) < 1 {
		return shortError("INET_DIAG_SHUTDOWN")
	}
	s.Shutdown, s.HasShutdown = host.Shutdown(value[0])&(host.ShutdownReceive|host.ShutdownSend), true
	return nil
}

// align4 is NLMSG_ALIGN and NLA_ALIGN.
func align4(n int) int { return (n + 3) &^ 3 }
