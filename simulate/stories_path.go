package simulate

import "github.com/synoptic-net/synoptic/tcp"

// pathStories: what gateways and firewalls on the way do.
func pathStories() []Story {
	closed := [2]tcp.State{tcp.Closed, tcp.Closed}
	return []Story{
		{"asymmetric-return", asymmetric(true), [2]tcp.State{tcp.Closed, tcp.Listen}, []tcp.Edge{
			edge(tcp.SynReceived, tcp.Listen), edge(tcp.SynSent, tcp.Closed)}},
		{"asymmetric-return-silent", asymmetric(false), closed, []tcp.Edge{edge(tcp.SynReceived, tcp.Closed)}},
		{"synack-blocked", play(listens, opens).with(Rule{On: Match{Sorts: SYNACKs}, Do: Lose}), closed,
			[]tcp.Edge{edge(tcp.SynReceived, tcp.Closed), edge(tcp.SynSent, tcp.Closed)}},
		{"firewall-forgets", play(listens, opens, sends(Originator, 40, at(500*ms)), sends(Originator, 40, at(60*sec))).
			with(Rule{Do: Forget, By: 30 * sec}), [2]tcp.State{tcp.Closed, tcp.Established},
			[]tcp.Edge{edge(tcp.Established, tcp.Closed)}},
	}
}

// asymmetric: a gateway rewrites the destination on the way there, and the
// answer comes back past it with the server's own address. The originator knows
// no such peer and answers with RST, which a firewall may hold back.
func asymmetric(resetsPass bool) Config {
	c := play(listens, opens).with(Rule{Do: RewriteTarget, Old: PublicSocket, New: ResponderSocket})
	c.Ends[Originator].Foreign = PublicSocket
	if !resetsPass {
		c.Network = append(c.Network, Rule{On: Match{Sorts: RSTs}, Do: Lose})
	}
	return c
}
