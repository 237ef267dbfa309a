package text

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// MishapRow is one thing that went wrong. Empty texts are not known.
type MishapRow struct {
	Time                   time.Time
	State                  string // "" where no socket was met
	Kind                   host.MishapKind
	Segment                string
	Reason, Hook, Function string
	Local, Peer, Owner     string
	NetNS                  string
	Cookie                 uint64
}

// mishapWords are the labels of kinds. They fit into the column of states.
var mishapWords = map[host.MishapKind]string{
	host.Dropped: "mishap-dropped", host.ResetSent: "mishap-reset-sent", host.ResetReceived: "mishap-reset-received",
	host.SegmentResent: "mishap-resent", host.SYNACKResent: "mishap-resent", host.SocketError: "mishap-error",
}

// WriteMishap prints one mishap among transitions: the state that it met, what it
// is, and, where the owner stands, what it struck and why.
func (t *Trace) WriteMishap(r MishapRow) error {
	if err := t.begin(); err != nil {
		return err
	}
	state, _ := tcp.ParseState(r.State)
	return t.table.write(t.out, "", t.mishapCells(r), func(i int) ansi.Style {
		switch i {
		case 0:
			return dim
		case 1:
			return stateTone(state)
		case 2, 3:
			return red
		}
		return plain
	})
}

func (t *Trace) mishapCells(r MishapRow) []string {
	last := r.why(t.table.style)
	if r.Owner != "" {
		last = strings.TrimSpace(last + "  " + r.Owner)
	}
	return []string{
		r.Time.Local().Format("15:04:05.000000"), or(r.State, "-"), "✗", t.table.style.say(mishapWords[r.Kind]), "-", r.Local, or(r.Peer, "-"),
		"-", or(r.Reason, "-"), "event", r.NetNS, strconv.FormatUint(r.Cookie, 10), or(last, "-"),
	}
}

// why says what was struck, why, and where: "SYN,ACK: NETFILTER_DROP at output".
func (r *MishapRow) why(style Style) string {
	why := r.Reason
	switch {
	case r.Hook != "":
		why = style.say("mishap-at", why, r.Hook)
	case r.Function != "":
		why = style.say("mishap-in", why, r.Function)
	}
	if r.Segment != "" && why != "" {
		return r.Segment + ": " + why
	}
	return r.Segment + why
}

// Mishaps prints how often what went wrong, and the line under it.
func Mishaps(w io.Writer, rows []host.MishapCount, took time.Duration, style Style) error {
	t := &table{style: style, columns: []column{
		{title: style.say("head-what")}, {title: style.say("head-state")}, {title: style.say("head-segment")}, {title: style.say("head-reason")},
		{title: style.say("head-count"), right: true}, {title: style.say("head-per-second"), right: true},
	}}
	t.measure(t.titles())
	var all uint64
	for i := range rows {
		t.measure(mishapCountCells(&rows[i], took, style))
		all += rows[i].Count
	}
	if len(rows) > 0 {
		if err := t.write(w, "", t.titles(), func(int) ansi.Style { return dim }); err != nil {
			return err
		}
	}
	for i := range rows {
		tones := func(column int) ansi.Style {
			return []ansi.Style{red, stateTone(rows[i].State), plain, plain, plain, plain}[column]
		}
		if err := t.write(w, "", mishapCountCells(&rows[i], took, style), tones); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, style.say("mishaps-made", style.say("trace-mishaps", all), fmt.Sprintf("%.1f", took.Seconds())))
	return err
}

func mishapCountCells(m *host.MishapCount, took time.Duration, style Style) []string {
	state := "-"
	if m.State != tcp.Unknown {
		state = m.State.String()
	}
	why := MishapRow{Reason: m.Reason, Hook: string(m.Hook), Function: m.Function}
	return []string{
		style.say(mishapWords[m.Kind]), state, or(m.Segment, "-"), or(why.why(style), "-"), strconv.FormatUint(m.Count, 10),
		strconv.FormatFloat(float64(m.Count)/max(took.Seconds(), 1e-3), 'f', 1, 64),
	}
}
