package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
)

// ask puts the probes of a peer beside what else is known of it.
func (p *peer) ask(probe *evidence.Probe) {
	switch probe.Kind {
	case evidence.ProbeEcho:
		p.echo = probe
	case evidence.ProbeConnect:
		p.connect = probe
	}
}

// echoes tells whether an ICMP echo came back from its address.
func (p *peer) echoes() bool { return p.echo != nil && p.echo.Answer == evidence.AnswerEcho }

// takesNew tells whether a new connection was answered, with SYN,ACK or RST.
func (p *peer) takesNew() bool {
	return p.connect != nil && (p.connect.Answer == evidence.AnswerAccepted || p.connect.Answer == evidence.AnswerReset)
}

// refusesNew tells whether a new connection got no answer of the peer: silence, or
// a router's word that there is no way.
func (p *peer) refusesNew() bool {
	return p.connect != nil && (p.connect.Silent() || p.connect.Answer == evidence.AnswerUnreachable)
}

// gone tells whether something beside the connections in question says that the
// peer is not there.
func (p *peer) gone() bool { return p.unreachable() || p.refusesNew() }

// echoed is what came of an echo request, ok when one was sent.
func (p *peer) echoed() (e Evidence, ok bool) {
	if p.echo == nil || p.echo.Answer == evidence.AnswerNone && !p.echo.Silent() {
		return e, false
	}
	e = Evidence{Source: probes, Fact: "echo-unanswered", Unit: "replies", Text: Say("echo-unanswered"), Recheck: "ping -c 1 " + p.echo.Remote.Addr().String()}
	if p.echoes() {
		e.Fact, e.Value, e.Text = "echo-answered", 1, Say("echo-answered")
	}
	return e, true
}

// dialledAnew is what came of a new connection.
func (p *peer) dialledAnew() Evidence {
	to := p.connect.Remote.String()
	e := Evidence{Source: probes, Fact: "new-connection", Unit: "answers", Text: Say("new-connection-unanswered", to), Recheck: probeAgain}
	if p.takesNew() {
		e.Value, e.Text = 1, Say("new-connection-answered", to)
	}
	return e
}

// wayBack says where answers to the clients of a pile leave, by routes and
// neighbours, and whether a client answered an echo.
func (x *index) wayBack(f *Finding, pile []seen) {
	addrs := make([]netip.Addr, len(pile))
	for i, s := range pile {
		addrs[i] = s.now.Remote.Addr()
	}
	peers := x.peers(addrs)
	at, p := addrs[0], peers[addrs[0]]
	for _, addr := range addrs {
		if q := peers[addr]; q.echo != nil { // one that was asked tells more
			at, p = addr, q
			break
		}
	}
	if len(x.bundle.Routes) > 0 && x.bundle.Has(neighbours) {
		text, state := Say("way-back-link", at.String(), stateWord(p.neighbour)), p.neighbour
		if hop := x.nextHop(at); hop.IsValid() {
			text, state = Say("way-back", at.String(), hop.String(), stateWord(p.gateway)), p.gateway
		}
		f.Evidence = append(f.Evidence, Evidence{
			Source: neighbours, Fact: "way-back", Value: float64(count(!unresolved(state))), Unit: "next hops that answer",
			Text: text, Recheck: "ip route get " + at.String() + "; ip neighbour show",
		})
	}
	if e, ok := p.echoed(); ok {
		f.Evidence = append(f.Evidence, e)
	}
}

// stateWord is the state of a neighbour entry as ip prints it.
func stateWord(state string) string {
	if state == "" {
		return "NONE"
	}
	return state
}
