package tcp

import (
	"strings"
	"testing"
)

// step is one arrival in a dialogue, at the end called A or B, with the state
// and the variables of that end before it.
type step struct {
	end  string
	at   State
	snd  SendSpace
	rcv  ReceiveSpace
	seg  Segment
	row  string
	next State
}

// dialogues are figures 6 to 13 of RFC 9293, with their numbers. A window of
// 1000 octets stands where the RFC gives none.
var dialogues = map[string][]step{
	"figure 6, the handshake": {
		{"B", Listen, SendSpace{}, ReceiveSpace{}, Segment{Seq: 100, Flags: SYN}, "listen-syn", SynReceived},
		{"A", SynSent, SendSpace{ISS: 100, UNA: 100, NXT: 101}, ReceiveSpace{},
			Segment{Seq: 300, Ack: 101, Flags: SYN | ACK}, "syn-sent-syn-ack", Established},
		{"B", SynReceived, SendSpace{ISS: 300, UNA: 300, NXT: 301}, ReceiveSpace{100, 101, 1000},
			Segment{Seq: 101, Ack: 301, Flags: ACK}, "syn-received-ack", Established},
		{"B", Established, SendSpace{300, 301, 301, 1000}, ReceiveSpace{100, 101, 1000},
			Segment{Seq: 101, Ack: 301, Flags: ACK, Data: 5}, "established-text", Established},
	},
	"figure 7, both open at once": {
		{"A", SynSent, SendSpace{ISS: 100, UNA: 100, NXT: 101}, ReceiveSpace{}, Segment{Seq: 300, Flags: SYN}, "syn-sent-syn", SynReceived},
		{"B", SynSent, SendSpace{ISS: 300, UNA: 300, NXT: 301}, ReceiveSpace{}, Segment{Seq: 100, Flags: SYN}, "syn-sent-syn", SynReceived},
		{"A", SynReceived, SendSpace{ISS: 100, UNA: 100, NXT: 101}, ReceiveSpace{300, 301, 1000},
			Segment{Seq: 300, Ack: 101, Flags: SYN | ACK}, "syn-received-syn-ack", Established},
		{"B", SynReceived, SendSpace{ISS: 300, UNA: 300, NXT: 301}, ReceiveSpace{100, 101, 1000},
			Segment{Seq: 100, Ack: 301, Flags: SYN | ACK}, "syn-received-syn-ack", Established},
	},
	"figure 8, an old duplicate SYN": {
		{"B", Listen, SendSpace{}, ReceiveSpace{}, Segment{Seq: 90, Flags: SYN}, "listen-syn", SynReceived},
		{"A", SynSent, SendSpace{ISS: 100, UNA: 100, NXT: 101}, ReceiveSpace{},
			Segment{Seq: 300, Ack: 91, Flags: SYN | ACK}, "syn-sent-bad-ack", SynSent},
		{"B", SynReceived, SendSpace{ISS: 300, UNA: 300, NXT: 301}, ReceiveSpace{90, 91, 1000},
			Segment{Seq: 91, Flags: RST}, "syn-received-rst-passive", Listen},
		{"B", Listen, SendSpace{}, ReceiveSpace{}, Segment{Seq: 100, Flags: SYN}, "listen-syn", SynReceived},
		{"A", SynSent, SendSpace{ISS: 100, UNA: 100, NXT: 101}, ReceiveSpace{},
			Segment{Seq: 400, Ack: 101, Flags: SYN | ACK}, "syn-sent-syn-ack", Established},
		{"B", SynReceived, SendSpace{ISS: 400, UNA: 400, NXT: 401}, ReceiveSpace{100, 101, 1000},
			Segment{Seq: 101, Ack: 401, Flags: ACK}, "syn-received-ack", Established},
	},
	"figure 9, A has crashed and opens anew": {
		{"B", Established, SendSpace{200, 300, 300, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 400, Flags: SYN}, "established-syn", Established},
		{"A", SynSent, SendSpace{ISS: 400, UNA: 400, NXT: 401}, ReceiveSpace{},
			Segment{Seq: 300, Ack: 100, Flags: ACK}, "syn-sent-bad-ack", SynSent},
		{"B", Established, SendSpace{200, 300, 300, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 100, Flags: RST}, "established-rst", Closed},
	},
	"figure 10, A has crashed and B sends": {
		{"A", Closed, SendSpace{}, ReceiveSpace{}, Segment{Seq: 300, Ack: 100, Flags: ACK, Data: 10}, "closed-ack", Closed},
		{"B", Established, SendSpace{200, 300, 310, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 100, Flags: RST}, "established-rst", Closed},
	},
	"figure 11, an old SYN between two listeners": {
		{"B", Listen, SendSpace{}, ReceiveSpace{}, Segment{Seq: 700, Flags: SYN}, "listen-syn", SynReceived},
		{"A", Listen, SendSpace{}, ReceiveSpace{}, Segment{Seq: 900, Ack: 701, Flags: SYN | ACK}, "listen-ack", Listen},
		{"B", SynReceived, SendSpace{ISS: 900, UNA: 900, NXT: 901}, ReceiveSpace{700, 701, 1000},
			Segment{Seq: 701, Flags: RST}, "syn-received-rst-passive", Listen},
	},
	"figure 12, one closes, then the other": {
		{"B", Established, SendSpace{200, 300, 300, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 100, Ack: 300, Flags: FIN | ACK}, "established-fin", CloseWait},
		{"A", FinWait1, SendSpace{50, 100, 101, 1000}, ReceiveSpace{200, 300, 1000},
			Segment{Seq: 300, Ack: 101, Flags: ACK}, "fin-wait-1-acked", FinWait2},
		{"A", FinWait2, SendSpace{50, 101, 101, 1000}, ReceiveSpace{200, 300, 1000},
			Segment{Seq: 300, Ack: 101, Flags: FIN | ACK}, "fin-wait-2-fin", TimeWait},
		{"B", LastAck, SendSpace{200, 300, 301, 1000}, ReceiveSpace{50, 101, 1000},
			Segment{Seq: 101, Ack: 301, Flags: ACK}, "last-ack-acked", Closed},
	},
	"figure 13, both close at once": {
		{"A", FinWait1, SendSpace{50, 100, 101, 1000}, ReceiveSpace{200, 300, 1000},
			Segment{Seq: 300, Ack: 100, Flags: FIN | ACK}, "fin-wait-1-fin", Closing},
		{"B", FinWait1, SendSpace{200, 300, 301, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 100, Ack: 300, Flags: FIN | ACK}, "fin-wait-1-fin", Closing},
		{"A", Closing, SendSpace{50, 100, 101, 1000}, ReceiveSpace{200, 301, 1000},
			Segment{Seq: 301, Ack: 101, Flags: ACK}, "closing-acked", TimeWait},
		{"B", Closing, SendSpace{200, 300, 301, 1000}, ReceiveSpace{50, 101, 1000},
			Segment{Seq: 101, Ack: 301, Flags: ACK}, "closing-acked", TimeWait},
	},
	"a lost third ACK: the peer repeats its SYN,ACK": {
		{"A", Established, SendSpace{100, 101, 101, 1000}, ReceiveSpace{300, 301, 1000},
			Segment{Seq: 300, Ack: 101, Flags: SYN | ACK}, "established-syn", Established},
		{"B", SynReceived, SendSpace{ISS: 300, UNA: 300, NXT: 301}, ReceiveSpace{100, 101, 1000},
			Segment{Seq: 101, Ack: 301, Flags: ACK}, "syn-received-ack", Established},
	},
	"a lost last ACK: the peer repeats its FIN": {
		{"A", TimeWait, SendSpace{50, 101, 101, 1000}, ReceiveSpace{200, 301, 1000},
			Segment{Seq: 300, Ack: 101, Flags: FIN | ACK}, "time-wait-fin-again", TimeWait},
		{"B", LastAck, SendSpace{200, 300, 301, 1000}, ReceiveSpace{50, 101, 1000},
			Segment{Seq: 101, Ack: 301, Flags: ACK}, "last-ack-acked", Closed},
	},
	"a FIN behind a gap waits for the text before it": {
		{"B", Established, SendSpace{200, 300, 300, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 110, Ack: 300, Flags: FIN | ACK}, "established-gap", Established},
		{"B", Established, SendSpace{200, 300, 300, 1000}, ReceiveSpace{50, 100, 1000},
			Segment{Seq: 100, Ack: 300, Flags: ACK, Data: 10}, "established-text", Established},
	},
}

// finIsOut tells whether our FIN has been sent in these dialogues, where no FIN
// waits behind text.
func finIsOut(s State) bool { return SetOf(FinWait1, FinWait2, Closing, LastAck, TimeWait).Has(s) }

func TestDialogues(t *testing.T) {
	for name, steps := range dialogues {
		t.Run(name, func(t *testing.T) {
			for i, s := range steps {
				fromPassive := s.at == SynReceived && !strings.HasPrefix(name, "figure 7")
				vars := Variables{SND: s.snd, RCV: s.rcv, FinSent: finIsOut(s.at), FromPassive: fromPassive}
				row, _ := Next(s.at, Arrival(s.seg, vars))
				if row.ID != s.row || row.To != s.next {
					t.Errorf("%d: %s %v <-- %v\n got %s, %v\nwant %s, %v", i+1, s.end, s.at, s.seg, row.ID, row.To, s.row, s.next)
				}
			}
		})
	}
}

// TestHeldFINBecomesDue ends the last of the dialogues: the gap is filled, the
// table is asked about the FIN itself.
func TestHeldFINBecomesDue(t *testing.T) {
	for from, to := range map[State]State{Established: CloseWait, FinWait1: Closing, FinWait2: TimeWait} {
		row, _ := Next(from, Input{Event: FinDue})
		if row.To != to || !row.Actions.Has(TakeFIN|SendACK) {
			t.Errorf("%v: %s -> %v: %v", from, row.ID, row.To, row.Actions)
		}
	}
}
