package pasted

import (
	"errors"
	"fmt"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Tool names a format.
type Tool string

// The formats. A BSD table without the columns of macOS is "netstat bsd"
// wherever it came from: the two cannot be told apart.
const (
	NetstatLinux   Tool = "netstat linux"
	NetstatBSD     Tool = "netstat bsd"
	NetstatMacOS   Tool = "netstat macos"
	NetstatWindows Tool = "netstat windows"
	SS             Tool = "ss"
	Proc           Tool = "proc"   // /proc/net/tcp, /proc/net/tcp6
	CountLines     Tool = "counts" // a state and a number on each line
)

// Text is what was read.
type Text struct {
	Tool    Tool          // the format of most rows
	Sockets []host.Socket // in the order of the text; nil after Scan and for CountLines
	Owners  []Owner       // by Socket; nil after Scan
	Counts  tcp.Counts    // sockets by state, or the sums that count lines give
	Knows   Knows

	Lines   int // lines of the text
	Rows    int // TCP sockets among them
	Other   int // rows of other protocols: UDP, UNIX domain, raw, ...
	Cut     int // sockets with an address that the tool shortened to its column (netstat without -W): the zero Addr stands for it
	Named   int // sockets with a name in place of an address or port (no -n): the zero Addr or port 0 stands for it
	Damaged int // TCP rows that could not be read

	// Skipped are the first Damaged lines, at most MaxSkipped.
	Skipped []Skipped
}

// MaxSkipped bounds Text.Skipped.
const MaxSkipped = 100

// Skipped is a line that begins as a TCP row and could not be read.
type Skipped struct {
	Line   int // from 1
	Reason string
}

// String returns "line 3: reason".
func (s Skipped) String() string { return fmt.Sprintf("line %d: %s", s.Line, s.Reason) }

// Knows says which facts the text holds. False is certain: no row tells the
// fact, and zero in host.Socket means unknown. True means that at least one row
// tells it.
type Knows struct {
	Addresses    bool // both ends; false for counts
	Queues       bool // bytes in the queues of connections
	AcceptQueues bool // connections waiting on listeners (Linux only)
	Backlogs     bool // the most that may wait on listeners (ss only); without it their SendQueue is no limit
	Timers       bool // timer, its time left, unanswered retransmissions; on a request netstat and /proc count expiries of the timer, ss SYN-ACKs sent again
	Owners       bool // processes; a socket without one may belong to one that the caller could not see
	Inodes       bool // without them an orphan looks like a socket with an unseen owner
	UIDs         bool
	Cookies      bool
	Shutdowns    bool
	Info         bool // tcp_info, as far as ss prints it
	Memory       bool // skmem, with the drops of listeners
}

// Owner is a process that the text names beside a socket.
type Owner struct {
	Socket int // index in Text.Sockets
	PID    int // 0 when only the name is given
	FD     int // -1 when not given
	Name   string
}

// Row is one socket with its owners. Scan reuses it: copy what you keep.
type Row struct {
	Line   int // from 1
	Tool   Tool
	Socket host.Socket
	Owners []Owner // their Socket counts the rows from 0
}

// ErrNoRow says that no line of the text is a TCP socket or a count.
var ErrNoRow = errors.New("no line shows a TCP socket or counts a state: expected the output of netstat -an, ss -tan, /proc/net/tcp, or states with their counts")

func (t *Text) empty() error {
	if len(t.Skipped) > 0 {
		return fmt.Errorf("%w; %v", ErrNoRow, t.Skipped[0])
	}
	return ErrNoRow
}

func (t *Text) skip(line int, reason string) {
	t.Damaged++
	if len(t.Skipped) < MaxSkipped {
		t.Skipped = append(t.Skipped, Skipped{Line: line, Reason: reason})
	}
}
