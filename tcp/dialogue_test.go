package tcp

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A dialogue is written as RFC 9293 writes its figures: the state of A, arrow,
// segment, arrow, the state of B; states as they are after the line.
//
//  1. CLOSED                                            LISTEN
//  2. SYN-SENT    --> <SEQ=100><CTL=SYN>            --> SYN-RECEIVED
//  3. ESTABLISHED <-- <SEQ=300><ACK=101><CTL=...>   <-- SYN-RECEIVED
//
// "-->  ...", from B "...  <--": the segment is under way. "...  -->", "<--  ...":
// it arrives, the oldest of these words that is under way, or an old duplicate
// that nobody sent just now. An X where it would arrive: it is lost. A line "(A CLOSE)" is a call or timeout, done before the
// next line; (A crash) puts A back into CLOSED with nothing in mind.
type dialogue struct {
	name     string
	a, b     *Endpoint
	atA      []Packet // sent by A, not looked at yet
	atB      []Packet
	parked   []Packet
	now      time.Duration
	happened []string
	wrong    []string
}

var (
	socketA = netip.MustParseAddrPort("192.0.2.1:1024")
	socketB = netip.MustParseAddrPort("198.51.100.2:80")
)

var dialogueLine = regexp.MustCompile(`^\d+\.\s+(\S+)\s+(-->|<--|\.\.\.|X)\s+(<\S+>)\s+(-->|<--|\.\.\.|X)(?:\s+(\S+))?$`)

var dialogueCalls = map[string]Event{
	"passive-OPEN": CallPassiveOpen, "OPEN": CallActiveOpen, "CLOSE": CallClose, "ABORT": CallAbort,
	"2MSL": TimeWaitTimeout, "RTO": RetransmissionTimeout, "R2": RetransmissionExhausted, "USER-TIMEOUT": UserTimeout,
}

// issOf returns a function that takes the ISS of a list one after the other.
func issOf(list *[]Seq) func() Seq {
	return func() Seq {
		first := (*list)[0]
		if len(*list) > 1 {
			*list = (*list)[1:]
		}
		return first
	}
}

func (d *dialogue) end(name string) *Endpoint {
	if name == "A" {
		return d.a
	}
	return d.b
}

func (d *dialogue) step(name string, in Incident) {
	for _, f := range d.end(name).Step(d.now, in) {
		switch {
		case f.Kind != SendPacket:
		case name == "A":
			d.atA = append(d.atA, f.Packet)
		default:
			d.atB = append(d.atB, f.Packet)
		}
	}
}

func (d *dialogue) call(text string) {
	words := strings.Fields(strings.Trim(text, "()"))
	in := Incident{}
	switch {
	case words[1] == "SEND":
		in = Incident{Event: CallSend, Text: []byte(words[2])}
	case words[1] == "crash":
		d.crash(words[0])
		return
	default:
		in.Event = dialogueCalls[words[1]]
	}
	if in.Event == CallActiveOpen {
		in.Foreign = d.end(other(words[0])).Local()
	}
	if in.Event == 0 {
		d.wrong = append(d.wrong, "no such call: "+text)
	}
	d.step(words[0], in)
}

func (d *dialogue) crash(name string) {
	e := d.end(name)
	*e = *NewEndpoint(e.cfg)
	if name == "A" {
		d.atA = nil
	} else {
		d.atB = nil
	}
}

func other(name string) string {
	if name == "A" {
		return "B"
	}
	return "A"
}

// sent takes the next segment of an end out of its queue.
func (d *dialogue) sent(name string) (Packet, bool) {
	queue := &d.atA
	if name == "B" {
		queue = &d.atB
	}
	if len(*queue) == 0 {
		return Packet{}, false
	}
	p := (*queue)[0]
	*queue = (*queue)[1:]
	return p, true
}

// oldOne returns the packet under way with these words, or makes one up that an
// end sent long ago.
func (d *dialogue) oldOne(words, from string) Packet {
	for i, p := range d.parked {
		if p.String() == words {
			d.parked = append(d.parked[:i:i], d.parked[i+1:]...)
			return p
		}
	}
	p := parseWords(words)
	p.Source, p.Destination = socketA, socketB
	if from == "B" {
		p.Source, p.Destination = socketB, socketA
	}
	return p
}

var wordPart = regexp.MustCompile(`<(\w+)=([^>]*)>`)

// parseWords reads <SEQ=1><ACK=2><CTL=SYN,ACK><DATA=5>, with a window of 1000.
func parseWords(words string) Packet {
	p := Packet{Segment: Segment{Window: 1000}}
	for _, part := range wordPart.FindAllStringSubmatch(words, -1) {
		var n uint32
		_, _ = fmt.Sscan(part[2], &n)
		switch part[1] {
		case "SEQ":
			p.Segment.Seq = Seq(n)
		case "ACK":
			p.Segment.Ack = Seq(n)
		case "DATA":
			p.Text = []byte(strings.Repeat("o", int(n)))
			p.Segment.Data = Size(n)
		case "CTL":
			p.Segment.Flags = parseFlags(part[2])
		}
	}
	return p
}

func parseFlags(text string) (f Flags) {
	for _, n := range flagNames {
		for _, word := range strings.Split(text, ",") {
			if word == n.name {
				f |= n.flag
			}
		}
	}
	return f
}

func (d *dialogue) line(number int, text string) {
	m := dialogueLine.FindStringSubmatch(text)
	if m == nil {
		d.states(number, strings.Fields(text))
		return
	}
	left, words, right := m[2], m[3], m[4]
	from, to := "A", "B"
	if left == "<--" || right == "<--" {
		from, to = "B", "A"
	}
	departs := from == "A" && left == "-->" || from == "B" && right == "<--"
	arrives := from == "A" && right == "-->" || from == "B" && left == "<--"
	p := d.leave(departs, from, words)
	switch {
	case arrives:
		d.step(to, Incident{Event: SegmentArrives, Packet: p})
	case left != "X" && right != "X":
		d.parked = append(d.parked, p)
	}
	stateA, stateB := d.a.State().String(), d.b.State().String()
	if m[5] == "" {
		stateB = ""
	}
	d.happened = append(d.happened, strings.TrimRight(fmt.Sprintf("%2d. %-12s %s %-40s %s %s",
		number, stateA, left, p.String(), right, stateB), " "))
	if stateA != m[1] || stateB != m[5] || p.String() != words {
		d.wrong = append(d.wrong, fmt.Sprintf("line %d", number))
	}
}

func (d *dialogue) leave(departs bool, from, words string) Packet {
	if !departs {
		return d.oldOne(words, from)
	}
	p, ok := d.sent(from)
	if !ok {
		d.wrong = append(d.wrong, from+" sends nothing")
	}
	p.Segment.Flags &^= PSH // the figures do not show it
	return p
}

func (d *dialogue) states(number int, words []string) {
	got := []string{d.a.State().String(), d.b.State().String()}
	d.happened = append(d.happened, fmt.Sprintf("%2d. %-12s %50s %s", number, got[0], "", got[1]))
	if len(words) != 3 || words[1] != got[0] || words[2] != got[1] {
		d.wrong = append(d.wrong, fmt.Sprintf("line %d", number))
	}
}

// play plays the lines and reports, in the RFC's form, what happened instead.
func (d *dialogue) play(t *testing.T, script string) {
	t.Helper()
	number := 0
	for _, text := range strings.Split(strings.TrimSpace(script), "\n") {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "(") {
			d.call(text)
			d.happened = append(d.happened, "    "+text)
			continue
		}
		number++
		d.line(number, text)
	}
	for _, end := range []string{"A", "B"} {
		if p, more := d.sent(end); more {
			d.wrong = append(d.wrong, fmt.Sprintf("%s also sends %v", end, p))
		}
	}
	if d.wrong != nil {
		t.Errorf("%s: %s\nwant\n%s\ngot\n%s", d.name, strings.Join(d.wrong, "; "), script, strings.Join(d.happened, "\n"))
	}
}

// meet makes two ends in CLOSED whose ISS are those of the lists.
func meet(name string, issA, issB []Seq, change func(*EndpointConfig)) *dialogue {
	d := &dialogue{name: name, now: time.Hour}
	a := EndpointConfig{Local: socketA, Foreign: socketB, ISS: issOf(&issA), ReceiveBuffer: 1000, AutoReceive: true}
	b := EndpointConfig{Local: socketB, ISS: issOf(&issB), ReceiveBuffer: 1000, AutoReceive: true}
	if change != nil {
		change(&a)
		change(&b)
	}
	d.a, d.b = NewEndpoint(a), NewEndpoint(b)
	return d
}
