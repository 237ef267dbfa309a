package pasted

import (
	"bytes"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// scanner reads line after line. A row is delivered when the next one begins,
// because ss and Windows go on below a row.
type scanner struct {
	each func(*Row) error
	text Text

	row   Row
	open  bool // row waits for what follows it
	f     fields
	style style
	rows  [len(tools)]int
	names map[string]string // interned process names

	counted        tcp.Counts // of count lines
	countedLines   int
	firstCount     int    // its line
	countListening uint64 // of those under "LISTENING", which may be UNIX sockets
	sawListen      bool
}

// style is how the tool was called, as far as rows show it.
type style struct {
	wide        bool // addresses are printed whole (netstat -W)
	oldSS       bool // ss before 4.14: no brackets, and "*" is IPv4
	endianVotes int  // addresses of /proc that make sense on a big-endian host, less those of a little-endian one
	bigEndian   bool
}

// form is what a line looks like.
type form uint8

const (
	prose form = iota
	other      // a row of another protocol
	unixForm
	windowsForm
	ssForm
	ssStateless
	procForm
	countForm
)

// line reads one line; the error is that of each.
func (s *scanner) line(raw []byte) error {
	s.text.Lines++
	s.f.split(clean(raw))
	form := s.shape()
	if form == prose {
		s.goOn()
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.begin(form)
	return nil
}

// begin reads a line that has the form of a row.
func (s *scanner) begin(f form) {
	s.row = Row{Line: s.text.Lines, Owners: s.row.Owners[:0]}
	reason := ""
	switch f {
	case prose:
		return
	case other:
		s.text.Other++
		return
	case countForm:
		s.countLine()
		return
	case unixForm:
		reason = s.unixRow()
	case windowsForm:
		reason = s.windowsRow()
	case ssForm:
		reason = s.ssRow()
	case ssStateless:
		reason = "no state: ss leaves the column out when a single state is asked for"
	case procForm:
		reason = s.procRow()
	}
	if reason != "" {
		s.text.skip(s.text.Lines, reason)
		return
	}
	s.open = true
}

// goOn reads a line that is no row as more of the row above it.
func (s *scanner) goOn() {
	if !s.open || len(s.f.words) == 0 {
		return
	}
	switch {
	case s.row.Tool == SS && s.f.indented():
		s.ssMore(s.f.line)
	case s.row.Tool == NetstatWindows:
		s.windowsProgram()
	}
}

// flush delivers the row that waits.
func (s *scanner) flush() error {
	if !s.open {
		return nil
	}
	s.open = false
	s.settleKind()
	s.text.Counts[s.row.Socket.State]++
	for i := range s.row.Owners {
		s.row.Owners[i].Socket = s.text.Rows
	}
	s.text.Rows++
	s.rows[s.row.Tool.index()]++
	return s.each(&s.row)
}

// settleKind tells the kernel objects apart as far as a row can: half-open
// requests have no inode, and only minisockets run the time-wait timer.
func (s *scanner) settleKind() {
	socket := &s.row.Socket
	switch {
	case socket.State == tcp.TimeWait || socket.Timer == host.TimerTimeWait:
		socket.Kind = host.TimeWaitKind
	case socket.State == tcp.SynReceived && socket.Inode == 0 && len(s.row.Owners) == 0:
		socket.Kind = host.Request
	}
}

// shape tells what the line is by its first words.
func (s *scanner) shape() form {
	f := &s.f
	if len(f.words) < 2 {
		return prose
	}
	first := f.words[0]
	switch {
	case isTCP(first):
		return s.tcpShape()
	case isProcSlot(first) && isHexEnd(f.words[1]):
		return procForm
	case isNumber(first):
		return s.numberShape()
	case isOther(first):
		return other
	case len(f.words) > 3 && isTCP(f.words[1]) && isNumber(f.words[2]) && isPointer(first):
		f.drop() // BSD -A begins with the address of the control block
		return s.tcpShape()
	}
	return s.stateShape()
}

// tcpShape tells formats apart whose rows begin with the protocol.
func (s *scanner) tcpShape() form {
	f := &s.f
	second := f.word(1)
	_, isState := stateOf(second)
	switch {
	case isNumber(second):
		return unixForm
	case isState:
		f.drop() // ss with its Netid column
		return s.stateShape()
	case bytes.IndexByte(second, ':') > 0:
		return windowsForm
	}
	return prose
}

// stateShape: a row of ss, or a state with its count.
func (s *scanner) stateShape() form {
	f := &s.f
	if len(f.words) < 2 || !isNumber(f.words[1]) {
		return prose
	}
	word := f.words[0]
	if len(f.words) == 2 {
		word = bytes.TrimRight(word, ":=")
	}
	_, isState := stateOf(word)
	switch {
	case !isState:
		return prose
	case len(f.words) == 2:
		return countForm
	case isNumber(f.words[2]):
		return ssForm
	}
	return prose
}

// numberShape: a count with its state, or ss without states.
func (s *scanner) numberShape() form {
	f := &s.f
	last := f.words[len(f.words)-1]
	_, isState := stateOf(last)
	switch {
	case isState && (len(f.words) == 2 || len(f.words) == 3 && isTCP(f.words[1])):
		return countForm
	case len(f.words) >= 4 && isNumber(f.words[1]) && isColonEnd(f.words[2]) && isColonEnd(f.words[3]):
		return ssStateless
	}
	return prose
}

func isNumber(b []byte) bool {
	_, ok := decimal(b, 1<<62)
	return ok
}

func isColonEnd(b []byte) bool {
	_, ok := readColon(b, v4)
	return ok
}

// isTCP knows "tcp", "TCP", "tcp4", "tcp6" and "tcp46".
func isTCP(b []byte) bool {
	if len(b) < 3 || len(b) > 5 || b[0]|0x20 != 't' || b[1]|0x20 != 'c' || b[2]|0x20 != 'p' {
		return false
	}
	switch string(b[3:]) {
	case "", "4", "6", "46":
		return true
	}
	return false
}

// isPointer: at least eight hexadecimal digits, as in "fffff80123456789".
func isPointer(b []byte) bool {
	_, ok := hexadecimal(b)
	return ok && len(b) >= 8
}

// others are the first words of rows of other protocols.
var others = func() map[string]bool {
	known := map[string]bool{}
	for _, word := range []string{
		"udp", "udp4", "udp6", "udp46", "UDP", "udplite", "udpl", "udplite6", "raw", "raw6", "icmp", "icm4", "icm6", "icmp4", "icmp6",
		"unix", "sctp", "sctp4", "sctp6", "dccp", "mptcp", "tipc", "vsock", "xdp", "kctl", "kevt", "netlink", "nl", "p_raw", "p_dgr",
		"u_str", "u_dgr", "u_seq", "v_str", "v_dgr", "v_seq", "ti_st", "ti_dg", "ti_rd", "ti_sq", "p_sock", "l2cap", "rfcomm", "divert",
	} {
		known[word] = true
	}
	return known
}()

func isOther(b []byte) bool { return others[string(b)] }
