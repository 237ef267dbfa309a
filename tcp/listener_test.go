package tcp

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"testing"
	"time"
)

func keyed(data []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("a key"))
	_, _ = h.Write(data)
	return h.Sum64()
}

func listening(c ListenerConfig) *Listener {
	c.Endpoint.Local, c.Endpoint.AutoReceive, c.CookieHash = socketB, true, keyed
	return NewListener(c)
}

// client is the i-th client; it knows what the listener answered last.
type client struct {
	at  netip.AddrPort
	got []Packet
	all []Effect
}

func clientOf(i int) *client {
	return &client{at: netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), 4000)}
}

func (c *client) send(l *Listener, at time.Duration, seg Segment) *client {
	seg.Window = 1000
	p := Packet{Source: c.at, Destination: socketB, Segment: seg, Options: Options{MSS: 1400}, Text: make([]byte, seg.Data)}
	c.all = append([]Effect(nil), l.Arrive(at, p)...)
	c.got = sentBy(c.all)
	return c
}

func (c *client) syn(l *Listener) *client { return c.send(l, 0, Segment{Seq: 100, Flags: SYN}) }

// ack acknowledges the SYN,ACK that came, with text if n is not 0.
func (c *client) ack(l *Listener, at time.Duration, iss Seq, n Size) *client {
	return c.send(l, at, Segment{Seq: 101, Ack: iss.Add(1), Flags: ACK, Data: n})
}

func (c *client) iss(t *testing.T) Seq {
	t.Helper()
	if len(c.got) != 1 || c.got[0].Segment.Flags != SYN|ACK || c.got[0].Segment.Ack != 101 {
		t.Fatalf("no SYN,ACK: %v", c.all)
	}
	return c.got[0].Segment.Seq
}

func checkLengths(t *testing.T, l *Listener, syn, accept int) {
	t.Helper()
	if half, ready := l.Lengths(); half != syn || ready != accept {
		t.Errorf("%d in the SYN queue, %d in the accept queue; want %d and %d", half, ready, syn, accept)
	}
}

func TestListenerAccepts(t *testing.T) {
	l := listening(ListenerConfig{})
	c := clientOf(1).syn(l)
	checkLengths(t, l, 1, 0)
	c.ack(l, 0, c.iss(t), 0)
	checkLengths(t, l, 0, 1)
	if c.send(l, 0, Segment{Seq: 101, Ack: c.isn(l), Flags: ACK, Data: 5}); c.got[0].Segment.Ack != 106 {
		t.Errorf("text before Accept: %v", c.all)
	}
	e, ok := l.Accept()
	if !ok || e.State() != Established || e.Foreign() != c.at || e.Local() != socketB {
		t.Errorf("accepted %v %v", ok, e)
	}
	if _, more := l.Accept(); more || l.State() != Listen {
		t.Error("nobody else is there")
	}
	if c.send(l, 0, Segment{Seq: 106, Ack: 5, Flags: ACK}); c.got[0].String() != "<SEQ=5><CTL=RST>" {
		t.Errorf("the connection is its owner's: %v", c.all)
	}
}

// isn returns SND.NXT of the connection, which the client should acknowledge.
func (c *client) isn(l *Listener) Seq { return l.byPeer[c.at].Variables().SND.NXT }

func TestSynQueueIsFull(t *testing.T) {
	l := listening(ListenerConfig{SynQueue: 2})
	for i := range 3 {
		clientOf(i).syn(l)
	}
	checkLengths(t, l, 2, 0)
	if l.Counters() != (ListenerCounters{SynDropped: 1}) {
		t.Errorf("%+v", l.Counters())
	}
}

// TestHalfOpenGoes: by RST, and by time after seven SYN,ACKs.
func TestHalfOpenGoes(t *testing.T) {
	l := listening(ListenerConfig{})
	c := clientOf(1).syn(l)
	c.send(l, 0, Segment{Seq: 101, Flags: RST})
	checkLengths(t, l, 0, 0)
	clientOf(2).syn(l)
	sent := 0
	for range 100 {
		at, running := l.Deadline()
		if !running {
			break
		}
		sent += len(sentBy(l.Expire(at)))
	}
	checkLengths(t, l, 0, 0)
	if sent != 7 {
		t.Errorf("%d SYN,ACKs sent again", sent)
	}
}

// TestAcceptQueueIsFull: the peer believes to be ESTABLISHED, we do not; its SYN
// would not even be taken.
func TestAcceptQueueIsFull(t *testing.T) {
	l := listening(ListenerConfig{AcceptQueue: 1})
	first, second := clientOf(1).syn(l), clientOf(2).syn(l)
	iss := second.iss(t)
	first.ack(l, 0, first.iss(t), 0)
	if second.ack(l, 0, iss, 0); second.got != nil {
		t.Errorf("answered with %v", second.got)
	}
	checkLengths(t, l, 1, 1)
	if third := clientOf(3).syn(l); third.got != nil {
		t.Errorf("a SYN is answered with %v", third.got)
	}
	if l.Counters() != (ListenerCounters{ListenOverflow: 2}) {
		t.Errorf("%+v", l.Counters())
	}
	l.Accept()
	second.ack(l, time.Second, iss, 0)
	checkLengths(t, l, 0, 1)
}

func TestAbortOnOverflow(t *testing.T) {
	l := listening(ListenerConfig{AcceptQueue: 1, AbortOnOverflow: true})
	first, second := clientOf(1).syn(l), clientOf(2).syn(l)
	first.ack(l, 0, first.iss(t), 0)
	iss := second.iss(t)
	second.ack(l, 0, iss, 0)
	if len(second.got) != 1 || second.got[0].Segment.Flags != RST || second.got[0].Segment.Seq != iss.Add(1) {
		t.Errorf("answered with %v", second.got)
	}
	checkLengths(t, l, 0, 1)
}

// TestDeferAccept: the bare ACK opens nothing until text comes, or until two
// SYN,ACKs more were sent.
func TestDeferAccept(t *testing.T) {
	l := listening(ListenerConfig{DeferAccept: 2})
	c, d := clientOf(1).syn(l), clientOf(2).syn(l)
	iss, other := c.iss(t), d.iss(t)
	c.ack(l, 0, iss, 0)
	d.ack(l, 0, other, 0)
	checkLengths(t, l, 2, 0)
	c.ack(l, 0, iss, 5)
	checkLengths(t, l, 1, 1)
	l.Expire(time.Second)
	d.ack(l, time.Second, other, 0)
	checkLengths(t, l, 1, 1)
	l.Expire(3 * time.Second)
	d.ack(l, 3*time.Second, other, 0)
	checkLengths(t, l, 0, 2)
	if l.Counters().Deferred != 3 {
		t.Errorf("%+v", l.Counters())
	}
}

// TestCookies: no state is left by the SYN; the right acknowledgment opens the
// connection by the same rows as ever, with the MSS remembered.
func TestCookies(t *testing.T) {
	l := listening(ListenerConfig{Cookies: CookiesAlways})
	c := clientOf(1).syn(l)
	iss := c.iss(t)
	checkLengths(t, l, 0, 0)
	if _, running := l.Deadline(); running {
		t.Error("a timer runs for nobody")
	}
	c.ack(l, time.Minute, iss, 0)
	var rows []string
	for _, f := range c.all {
		if f.Kind == RowTaken {
			rows = append(rows, f.Row.ID)
		}
	}
	if want := "[listen-syn syn-received-ack]"; fmt.Sprint(rows) != want || c.got != nil {
		t.Errorf("rows %v, sent %v", rows, c.got)
	}
	e, ok := l.Accept()
	if !ok || e.State() != Established || e.send.mss != 1360 {
		t.Fatalf("accepted %v", e)
	}
}

// TestWrongCookies: another number, another peer, and one that is too old.
func TestWrongCookies(t *testing.T) {
	l := listening(ListenerConfig{Cookies: CookiesAlways})
	c := clientOf(1).syn(l)
	iss := c.iss(t)
	for i, wrong := range []*client{
		clientOf(1).ack(l, 0, iss.Add(1), 0),
		clientOf(2).ack(l, 0, iss, 0),
		clientOf(1).ack(l, 128*time.Second, iss, 0),
		clientOf(1).send(l, 0, Segment{Seq: 102, Ack: iss.Add(1), Flags: ACK}),
	} {
		if len(wrong.got) != 1 || wrong.got[0].Segment.Flags != RST {
			t.Errorf("%d: %v", i, wrong.all)
		}
	}
	checkLengths(t, l, 0, 0)
	c.ack(l, 127*time.Second, iss, 0)
	checkLengths(t, l, 0, 1)
	if want := (ListenerCounters{CookiesSent: 1, CookiesRight: 1, CookiesWrong: 4}); l.Counters() != want {
		t.Errorf("%+v", l.Counters())
	}
}

// TestFlood: with cookies a full SYN queue keeps nobody out.
func TestFlood(t *testing.T) {
	for mode, want := range map[CookieMode]int{CookiesOff: 0, CookiesOnOverflow: 1} {
		l := listening(ListenerConfig{SynQueue: 50, Cookies: mode})
		for i := range 500 {
			clientOf(i).syn(l)
		}
		honest := clientOf(1000).syn(l)
		if len(honest.got) > 0 {
			honest.ack(l, 0, honest.iss(t), 0)
		}
		checkLengths(t, l, 50, want)
	}
}

func TestListenerCloses(t *testing.T) {
	l := listening(ListenerConfig{})
	c := clientOf(1).syn(l)
	c.ack(l, 0, c.iss(t), 0)
	clientOf(2).syn(l)
	if p := sentBy(l.Close(0)); len(p) != 2 || p[0].Segment.Flags != RST || l.State() != Closed {
		t.Errorf("%v: %v", l.State(), p)
	}
	if late := clientOf(3).syn(l); late.got[0].Segment.Flags != RST|ACK {
		t.Errorf("%v", late.all)
	}
}
