package diagnose

import (
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// unexplained: a pile of one state that no other rule spoke of, and refusals that
// no counter accounts for. It says so, and
// which causes of that state this version cannot judge.
func unexplained(x *index) []Finding {
	x.claimOtherEnds()
	findings := unexplainedDrops(x)
	for _, state := range tcp.States() {
		pile := x.pile(state)
		if len(pile) < few {
			continue
		}
		within, forever := x.stay(pile)
		findings = append(findings, Finding{
			State: state, Severity: Notice, Count: len(pile),
			Summary:   Say("unexplained", len(pile), state.String()),
			RefutedBy: Say("unexplained-refuted"),
			Fate:      Outlook{Text: Say("unexplained-fate"), Within: within, Forever: forever},
			Evidence: []Evidence{{
				Source: sockets, Fact: "pile", Value: float64(len(pile)), Unit: "sockets",
				Text: Say("pile", len(pile), state.String()), Recheck: "synoptic sockets state " + strings.ToLower(state.String()),
			}},
			Open: x.notJudged(state),
		})
	}
	return findings
}

// claimOtherEnds: when both ends of a connection are on this host, what
// explains one end explains the other.
func (x *index) claimOtherEnds() {
	open := map[identity]seen{} // by how the other end would call itself
	for _, state := range tcp.States() {
		for _, s := range x.pile(state) {
			open[identity{local: s.now.Remote, remote: s.now.Local}] = s
		}
	}
	if len(open) == 0 {
		return
	}
	var explained []seen
	for _, list := range x.byState {
		for _, s := range list {
			other, here := open[identity{local: s.now.Local, remote: s.now.Remote}]
			if here && x.claimed[s.at] {
				explained = append(explained, other)
			}
		}
	}
	x.claim(explained)
}

// notJudged lists the causes of a state that this version knows by name only, or
// that only packets settle.
func (x *index) notJudged(state tcp.State) []Exclusion {
	var open []Exclusion
	for _, row := range Catalogue() {
		if row.States.Has(state) && (!row.HasRule() || slices.Contains(x.missing(row), packets)) {
			open = append(open, Exclusion{row.Cause, Say("packets-would-tell")})
		}
	}
	return open
}

// pile returns the sockets of a state that stay longer than a healthy
// connection would and that nobody claimed. ESTABLISHED, LISTEN and TIME-WAIT
// are judged only against a limit, so they never are one by number alone.
func (x *index) pile(state tcp.State) []seen {
	var pile []seen
	for _, s := range x.byState[state] {
		if x.claimed[s.at] {
			continue
		}
		switch {
		case state.Transient() && s.now.Retransmits > 0,
			(state == tcp.CloseWait || state == tcp.FinWait2) && s.outlived() && !s.moved():
			pile = append(pile, s)
		}
	}
	return pile
}
