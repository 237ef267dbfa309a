package diagnose

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const firewall = evidence.SourceFirewall

// Header flags of RFC 9293, section 3.1, as rules compare them.
const (
	segmentSYN = 1 << 1
	segmentACK = 1 << 4
)

// refuser finds the rule of this host that refuses such segments on their way in
// ("input") or out ("output"): the only one that may take them and whose counter
// rose, or that takes them for certain and counts nothing. Several are none: which
// of them it was is not known then.
func (x *index) refuser(hook string, p host.FilterPacket) *host.FilterRule {
	var counted, silent []*host.FilterRule
	for i := range x.bundle.Firewall {
		r := &x.bundle.Firewall[i]
		if !onWay(r.Hook, hook) {
			continue
		}
		switch takes, certain := r.Asks.Takes(p); {
		case takes && r.Moved > 0:
			counted = append(counted, r)
		case takes && certain && !r.Counted:
			silent = append(silent, r)
		}
	}
	if len(counted) == 0 {
		counted = silent
	}
	if len(counted) != 1 {
		return nil
	}
	return counted[0]
}

// onWay tells whether a rule's hook may see what a chain at another hook of the
// same way sees. A chain without one is jumped to from anywhere.
func onWay(rule, way string) bool {
	switch rule {
	case way, "":
		return true
	case "prerouting":
		return way == "input"
	case "postrouting":
		return way == "output"
	default:
		return false
	}
}

// ruleName is how nft(8) names a rule.
func ruleName(r *host.FilterRule) string { return fmt.Sprintf("%s handle %d", r.Place(), r.Handle) }

// refusedBy is the evidence that names a rule.
func refusedBy(r *host.FilterRule) Evidence {
	name := ruleName(r)
	e := Evidence{
		Source: firewall, Fact: "rule", Value: float64(r.Moved), Unit: "in window",
		Text: Say("rule-refused", name, int(r.Moved)), Recheck: "nft -a list ruleset",
	}
	if plainChain(r) {
		e.Recheck = "nft -a list chain " + r.Place()
	}
	if !r.Counted {
		e.Text, e.Unit, e.Value = Say("rule-refuses", name), "true", 1
	}
	return e
}

// plainChain tells whether table and chain can stand in a command: names come
// from the host and are not to be trusted.
func plainChain(r *host.FilterRule) bool { return plainWord(r.Table) && plainWord(r.Chain) }

// blamed adds the rule to a finding, and makes the remedy exact where it can be:
// what the words ask for passes, and the rule stays as it is for everything else.
func (x *index) blamed(f *Finding, id, hook string, p host.FilterPacket, asks string) {
	r := x.refuser(hook, p)
	if r == nil {
		return
	}
	f.Evidence = append(f.Evidence, refusedBy(r))
	if !plainChain(r) {
		return
	}
	remedy := typed(id, Say("remedy-before-rule", ruleName(r)), Say("remedy-open-path-risk"), Change{
		Kind: ChangeRules, Target: fmt.Sprintf("%s position %d", r.Place(), r.Handle), To: asks + " counter accept",
	})
	f.Remedies = append([]Remedy{remedy}, slices.DeleteFunc(f.Remedies, func(old Remedy) bool { return old.ID == id || old.ID == "find-the-rule" })...)
}

// synacks picks the SYN-ACKs from a port, or all where it is 0, in the words of
// nft(8).
func synacks(port uint16) string {
	const flags = "tcp flags & (fin|syn|rst|ack) == syn|ack"
	if port == 0 {
		return flags
	}
	return fmt.Sprintf("tcp sport %d %s", port, flags)
}

// peerPort is the remote port of all sockets of a group, 0 where they differ.
func peerPort(group []seen) uint16 {
	port := group[0].now.Remote.Port()
	for _, s := range group {
		if s.now.Remote.Port() != port {
			return 0
		}
	}
	return port
}

// flowsRefusedHere: what comes on established connections is captured and not
// taken, or what is sent again does not leave, and one rule of this host can have
// done it.
func (x *index) flowsRefusedHere() []Finding {
	var findings []Finding
	for _, way := range []string{"input", "output"} {
		groups := map[netip.Addr][]seen{}
		var order []netip.Addr
		for _, s := range x.byState[tcp.Established] {
			if addr := s.now.Remote.Addr(); !x.claimed[s.at] && s.now.Retransmits >= fewRetries && x.refusedHere(s, way) {
				if groups[addr] == nil {
					order = append(order, addr)
				}
				groups[addr] = append(groups[addr], s)
			}
		}
		for _, addr := range order {
			if f, ok := x.refusedFlows(way, addr, groups[addr]); ok {
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// refusedHere tells whether a socket does not take what came last, or whether
// nothing of it leaves.
func (x *index) refusedHere(s seen, way string) bool {
	p := x.wire(s.now)
	if way == "output" {
		return (p == nil || p.Out.Asked == 0) && x.rose("TcpExtTCPRetransFail") > 0
	}
	return p != nil && p.In.ACKs > 0 && s.now.HasInfo && s.now.Info.LastAckRecv.Seconds()-p.In.Age > 1
}

// flowPacket is a segment of a flow on its way in or out.
func flowPacket(way string, one *host.Socket) host.FilterPacket {
	if way == "output" {
		return host.FilterPacket{From: one.Local, To: one.Remote, Flags: segmentACK}
	}
	return host.FilterPacket{From: one.Remote, To: one.Local, Flags: segmentACK}
}

// blamedFlows names the rule that refuses the segments of flows with one address.
func (x *index) blamedFlows(f *Finding, way string, group []seen) {
	addr := group[0].now.Remote.Addr()
	family, asks := "ip", "saddr"
	if addr.Is6() {
		family = "ip6"
	}
	if way == "output" {
		asks = "daddr"
	}
	x.blamed(f, "allow-these-flows", way, flowPacket(way, group[0].now), fmt.Sprintf("%s %s %s tcp flags ack", family, asks, addr))
}

func (x *index) refusedFlows(way string, addr netip.Addr, group []seen) (Finding, bool) {
	r := x.refuser(way, flowPacket(way, group[0].now))
	if r == nil {
		return Finding{}, false
	}
	x.claim(group)
	f := x.stuckFinding(addr, group)
	f.Summary = Say("flows-refused-here", len(group), addr.String(), x.who(f.Subject.PID), ruleName(r))
	f.RefutedBy = Say("peer-vanished-refuted")
	f.out(Say("refused-here"), "peer-vanished", "path-mtu-black-hole", "peer-not-reading")
	x.blamedFlows(&f, way, group)
	if len(f.Remedies) == 0 {
		f.Remedies = []Remedy{{ID: "find-the-rule", Text: Say("remedy-find-rule"), Risk: Say("remedy-look-risk"), Apply: []string{"nft list ruleset", "conntrack -L"}}}
	}
	return f, true
}
