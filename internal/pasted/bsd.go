package pasted

import (
	"bytes"

	"github.com/synoptic-net/synoptic/tcp"
)

// bsdHost is how many bytes BSD and macOS print of an address before they
// shorten it.
const bsdHost = 16

// bsdRow reads the rest of a row of BSD or macOS netstat; tail is the word
// after the state.
func (s *scanner) bsdRow(tail int) string {
	f := &s.f
	local, ok := s.bsdEnd(f.words[3])
	if !ok {
		return badAddress(f.words[3])
	}
	remote, ok := s.bsdEnd(f.words[4])
	if !ok {
		return badAddress(f.words[4])
	}
	s.row.Tool = NetstatBSD
	s.setEnds(local, remote)
	s.text.Knows.Queues = s.text.Knows.Queues || s.row.Socket.State != tcp.Listen
	if tail < len(f.words) {
		s.macTail(f.words[tail:], tail)
	}
	return ""
}

// bsdEnd reads "address.port", where the address may hold colons or dots too.
func (s *scanner) bsdEnd(column []byte) (end, bool) {
	dot := bytes.LastIndexByte(column, '.')
	if dot < 0 {
		return end{}, false
	}
	addr, port := column[:dot], column[dot+1:]
	f := v4
	if protocol := s.f.words[0]; protocol[len(protocol)-1] == '6' {
		f = v6
	}
	e, ok := readEnd(addr, port, f)
	if !isIPv6Text(addr) {
		return e, ok
	}
	s.style.wide = s.style.wide || len(addr) > bsdHost
	if len(addr) == bsdHost && !s.style.wide && !fullLength(addr) {
		n, numeric := readPort(port)
		return cutEnd(n), numeric
	}
	return e, ok
}

// macTail reads the columns that macOS adds with -v. Releases differ:
//
//	rhiwat shiwat pid epid state options
//	rxbytes txbytes rhiwat shiwat pid epid state options
//	rxbytes txbytes rhiwat shiwat process:pid state options
func (s *scanner) macTail(words [][]byte, at int) {
	numbers := 0
	for numbers < len(words) && isNumber(words[numbers]) && !isMask(words[numbers]) {
		numbers++
	}
	switch {
	case numbers >= 6:
		s.macOwner(words[4], nil)
	case numbers == 4 && !s.macProcess(words[4:], at+4):
		s.macOwner(words[2], nil)
	case numbers < 4:
		return
	}
	s.row.Tool = NetstatMacOS
}

// macProcess reads "process:pid"; the name may hold blanks.
func (s *scanner) macProcess(words [][]byte, at int) bool {
	for i, word := range words {
		if colon := bytes.LastIndexByte(word, ':'); colon >= 0 && isNumber(word[colon+1:]) {
			whole := s.f.between(at, at+i+1)
			s.macOwner(word[colon+1:], whole[:len(whole)-len(word)+colon])
			return true
		}
	}
	return false
}

func (s *scanner) macOwner(pid, name []byte) {
	s.text.Knows.Owners = true
	if n, ok := decimal(pid, maxPID); ok && n > 0 {
		s.own(int(n), -1, name)
	}
}

// isMask: state and options are hexadecimal of fixed width.
func isMask(b []byte) bool { return len(b) >= 5 && b[0] == '0' }
