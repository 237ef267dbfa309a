package tcp

import "time"

// rtoEstimator computes the retransmission timeout (RFC 6298 section 2).
type rtoEstimator struct {
	srtt, rttvar time.Duration
	rto          time.Duration // backed off, if it is
	measured     bool          // srtt and rttvar mean something
	synLost      bool          // the timer fired while our SYN was out (section 5.7)
}

// sample takes a measurement of the round trip in. A measurement also ends the
// backing off.
func (r *rtoEstimator) sample(rtt time.Duration, c *EndpointConfig) {
	if r.measured {
		r.rttvar = (3*r.rttvar + (r.srtt - rtt).Abs()) / 4
		r.srtt = (7*r.srtt + rtt) / 8
	} else {
		r.srtt, r.rttvar, r.measured = rtt, rtt/2, true
	}
	r.rto = min(max(r.srtt+max(c.Granularity, 4*r.rttvar), c.MinRTO), c.MaxRTO)
}

// backOff doubles the timeout (section 5.5).
func (r *rtoEstimator) backOff(c *EndpointConfig) { r.rto = min(2*r.rto, c.MaxRTO) }

// begin is called when the handshake is over: after a lost SYN text starts with
// 3 s (section 5.7).
func (r *rtoEstimator) begin(c *EndpointConfig) {
	const afterLostSYN = 3 * time.Second
	if r.synLost && c.InitialRTO < afterLostSYN {
		r.rto = min(afterLostSYN, c.MaxRTO)
	}
}
