package sockdiag

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// frame makes one netlink message.
func frame(kind, flags uint16, seq uint32, payload ...byte) []byte {
	b := native.AppendUint32(nil, uint32(headerSize+len(payload)))
	b = native.AppendUint16(b, kind)
	b = native.AppendUint16(b, flags)
	b = native.AppendUint32(b, seq)
	b = native.AppendUint32(b, 0)
	b = append(b, payload...)
	return append(b, make([]byte, align4(len(b))-len(b))...)
}

func status(errno int32) []byte { return native.AppendUint32(nil, uint32(-errno)) }

func join(frames ...[]byte) (all []byte) {
	for _, f := range frames {
		all = append(all, f...)
	}
	return all
}

// run feeds datagrams to a stream with sequence number 7 and returns what it
// visited.
func run(visitError error, datagrams ...[]byte) (seen string, r Result, done bool, err error) {
	s := &stream{op: "test dump", kind: typeSockDiagByFamily, seq: 7, result: &r, visit: func(b []byte) error {
		seen += string(b[:1])
		return visitError
	}}
	for _, d := range datagrams {
		if done, err = s.datagram(d); done || err != nil {
			break
		}
	}
	return seen, r, done, err
}

func TestStream(t *testing.T) {
	a, b, c := frame(20, 2, 7, 'a'), frame(20, 2, 7, 'b', 'b'), frame(20, 2, 7, 'c')
	end := frame(typeDone, 2, 7, status(0)...)
	for _, test := range []struct {
		name        string
		datagrams   [][]byte
		seen        string
		done        bool
		interrupted bool
	}{
		{"one datagram", [][]byte{join(a, b, end)}, "ab", true, false},
		{"several", [][]byte{join(a, b), c, end}, "abc", true, false},
		{"nothing", [][]byte{end}, "", true, false},
		{"no end yet", [][]byte{join(a, b)}, "ab", false, false},
		{"interrupted", [][]byte{frame(20, flagDumpInterrupted, 7, 'a'), end}, "a", true, true},
		{"interrupted at the end", [][]byte{a, frame(typeDone, flagDumpInterrupted, 7)}, "a", true, true},
		{"answer to an older request", [][]byte{frame(20, 2, 6, 'x'), frame(typeDone, 2, 6), join(a, end)}, "a", true, false},
		{"other types", [][]byte{frame(1, 0, 7), frame(99, 0, 7, 'x'), join(a, end)}, "a", true, false},
		{"after the end", [][]byte{join(a, end, b)}, "a", true, false},
		{"acknowledgement", [][]byte{frame(typeError, 0, 7, status(0)...)}, "", true, false},
	} {
		seen, r, done, err := run(nil, test.datagrams...)
		if seen != test.seen || done != test.done || r.Interrupted != test.interrupted || r.Sockets != len(test.seen) || err != nil {
			t.Errorf("%s: %q, done %v, %+v, %v", test.name, seen, done, r, err)
		}
	}
}

func TestStreamErrors(t *testing.T) {
	for _, test := range []struct {
		datagram []byte
		errno    syscall.Errno
		advice   string
	}{
		{frame(typeError, 0, 7, status(1)...), 1, "seccomp"},
		{frame(typeError, 0, 7, status(2)...), 2, "modprobe tcp_diag"},
		{frame(typeDone, 0, 7, status(105)...), 105, "try again"},
		{frame(typeError, 0, 7, status(999)...), 999, ""},
	} {
		_, _, done, err := run(nil, test.datagram)
		var kernel *KernelError
		if !done || !errors.As(err, &kernel) || !errors.Is(err, test.errno) {
			t.Errorf("errno %d: %v", test.errno, err)
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, "test dump: ") || !strings.Contains(text, test.advice) {
			t.Errorf("errno %d says %q", test.errno, text)
		}
	}
}

func TestStreamRefusesDamage(t *testing.T) {
	a := frame(20, 2, 7, 'a')
	for name, datagram := range map[string][]byte{
		"half a header": join(a, a[:10]),
		"too long":      join(a, frame(20, 2, 7, make([]byte, 8)...)[:20]),
		"length 15":     join(a, native.AppendUint32(nil, 15), make([]byte, 12)),
	} {
		_, _, _, err := run(nil, datagram)
		if parse := (*ParseError)(nil); !errors.As(err, &parse) || parse.Offset != len(a) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stop := errors.New("stop")
	if seen, _, _, err := run(stop, join(a, a)); err != stop || seen != "a" {
		t.Errorf("stopped: %q, %v", seen, err)
	}
}

func FuzzStream(f *testing.F) {
	f.Add(join(frame(20, 2, 7, 'a'), frame(typeDone, 2, 7, status(0)...)))
	f.Add(frame(typeError, 0, 7, status(2)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &stream{kind: 20, seq: 7, result: new(Result), visit: func([]byte) error { return nil }}
		if _, err := s.datagram(b); err == nil && s.result.Sockets*headerSize > len(b) {
			t.Errorf("%d sockets in %d bytes", s.result.Sockets, len(b))
		}
	})
}
