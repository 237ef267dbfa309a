package witness

import (
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Reason is why two witnesses differ about a connection.
type Reason string

// The reasons, "" where there is no difference.
const (
	Agree           Reason = ""
	MovedMeanwhile  Reason = "moved-meanwhile"
	BetweenTwoLooks Reason = "between-two-looks"
	DroppedHere     Reason = "dropped-here"
	NothingOnWire   Reason = "nothing-on-the-wire"
	FINNotSent      Reason = "fin-not-sent"
	EndedInSilence  Reason = "ended-in-silence"
	NotKept         Reason = "syn-not-kept"
	ACKSetAside     Reason = "ack-set-aside"
	OneSocket       Reason = "one-socket"
	Translated      Reason = "translated"
	NotTold         Reason = "not-told"
	Unexplained     Reason = "unexplained"
)

// Sentences say what each reason means.
var Sentences = map[Reason]string{
	MovedMeanwhile:  "it changed while the sockets were being read",
	BetweenTwoLooks: "half-open connections and minisockets are found by looking, five times a second; what comes and goes between two looks is not told",
	DroppedHere:     "segments were captured, and dropped before TCP saw them, or made and dropped before they could be captured",
	NothingOnWire:   "its segments wait for the link layer, or are dropped before anybody can capture them",
	FINNotSent:      "the program closed, and the FIN waits behind what is not sent yet",
	EndedInSilence:  "the kernel ended it, and sent nothing that would show it",
	NotKept:         "the kernel answered the SYN with a cookie, or let it fall: it keeps nothing of it",
	ACKSetAside:     "the client's ACK came, and the kernel leaves the connection half-open: the accept queue is full, or the program waits for data (TCP_DEFER_ACCEPT)",
	OneSocket:       "both ends are one socket: what it sends and what it gets are the same segments",
	Translated:      "this host translates its addresses: the packets carry others",
	NotTold:         "the kernel told of the end of the connection before, and not of the beginning of this one; packets and sockets agree",
	Unexplained:     "no reason is known",
}

// row is a reason and its proof.
type row struct {
	reason Reason
	holds  func(*Connection) bool
}

// The first row that holds is the reason.
var (
	eventReasons = []row{
		{MovedMeanwhile, func(c *Connection) bool { return c.Moved }},
		{BetweenTwoLooks, func(c *Connection) bool { return c.Looked }},
		{NotTold, notTold},
	}
	packetReasons = []row{
		{MovedMeanwhile, func(c *Connection) bool { return c.Moved }},
		{DroppedHere, func(c *Connection) bool { return c.mishap(dropped) }},
		{NothingOnWire, func(c *Connection) bool { return c.Packets == 0 && c.Socket == tcp.SynSent }},
		{FINNotSent, finNotSent},
		{NotKept, notKept},
		{ACKSetAside, ackSetAside},
		{OneSocket, func(c *Connection) bool { return c.Local == c.Remote }},
		{Translated, func(c *Connection) bool { return c.Translated }},
		{EndedInSilence, endedInSilence},
	}
)

// dropped tells of drops before TCP, or behind it.
func dropped(m *host.Mishap) bool { return m.Kind == host.Dropped && outsideTCP[m.Reason] }

var outsideTCP = map[string]bool{
	host.DropNetfilter: true, host.DropTrafficControl: true, host.DropTrafficIngress: true, host.DropReversePath: true, host.DropLocalSource: true,
	host.DropNoRoute: true, host.DropNeighbourNone: true, host.DropNeighbourDead: true, "XDP": true, "QDISC_DROP": true,
}

// notTold: the events end with the end of an earlier connection between the same
// ends, and two witnesses know the next one.
func notTold(c *Connection) bool {
	return c.Ended != "" && c.Socket != tcp.Closed && c.Packets.Has(c.Socket)
}

// finNotSent: what the program has done shows only when the FIN does.
func finNotSent(c *Connection) bool {
	closing := tcp.SetOf(tcp.FinWait1, tcp.LastAck, tcp.Closing)
	return closing.Has(c.Socket) && c.Unsent && !c.FINSent
}

// notKept: the packets say half-open, or more, and the kernel has nothing.
func notKept(c *Connection) bool {
	return c.Socket == tcp.Closed && c.Events == nil && c.SYNCame && c.Listener.There
}

// endedInSilence: a timer or the program ended it without a segment; of
// minisockets the kernel tells nothing at all.
func endedInSilence(c *Connection) bool {
	return c.Socket == tcp.Closed && (c.Ended != "" || c.Looked && c.Events != nil)
}

func ackSetAside(c *Connection) bool {
	return c.Socket == tcp.SynReceived && c.Kind == host.Request && c.ACKCame && (c.Listener.Full || c.Listener.Defers)
}
