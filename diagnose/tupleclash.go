package diagnose

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// clash is connections of one program on one listener that a new SYN with the
// same addresses and ports ended.
type clash struct {
	leak
	old, new []*host.Socket
}

// tupleClash: a client's port came round again and met a CLOSE-WAIT that was
// never closed. The kernel challenges the SYN, the client resets what it does
// not know, and its second SYN, a second later, gets through.
func tupleClash(x *index) []Finding {
	if x.rose("TcpExtTCPSYNChallenge") <= 0 {
		return nil
	}
	var findings []Finding
	for _, c := range x.clashes() {
		findings = append(findings, x.clashFinding(c))
	}
	return findings
}

// clashes finds the CLOSE-WAIT of the first look whose place another connection
// has taken.
func (x *index) clashes() []*clash {
	after := map[identity]*host.Socket{}
	for _, state := range []tcp.State{tcp.SynReceived, tcp.Established, tcp.CloseWait} {
		for _, s := range x.byState[state] {
			if s.before == nil {
				after[identity{local: s.now.Local, remote: s.now.Remote}] = s.now
			}
		}
	}
	groups := map[leak]*clash{}
	for _, s := range x.gone[tcp.CloseWait] {
		now := after[identity{local: s.Local, remote: s.Remote}]
		if now == nil || s.Inode == 0 || s.Kind != host.Full {
			continue
		}
		key := x.leakOf(s, x.holder(s))
		if groups[key] == nil {
			groups[key] = &clash{leak: key}
		}
		groups[key].old, groups[key].new = append(groups[key].old, s), append(groups[key].new, now)
	}
	list := make([]*clash, 0, len(groups))
	for _, c := range groups {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *clash) int {
		return cmp.Or(a.local.Compare(b.local), cmp.Compare(a.pid, b.pid), cmp.Compare(a.uid, b.uid))
	})
	return list
}

func (x *index) clashFinding(c *clash) Finding {
	check := recheck("close-wait", c.local.Port())
	f := Finding{
		State: tcp.CloseWait, Severity: Warning, Count: len(c.old), Subject: x.subject(c.pid),
		Summary:   Say("tuple-clash", len(c.old), x.who(c.pid)),
		RefutedBy: Say("tuple-clash-refuted"),
		Fate:      Outlook{Text: Say("tuple-clash-fate"), Within: time.Second},
		Evidence: []Evidence{
			x.counted("TcpExtTCPSYNChallenge", "syn-challenged"),
			{
				Source: sockets, Fact: "same-tuple", Value: float64(len(c.old)), Unit: "connections",
				Text: Say("same-tuple", len(c.old)), Recheck: check,
			},
		},
		Remedies: []Remedy{
			{ID: "fix-close", Text: Say("remedy-fix-close"), Risk: Say("remedy-fix-close-risk")},
			x.restart(c.pid, Say("remedy-restart-risk")),
		},
	}
	if x.rose("TcpExtTCPChallengeACK") > 0 {
		f.Evidence = append(f.Evidence, x.counted("TcpExtTCPChallengeACK", "challenge-acks"))
	}
	x.resetIn(&f, tcp.CloseWait)
	if c.local.IsValid() {
		f.Subject.Local = c.local.String()
	}
	if peer, ok := onePeer(c.old); ok {
		f.Subject.Peer = peer.String()
		f.Evidence[1].Recheck = fmt.Sprintf("ss -tnpo state close-wait dst %s", ssHost(peer))
	}
	x.clashRivals(&f, c)
	return f
}

// clashRivals: forged SYNs raise the same counter and replace nothing; what a
// program closed and a client opened anew raises none.
func (x *index) clashRivals(f *Finding, c *clash) {
	const rival = "reset-storm"
	if x.rose("TcpExtTCPSYNChallenge") < len(c.old) {
		f.Open = append(f.Open, Exclusion{rival, Say("fewer-challenges", len(c.old))})
		return
	}
	f.Excluded = append(f.Excluded, Exclusion{rival, Say("replaced-not-forged")})
}

// onePeer returns the remote address that all sockets share.
func onePeer(list []*host.Socket) (peer netip.Addr, ok bool) {
	peer = list[0].Remote.Addr()
	return peer, !slices.ContainsFunc(list, func(s *host.Socket) bool { return s.Remote.Addr() != peer })
}
