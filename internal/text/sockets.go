package text

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/tcp"
)

// SocketRow is a socket, what it has ahead, the word for who holds it, and lines
// that follow it.
type SocketRow struct {
	Socket  *host.Socket
	Fate    fate.Outlook
	Owner   string
	Details []string
}

// SocketsAs says how to show sockets.
type SocketsAs struct {
	Wide bool // with what is seldom needed
	Bare bool // without titles
}

// Sockets prints a table of sockets by state, port and peer, and sorts rows so.
// A narrow terminal loses columns rather than parts of addresses.
func Sockets(w io.Writer, rows []SocketRow, as SocketsAs, style Style) error {
	slices.SortFunc(rows, bySocket)
	t, say := socketTable(as.Wide, style), leavingWords(style)
	if !as.Bare {
		t.measure(t.titles())
	}
	for _, row := range rows {
		t.measure(socketCells(row, &say))
	}
	t.fit()
	out := bufio.NewWriterSize(w, 64<<10)
	if !as.Bare {
		if err := t.write(out, "", t.titles(), func(int) ansi.Style { return dim }); err != nil {
			return err
		}
	}
	for _, row := range rows {
		tone := stateTone(row.Socket.State)
		err := t.write(out, "", socketCells(row, &say), func(i int) ansi.Style {
			if i == 0 {
				return tone
			}
			return plain
		})
		if err != nil {
			return err
		}
		for _, line := range row.Details {
			fmt.Fprintln(out, "    "+line) // a bufio.Writer keeps its error for Flush
		}
	}
	return out.Flush()
}

func bySocket(a, b SocketRow) int {
	return cmp.Or(
		cmp.Compare(a.Socket.State, b.Socket.State),
		cmp.Compare(a.Socket.Local.Port(), b.Socket.Local.Port()),
		a.Socket.Local.Compare(b.Socket.Local), a.Socket.Remote.Compare(b.Socket.Remote),
	)
}

func socketTable(wide bool, style Style) *table {
	t := &table{style: style, columns: []column{
		{title: style.say("head-state")}, {title: style.say("head-kind"), spare: 4}, {title: style.say("head-recv-queue"), right: true, spare: 1}, {title: style.say("head-send-queue"), right: true, spare: 1},
		{title: style.say("head-local")}, {title: style.say("head-peer")}, {title: style.say("head-timer"), spare: 2}, {title: style.say("head-leaves"), spare: 2}, {title: style.say("head-owner")},
		{title: style.say("head-uid"), right: true, gone: !wide}, {title: style.say("head-inode"), right: true, gone: !wide}, {title: style.say("head-cookie"), right: true, gone: !wide},
	}}
	if wide {
		t.style.Width = 0
	}
	return t
}

func socketCells(row SocketRow, say *leaving) []string {
	s := row.Socket
	return []string{
		s.State.String(), s.Kind.String(), number(s.RecvQueue), number(s.SendQueue),
		s.Local.String(), endpoint(s.Remote), Timer(s), say.leaves(row.Fate), lines.Clean(row.Owner),
		number(s.UID), number(s.Inode), strconv.FormatUint(s.Cookie, 10),
	}
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// endpoint shows an address and port; a listener has no peer.
func endpoint(a netip.AddrPort) string {
	if !a.IsValid() || a.Port() == 0 && a.Addr().IsUnspecified() {
		return "*"
	}
	return a.String()
}

// leaving are the words of a column that may have a million rows: they are said
// once.
type leaving struct{ in, onClose, never string }

func leavingWords(style Style) leaving {
	return leaving{style.say("leaves-in", "%s"), style.say("leaves-on-close"), style.say("leaves-never")}
}

// leaves says when the socket leaves its state at the latest if nothing else
// happens: a time, or whose move it is.
func (l *leaving) leaves(o fate.Outlook) string {
	switch {
	case !o.Forever && o.Reason == "":
		return "?"
	case !o.Forever:
		return fmt.Sprintf(l.in, short(o.Within))
	case o.Reason == fate.Program:
		return l.onClose
	default:
		return l.never
	}
}

// Timer shows the timer of a socket in one word or two: kind, time left, how
// often it went off in vain.
func Timer(s *host.Socket) string {
	if s.Timer == host.TimerOff {
		return "-"
	}
	text := s.Timer.String() + " " + short(s.Expires)
	if s.Retransmits > 0 {
		text += fmt.Sprintf(" x%d", s.Retransmits)
	}
	return text
}

// short shows a time with the two digits that matter.
func short(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	default:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
}

// stateTone sets apart what is wrong more often than not; the word says which
// state it is.
func stateTone(s tcp.State) ansi.Style {
	switch s {
	case tcp.Established:
		return green
	case tcp.Listen:
		return cyan
	case tcp.CloseWait, tcp.LastAck, tcp.Closing, tcp.FinWait1, tcp.FinWait2:
		return yellow
	case tcp.SynSent, tcp.SynReceived:
		return blue
	case tcp.TimeWait, tcp.Closed, tcp.Unknown:
		return dim
	default:
		return plain
	}
}
