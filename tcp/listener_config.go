package tcp

// CookieMode says when a Listener answers with SYN cookies (RFC 4987).
type CookieMode uint8

// When SYN cookies are used.
const (
	CookiesOff        CookieMode = iota // a SYN that meets a full SYN queue is dropped
	CookiesOnOverflow                   // only where the SYN queue is full
	CookiesAlways                       // no SYN leaves any state behind
)

// ListenerConfig is what a Listener is made with.
type ListenerConfig struct {
	Endpoint EndpointConfig // of every connection that comes in; Local is where the listener listens

	SynQueue    int // connections in SYN-RECEIVED at most; 0: 128
	AcceptQueue int // connections that wait for Accept at most, the backlog; 0: 128

	Cookies    CookieMode
	CookieHash func(data []byte) uint64 // keyed hash, secret to the peers, of which 24 bits are used; nil: Cookies is as CookiesOff

	AbortOnOverflow bool // an ACK that finds the accept queue full is answered with RST, else it is dropped
	DeferAccept     int  // bare ACKs are dropped until text comes or until the SYN,ACK was sent so many times again; 0: never
}

// ListenerCounters counts what a Listener did with what came in.
type ListenerCounters struct {
	SynDropped     uint64 // SYNs that found the SYN queue full, and no cookies
	ListenOverflow uint64 // SYNs and ACKs dropped because the accept queue was full
	Aborted        uint64 // RSTs in place of such drops
	Deferred       uint64 // bare ACKs dropped by DeferAccept
	CookiesSent    uint64
	CookiesRight   uint64 // acknowledgments that opened a connection
	CookiesWrong   uint64 // acknowledgments that carried no cookie of ours
}

func (c *ListenerConfig) fill() {
	const byDefault = 128
	orDefault(&c.SynQueue, byDefault)
	orDefault(&c.AcceptQueue, byDefault)
	if c.CookieHash == nil {
		c.Cookies = CookiesOff
	}
}
