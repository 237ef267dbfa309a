package track

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// line of a dialogue: "> SYN 100" is sent by the Originator, "< SYN,ACK 300 101"
// by the Responder; behind sequence and acknowledgment numbers, the octets of
// text, the window ("w0"), a window scale option
// ("s7"), the seconds that went by before ("+61"), an IP identification ("#7"),
// a SACK block ("k10-20"), a hop limit ("h63"), an option of a wrong size ("bad")
// and an acknowledgment number without its bit ("u5"). What follows
// "|" are the states behind it: the likely one, with "?" where others are
// possible.
func speak(t *testing.T, tr *Tracker, dialogue string) *Conn {
	t.Helper()
	now := time.Unix(1_700_000_000, 0)
	var last *Conn
	for number, text := range strings.Split(strings.TrimSpace(dialogue), "\n") {
		said, want, _ := strings.Cut(text, "|")
		if strings.TrimSpace(said) == "" {
			continue
		}
		s := parseLine(t, strings.Fields(said), &now)
		s.Number = uint64(number + 1)
		tr.Add(&s)
		tr.Each(func(c *Conn) bool { last = c; return true })
		if last == nil {
			t.Fatalf("line %d: nothing is listed", number+1)
		}
		got := describe(&last.Originator) + " " + describe(&last.Responder)
		if want = strings.Join(strings.Fields(want), " "); want != "" && got != want {
			t.Errorf("line %d, %s: %s, want %s (%v | %v)", number+1, strings.TrimSpace(said), got, want, last.Originator.Possible, last.Responder.Possible)
		}
	}
	return last
}

func describe(e *End) string {
	if e.Certain() {
		return e.State.String()
	}
	return e.State.String() + "?"
}

func parseLine(t *testing.T, words []string, now *time.Time) (s packet.Segment) {
	t.Helper()
	*now = now.Add(time.Millisecond)
	tuple := packet.Tuple{
		Source: packet.Address4(0x0a000001), Destination: packet.Address4(0x0a000002), SourcePort: 40000, DestinationPort: 443,
	}
	if words[0] == "<" {
		tuple = tuple.Reverse()
	}
	s = packet.Segment{Tuple: tuple, IPVersion: 4, TCP: tcp.Segment{Window: 65535}}
	for _, name := range strings.Split(words[1], ",") {
		s.TCP.Flags |= map[string]tcp.Flags{"SYN": tcp.SYN, "ACK": tcp.ACK, "FIN": tcp.FIN, "RST": tcp.RST, "-": 0}[name]
	}
	var numbers []uint32
	for _, word := range words[2:] {
		var n uint32
		var block packet.Block
		switch {
		case word == "bad":
			s.Marks |= packet.OptionsMalformed
		case scan(word, "u%d", &n):
			s.TCP.Ack = tcp.Seq(n)
		case scan(word, "#%d", &n):
			s.ID = n
		case scan(word, "h%d", &n):
			s.TTL = uint8(n)
		case scanBlock(word, &block):
			s.Options.Set |= packet.OptionSACK
			s.Options.SACK[s.Options.Blocks] = block
			s.Options.Blocks++
		case scan(word, "w%d", &n):
			s.TCP.Window = tcp.Size(n)
		case scan(word, "s%d", &n):
			s.Options = packet.Options{Set: packet.OptionWindowScale, Scale: uint8(n)}
		case scan(word, "+%d", &n):
			*now = now.Add(time.Duration(n) * time.Second)
		case scan(word, "%d", &n):
			numbers = append(numbers, n)
		default:
			t.Fatalf("%q is no part of a line", word)
		}
	}
	numbers = append(numbers, 0, 0, 0)
	s.TCP.Seq = tcp.Seq(numbers[0])
	if s.TCP.Flags.Has(tcp.ACK) {
		s.TCP.Ack, s.TCP.Data = tcp.Seq(numbers[1]), tcp.Size(numbers[2])
	} else {
		s.TCP.Data = tcp.Size(numbers[1])
	}
	s.Time = now.UnixNano()
	return s
}

func scan(word, format string, n *uint32) bool {
	got, err := fmt.Sscanf(word, format, n)
	return got == 1 && err == nil
}

func scanBlock(word string, b *packet.Block) bool {
	got, err := fmt.Sscanf(word, "k%d-%d", &b.Left, &b.Right)
	return got == 2 && err == nil
}

const handshake = `
> SYN 100           | SYN-SENT UNKNOWN?
< SYN,ACK 300 101   | SYN-SENT? SYN-RECEIVED
> ACK 101 301       | ESTABLISHED ESTABLISHED?
`

// dialogues are stated by hand from RFC 9293 and the RFCs named.
var dialogues = []struct {
	name, lines, word, history string
	odd                        Anomalies
}{
	{"figure 6, text, figure 12", handshake + `
> ACK 101 301 5     | ESTABLISHED ESTABLISHED?
< ACK 301 106       | ESTABLISHED ESTABLISHED
< ACK 301 106 7     | ESTABLISHED ESTABLISHED
> FIN,ACK 106 308   | FIN-WAIT-1 CLOSE-WAIT?
< ACK 308 107       | FIN-WAIT-2? CLOSE-WAIT
< FIN,ACK 308 107   | TIME-WAIT? LAST-ACK
> ACK 107 309       | TIME-WAIT CLOSED?`, "SF", "ShADadFf", 0},
	{"FIN and ACK in one", handshake + `
> FIN,ACK 101 301   | FIN-WAIT-1 CLOSE-WAIT?
< FIN,ACK 301 102   | TIME-WAIT? LAST-ACK`, "SF", "ShAFf", 0},
	{"figure 7, simultaneous open", `
> SYN 100           | SYN-SENT UNKNOWN?
< SYN 300           | SYN-RECEIVED? SYN-RECEIVED?
> SYN,ACK 100 301   | SYN-RECEIVED SYN-RECEIVED?
< SYN,ACK 300 101   | ESTABLISHED? ESTABLISHED?`, "S1", "SsHh", BothSYN},
	{"figure 13, simultaneous close", handshake + `
> ACK 101 301 5
< ACK 301 106
> FIN,ACK 106 301   | FIN-WAIT-1 CLOSE-WAIT?
< FIN,ACK 301 106   | CLOSING? CLOSING?
> ACK 107 302       | CLOSING TIME-WAIT?
< ACK 302 107       | TIME-WAIT? TIME-WAIT?`, "SF", "ShADaFf", BothFIN},
	{"half-close", handshake + `
> FIN,ACK 101 301
< ACK 301 102       | FIN-WAIT-2? CLOSE-WAIT
< ACK 301 102 500   | FIN-WAIT-2? CLOSE-WAIT
> ACK 102 801       | FIN-WAIT-2? CLOSE-WAIT`, "S2", "ShAFad", 0},
	{"refused", `
> SYN 100           | SYN-SENT UNKNOWN?
< RST,ACK 0 101     | CLOSED? CLOSED`, "REJ", "Sr", 0},
	{"a RST without ACK to SYN-SENT, RFC 9293 section 3.10.7.3", `
> SYN 100
< RST 77            | SYN-SENT? UNKNOWN?
> SYN 100 +1        | SYN-SENT? UNKNOWN?`, "REJ", "Sr", SYNAgain | ResetInexact},
	{"unanswered", `
> SYN 100
> SYN 100 +1
> SYN 100 +2        | SYN-SENT UNKNOWN?`, "S0", "S", SYNAgain},
	{"the SYN,ACK is lost behind the tap", `
> SYN 100
< SYN,ACK 300 101   | SYN-SENT? SYN-RECEIVED
< SYN,ACK 300 101 +1| SYN-SENT? SYN-RECEIVED
> SYN 100           | SYN-SENT? SYN-RECEIVED`, "S1", "Sh", SYNAgain | SYNACKAgain},
	{"reset in order, RFC 5961 section 3.2", handshake + `
< ACK 301 101 9     | ESTABLISHED ESTABLISHED
< RST 310           | CLOSED? CLOSED`, "RSTR", "ShAdr", 0},
	{"reset in the window, not exact", handshake + `
< RST 400           | ESTABLISHED? ESTABLISHED?
> ACK 101 301       | ESTABLISHED? ESTABLISHED?`, "RSTR", "ShAr", ResetInexact},
	{"reset outside the window", handshake + `
< RST 2000000000    | ESTABLISHED ESTABLISHED?`, "S1", "ShAr", ResetOutside},
	{"aborted by the Originator", handshake + `
> RST,ACK 101 301   | CLOSED CLOSED?`, "RSTO", "ShAR", 0},
	{"SYN inside, RFC 5961 section 4", handshake + `
< ACK 301 101 9     | ESTABLISHED ESTABLISHED
> ACK 101 310       | ESTABLISHED ESTABLISHED
> SYN 9000 +1       | ESTABLISHED? ESTABLISHED
< ACK 310 101       | ESTABLISHED? ESTABLISHED
> ACK 101 310       | ESTABLISHED ESTABLISHED`, "S1", "ShAda", SYNInside},
	{"the SYN is captured behind its answer", `
< SYN,ACK 300 101   | UNKNOWN? SYN-RECEIVED?
> SYN 100           | SYN-SENT? SYN-RECEIVED?
> ACK 101 301       | ESTABLISHED ESTABLISHED?`, "S1", "hSA", 0},
	{"from the middle", `
< ACK 300 101 50    | UNKNOWN? ESTABLISHED?
> ACK 101 350       | ESTABLISHED? ESTABLISHED?
> FIN,ACK 101 350   | FIN-WAIT-1 CLOSE-WAIT?
< ACK 350 102       | FIN-WAIT-2? CLOSE-WAIT?
< FIN,ACK 350 102   | TIME-WAIT? LAST-ACK?
> ACK 102 351       | TIME-WAIT CLOSED?`, "SF", "^dAFaf", 0},
	{"only the Originator is captured", `
> SYN 100
> ACK 101 301       | ESTABLISHED? UNKNOWN?
> ACK 101 301 5     | ESTABLISHED? UNKNOWN?
> FIN,ACK 106 301   | FIN-WAIT-1? UNKNOWN?`, "SH", "SADF", 0},
	{"keep-alive and its answer", handshake + `
> ACK 101 301 1
< ACK 301 102
> ACK 101 301 +75   | ESTABLISHED ESTABLISHED
< ACK 301 102       | ESTABLISHED ESTABLISHED`, "S1", "ShADa", Keepalive | KeepaliveACK},
	{"closed window and a probe", handshake + `
> ACK 101 301 1
< ACK 301 102 w0
> ACK 102 301 1 +1  | ESTABLISHED ESTABLISHED
< ACK 301 102 w0`, "S1", "ShADaw", ZeroWindow | WindowProbe | WindowProbeACK},
	{"a FIN that moves", handshake + `
> FIN,ACK 101 301
> FIN,ACK 500 301   | FIN-WAIT-1 CLOSE-WAIT?`, "S2", "ShAF", FINMoved},
	{"text again, out of order, and unseen", handshake + `
> ACK 101 301 5
> ACK 101 301 5
> ACK 116 301 5
> ACK 106 301 10
< ACK 301 121
< ACK 301 150       | ESTABLISHED? ESTABLISHED?`, "S1", "ShADTGa", TextAgain | Gap | OutOfOrder | AckUnseen},
	{"FIN again, and text behind it", handshake + `
> FIN,ACK 101 301
> FIN,ACK 101 301 +1| FIN-WAIT-1 CLOSE-WAIT?
> ACK 102 301 5     | FIN-WAIT-1 CLOSE-WAIT?`, "S2", "ShAFD", FINAgain | TextAfterFIN},
	{"text far beyond the window", handshake + `
> ACK 101 301 5
< ACK 301 106
> ACK 900000000 301 5`, "S1", "ShADa", OutsideWindow},
	{"SYN with text", `
> SYN 100 5         | SYN-SENT UNKNOWN?
< SYN,ACK 300 106   | SYN-SENT? SYN-RECEIVED`, "S1", "SDh", TextOnSYN},
	{"SYN and FIN", `
> SYN,FIN 100       | SYN-SENT UNKNOWN?`, "S0", "SF", FINOnSYN},
	{"window scale 15", `
> SYN 100 s15       | SYN-SENT UNKNOWN?`, "S0", "S", LargeScale},
	{"figure 9, half-open connection discovery", `
> SYN 400           | SYN-SENT UNKNOWN?
< ACK 300 100       | SYN-SENT ESTABLISHED?
> RST 100           | SYN-SENT? CLOSED?
> SYN 400           | SYN-SENT? CLOSED?`, "RSTOS0", "SaR", SYNAgain},
	{"both directions go on unseen", handshake + `
> ACK 101 301 5
< ACK 301 106 9
> ACK 90000101 80000301 5   | ESTABLISHED? ESTABLISHED?
< ACK 80000301 90000106 9   | ESTABLISHED? ESTABLISHED`, "S1", "ShADdG", Gap | AckUnseen},
	{"a SYN,ACK for another SYN", `
> SYN 100
< SYN,ACK 300 77    | SYN-SENT SYN-RECEIVED
> RST 77            | SYN-SENT? CLOSED?`, "RSTOS0", "ShR", SYNACKOther},
	{"no flags", handshake + `
> - 101             | ESTABLISHED ESTABLISHED?`, "S1", "ShA", NoACK},
	{"reset with text", handshake + `
> RST 101 9         | CLOSED CLOSED?`, "RSTO", "ShADR", ResetText},
	{"text from an end in SYN-SENT", `
> SYN 100           | SYN-SENT UNKNOWN?
< RST,ACK 0 101     | CLOSED? CLOSED
> ACK 101 301 5     | CLOSED? CLOSED`, "RSTR", "SrD", Contradiction},
	{"another connection behind TIME-WAIT", handshake + `
> FIN,ACK 101 301
< FIN,ACK 301 102
> ACK 102 302       | TIME-WAIT CLOSED?
> SYN 5000 +2       | SYN-SENT UNKNOWN?`, "S0", "S", Reused},
	{"a SYN inside that is answered", handshake + `
> SYN 9000 +1
< SYN,ACK 700 9001  | SYN-SENT? SYN-RECEIVED
> ACK 9001 701      | ESTABLISHED ESTABLISHED?`, "S1", "hA", Reused},
	{"captured twice: the identification is the same, behind a router too", handshake + `
> ACK 101 301 5 #7 h64
> ACK 101 301 5 #7 h63  | ESTABLISHED ESTABLISHED?
< ACK 301 106 #9
< ACK 301 106 #9    | ESTABLISHED ESTABLISHED`, "S1", "ShADa", CapturedTwice},
	{"sent twice: another identification, or none", handshake + `
> ACK 101 301 5 #7
> ACK 101 301 5 #8
> ACK 106 301 5
> ACK 106 301 5     | ESTABLISHED ESTABLISHED?`, "S1", "ShADT", TextAgain},
	{"a reset captured twice", handshake + `
> RST 101 #7
> RST 101 #7        | CLOSED CLOSED?`, "RSTO", "ShAR", CapturedTwice},
	{"a SYN captured twice is not sent again", `
> SYN 100 #7
> SYN 100 #7        | SYN-SENT UNKNOWN?
> SYN 100 #8 +1     | SYN-SENT UNKNOWN?`, "S0", "S", CapturedTwice | SYNAgain},
	{"a gap that is filled late was lost before the capture", handshake + `
> ACK 106 301 5
> ACK 101 301 5 +1`, "S1", "ShADGT", Gap | GapFilled},
	{"text is captured behind its acknowledgment", handshake + `
< ACK 301 102       | ESTABLISHED? ESTABLISHED?
> ACK 101 301 1`, "S1", "ShAaDT", AckUnseen | OutOfOrder},
	{"fast retransmission, RFC 5681 section 3.2", handshake + `
> ACK 101 301 5
> ACK 106 301 5
> ACK 111 301 5
> ACK 116 301 5
< ACK 301 101
< ACK 301 101
< ACK 301 101
> ACK 101 301 5
< ACK 301 121`, "S1", "ShADaT", DuplicateACK | TextAgain | FastRetransmission},
	{"spurious retransmission and D-SACK, RFC 2883 section 4", handshake + `
> ACK 101 301 5
< ACK 301 106
> ACK 101 301 5 +1
< ACK 301 106 k101-106`, "S1", "ShADaT", TextAgain | SpuriousRetransmission | DSACK},
	{"a D-SACK within a block", handshake + `
> ACK 101 301 5
> ACK 111 301 5
< ACK 301 106 k111-116 k111-116`, "S1", "ShADGa", Gap | DSACK},
	{"the window is filled, shut, probed as Linux does, and opened", `
> SYN 100 s0
< SYN,ACK 300 101 s0
> ACK 101 301
< ACK 301 101 w10
> ACK 101 301 10
< ACK 301 111 w0
> ACK 110 301 +1
< ACK 301 111 w0
< ACK 301 111 w10`, "S1", "ShAaDw",
		WindowFull | ZeroWindow | WindowProbe | WindowProbeACK | WindowOpened},
	{"the window's edge moves back, RFC 7323 section 2.4", `
> SYN 100 s2
< SYN,ACK 300 101 s2
> ACK 101 301
< ACK 301 101 w100
< ACK 301 101 w90`, "S1", "ShAa", WindowShrunk},
	{"the window is rounded by its scale", `
> SYN 100 s2
< SYN,ACK 300 101 s2
> ACK 101 301 2
< ACK 301 101 w100
< ACK 301 103 w99`, "S1", "ShDa", 0},
	{"header: a bad option, an acknowledgment number without ACK", `
> SYN 100 bad u5    | SYN-SENT UNKNOWN?`, "S0", "S", BadOption | AckUnflagged},
	{"a SYN,ACK that leaves the text of the SYN out, RFC 7413 section 4.2.2", `
> SYN 100 5
< SYN,ACK 300 101   | SYN-SENT? SYN-RECEIVED
> ACK 101 301 5     | ESTABLISHED ESTABLISHED?`, "S1", "SDhT", TextOnSYN | SYNTextIgnored | TextAgain},
	{"the second FIN behind text that was lost", handshake + `
< FIN,ACK 301 101
> ACK 101 302        | CLOSE-WAIT FIN-WAIT-2?
> FIN,ACK 106 302    | LAST-ACK? FIN-WAIT-2?
< ACK 302 101        | LAST-ACK? FIN-WAIT-2?
> ACK 101 302 5      | LAST-ACK? FIN-WAIT-2?
< ACK 302 107        | CLOSED? TIME-WAIT`, "SF", "ShAfFGaDT", Gap | OutOfOrder | DuplicateACK},
	{"the first FIN behind text that was lost, asked for already", handshake + `
> ACK 106 301 5
< ACK 301 101
< ACK 301 101        | ESTABLISHED ESTABLISHED?
> FIN,ACK 111 301    | FIN-WAIT-1 ESTABLISHED?
> ACK 101 301 5      | FIN-WAIT-1 ESTABLISHED?
< ACK 301 112        | FIN-WAIT-2? CLOSE-WAIT`, "S2", "ShADGaFT", Gap | GapFilled | FastRetransmission | DuplicateACK},
	{"a RST behind a FIN that was lost is none to believe", handshake + `
> ACK 101 301 5
< ACK 302 106        | ESTABLISHED? ESTABLISHED?
< RST 302            | ESTABLISHED? ESTABLISHED?
> ACK 106 301
< RST 301            | CLOSED? CLOSED`, "RSTR", "ShADagr", Gap | ResetInexact | DuplicateACK},
	{"SYN and RST", handshake + `
> SYN,RST 101       | CLOSED CLOSED?`, "RSTO", "ShAR", ResetOnSYN},
	{"a segment behind a reset", handshake + `
> RST 101
> ACK 101 301 5     | ESTABLISHED? CLOSED?`, "RSTO", "ShARD", AfterReset},
}

func TestDialogues(t *testing.T) {
	for _, d := range dialogues {
		t.Run(d.name, func(t *testing.T) {
			c := speak(t, New(Config{List: true}), d.lines)
			if c.Word.String() != d.word || c.History != d.history {
				t.Errorf("%v %s, want %s %s", c.Word, c.History, d.word, d.history)
			}
			if odd := c.Anomalies &^ RoleGuessed; odd != d.odd {
				t.Errorf("anomalies %v, want %v", odd, d.odd)
			}
		})
	}
}

// TestEveryAnomalyIsShown by one of the dialogues, and has a name.
func TestEveryAnomalyIsShown(t *testing.T) {
	var shown Anomalies
	for _, d := range dialogues {
		shown |= d.odd
	}
	for _, a := range AnomalyList() {
		if a != RoleGuessed && !shown.Has(a) {
			t.Errorf("no dialogue shows %v", a)
		}
		if a.String() == "" {
			t.Errorf("anomaly %b has no name", a)
		}
	}
}
