package pasted

import (
	"bytes"

	"github.com/synoptic-net/synoptic/tcp"
)

// linuxColumn is how many bytes net-tools gives an address with its port before
// it shortens the address (22, and the colon).
const linuxColumn = 23

// linuxRow reads the rest of a row of net-tools; tail is the word after the
// state.
func (s *scanner) linuxRow(tail int) string {
	f := &s.f
	local, ok := s.linuxEnd(f.words[3])
	if !ok {
		return badAddress(f.words[3])
	}
	remote, ok := s.linuxEnd(f.words[4])
	if !ok {
		return badAddress(f.words[4])
	}
	s.row.Tool = NetstatLinux
	s.setEnds(local, remote)
	s.text.Knows.Queues = s.text.Knows.Queues || s.row.Socket.State != tcp.Listen
	s.text.Knows.AcceptQueues = s.text.Knows.AcceptQueues || s.row.Socket.State == tcp.Listen
	s.linuxTail(tail)
	return ""
}

// linuxEnd reads "address:port". A column that is exactly full may hide the end
// of a longer IPv6 address, unless other rows show that nothing is shortened.
func (s *scanner) linuxEnd(column []byte) (end, bool) {
	f := v4
	if string(s.f.words[0]) == "tcp6" {
		f = v6
	}
	addr, port := splitColon(column)
	e, ok := readEnd(addr, port, f)
	s.style.wide = s.style.wide || len(column) > linuxColumn
	full := len(column) == linuxColumn && !s.style.wide && isIPv6Text(addr) && !fullLength(addr)
	if !full || len(port) == 0 {
		return e, ok
	}
	n, _ := readPort(port)
	return cutEnd(n), true
}

// linuxTail reads the columns that options add after the state: user and inode
// (-e), process (-p), timer (-o), in this order.
func (s *scanner) linuxTail(i int) {
	last := len(s.f.words)
	if last-i >= 2 && s.netstatTimer(s.f.words[last-2], s.f.words[last-1]) {
		last -= 2
	}
	if last-i >= 2 && isNumber(s.f.words[i+1]) && bytes.IndexByte(s.f.words[i], '/') < 0 {
		s.linuxUser(i)
		i += 2
	}
	if i < last {
		s.linuxProgram(s.f.between(i, last))
	}
}

// linuxUser reads the user, a number only with -n, and the inode.
func (s *scanner) linuxUser(i int) {
	inode, _ := u32(s.f.words[i+1])
	s.row.Socket.Inode = inode
	s.text.Knows.Inodes = true
	if uid, ok := u32(s.f.words[i]); ok {
		s.row.Socket.UID = uid
		s.text.Knows.UIDs = true
	}
}

// linuxProgram reads "812/nginx: master"; "-" stands for none or one that the
// caller was not allowed to see.
func (s *scanner) linuxProgram(b []byte) {
	if string(b) == "-" {
		s.text.Knows.Owners = true
		return
	}
	for i, c := range b {
		if c != '/' {
			continue
		}
		if pid, ok := decimal(b[:i], maxPID); ok {
			s.own(int(pid), -1, b[i+1:])
		}
		return
	}
}
