package tcp

import (
	"net/netip"
	"time"
)

// EndpointConfig is what an Endpoint is made with. Every zero value is a usable
// default, which the comment names.
type EndpointConfig struct {
	Local   netip.AddrPort // the local socket; zero: any
	Foreign netip.AddrPort // the foreign socket of OPEN; zero: any, or the one OPEN brings

	ISS  func() Seq // chooses initial sequence numbers (RFC 9293 section 3.4.1); nil: from Seed
	Seed uint64     // of the end's own random numbers: ISS and the origin of its timestamps

	MSS           uint16 // octets of text in a segment that this end takes and sends; 0: 1460
	ReceiveBuffer Size   // octets that wait for RECEIVE at most, so the largest RCV.WND; 0: 65535
	SendWindow    Size   // fixed limit, octets, to what is sent and not acknowledged, in place of congestion control; 0: SND.WND alone
	AutoReceive   bool   // the user always has a RECEIVE waiting: text is delivered as it comes

	WindowScaling bool // offer window scaling (RFC 7323 section 2)
	SACK          bool // offer SACK-permitted (RFC 2018); no SACK blocks are made from it
	Timestamps    bool // offer timestamps, and with them PAWS (RFC 7323 sections 3 to 5)

	Granularity time.Duration // G of RFC 6298; 0: 1 ms
	InitialRTO  time.Duration // RTO before the first measurement; 0: 1 s (RFC 6298 section 2.1)
	MinRTO      time.Duration // 0: 1 s (RFC 6298 section 2.4)
	MaxRTO      time.Duration // 0: 60 s (RFC 6298 section 2.5)
	SynRetries  int           // SYNs sent again before giving up; 0: 7, which takes 183 s (R2 of RFC 9293 section 3.8.3 for a SYN)
	Retries     int           // other segments sent again before giving up; 0: 7 (R2 of RFC 9293 section 3.8.3)
	UserTimeout time.Duration // how long anything may stay unacknowledged (RFC 9293 section 3.10.8); 0: for ever
	TimeWait    time.Duration // 2 MSL; 0: 4 min (RFC 9293 section 3.4.2); negative: no time at all

	Keepalive         time.Duration // idle time before the first keep-alive; 0: none are sent (RFC 9293 section 3.8.4)
	KeepaliveInterval time.Duration // between two of them; 0: 75 s
	KeepaliveProbes   int           // unanswered ones before giving up; 0: 9

	ChallengeLimit  int           // challenge ACKs in one period; 0: 10; negative: no limit (RFC 5961 section 7)
	ChallengePeriod time.Duration // 0: 5 s

	InvalidInterval time.Duration // between two ACKs that answer segments which are not acceptable and hold neither text nor SYN nor FIN; 0: 500 ms; negative: none, as RFC 9293 has it

	IgnoreRSTInTimeWait bool // follow RFC 1337: no RST ends TIME-WAIT

	Misbehaviour Misbehaviour
}

// Misbehaviour are the ways in which an end can be told to do wrong, so that a
// lab can show what its peer makes of it. The zero value behaves.
type Misbehaviour struct {
	NeverACK    bool           // no bare ACK is sent, and SEG.ACK of other segments stays where it was
	OldACK      bool           // SEG.ACK stays where it was, at the octet behind the peer's SYN or where the switch was set
	WithholdFIN bool           // CLOSE is taken, the FIN never follows, as if text were waiting before it
	IgnoreRST   bool           // an arriving RST is not looked at
	SpoofSource netip.AddrPort // everything is sent in the name of this socket; zero: of the local one
	AnswerFrom  netip.AddrPort // what a passively opened end sends, answers included, comes from this socket; zero: from the local one
}

func orDefault[T comparable](value *T, byDefault T) {
	var zero T
	if *value == zero {
		*value = byDefault
	}
}

func (c *EndpointConfig) fill() {
	orDefault(&c.MSS, 1460)
	orDefault(&c.ReceiveBuffer, 65535)
	orDefault(&c.SendWindow, Half-1)
	orDefault(&c.Granularity, time.Millisecond)
	orDefault(&c.InitialRTO, time.Second)
	orDefault(&c.MinRTO, time.Second)
	orDefault(&c.MaxRTO, time.Minute)
	orDefault(&c.SynRetries, 7)
	orDefault(&c.Retries, 7)
	orDefault(&c.TimeWait, 4*time.Minute)
	orDefault(&c.KeepaliveInterval, 75*time.Second)
	orDefault(&c.KeepaliveProbes, 9)
	orDefault(&c.ChallengeLimit, 10)
	orDefault(&c.ChallengePeriod, 5*time.Second)
	orDefault(&c.InvalidInterval, 500*time.Millisecond)
	c.ReceiveBuffer = min(c.ReceiveBuffer, 65535<<maxShift)
}
