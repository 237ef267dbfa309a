package diagnose

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// needsKernel stands under not_assessed for what a pasted text cannot settle:
// it has no counters, no second look, and rarely timers.
const needsKernel = "the kernel itself, not a text"

// textPiles is what can be said of a pasted text: which states pile up, where,
// and which causes make such a pile. One moment settles none of them.
func textPiles(x *index) []Finding {
	var findings []Finding
	for _, state := range tcp.States() {
		n := int(x.bundle.Text.Counts[state])
		if n < few || !state.Transient() && state != tcp.CloseWait && state != tcp.FinWait2 {
			continue
		}
		findings = append(findings, Finding{
			State: state, Severity: Notice, Count: n,
			Summary:   Say("text-pile", n, state.String()),
			RefutedBy: Say("text-pile-refuted"),
			Fate:      Outlook{Text: Say("text-pile-fate")},
			Evidence:  x.textEvidence(state, n),
			Open:      textRivals(state),
		})
	}
	return findings
}

func (x *index) textEvidence(state tcp.State, n int) []Evidence {
	all := []Evidence{{
		Source: sockets, Fact: "pile", Value: float64(n), Unit: "sockets", Text: Say("pile", n, state.String()),
		Recheck: "synoptic sockets state " + strings.ToLower(state.String()),
	}}
	list := x.byState[state]
	if len(list) == 0 {
		return all // the text only counts
	}
	if port, most := busiestOf(list, func(s *host.Socket) uint16 { return s.Local.Port() }); state != tcp.SynSent && port != 0 && most > 1 {
		all = append(all, Evidence{
			Source: sockets, Fact: "local-port", Value: float64(most), Unit: "sockets", Text: Say("text-port", most, n, strconv.Itoa(int(port))),
			Recheck: recheck(host.Vocabulary(state).SS, port),
		})
	}
	if target, most := busiestOf(list, func(s *host.Socket) netip.AddrPort { return s.Remote }); state == tcp.SynSent && target.IsValid() {
		all = append(all, Evidence{
			Source: sockets, Fact: "target", Value: float64(most), Unit: "sockets", Text: Say("text-target", most, n, target.String()),
			Recheck: "ss -tno state syn-sent",
		})
	}
	peers, networks := spreadOf(list)
	return append(all, Evidence{
		Source: sockets, Fact: "peers", Value: float64(peers), Unit: "addresses", Text: Say("text-peers", peers, networks),
		Recheck: "synoptic states --by peer",
	})
}

// spreadOf counts the peers and their networks (/24, or /48 for IPv6).
func spreadOf(list []seen) (peers, networks int) {
	addresses, prefixes := map[netip.Addr]bool{}, map[netip.Prefix]bool{}
	for _, s := range list {
		addr := s.now.Remote.Addr()
		addresses[addr] = true
		bits := 48
		if addr.Is4() {
			bits = 24
		}
		prefix, _ := addr.Prefix(bits) // an address that the text cut off has none
		prefixes[prefix] = true
	}
	return len(addresses), len(prefixes)
}

// textRivals are the causes that make such a pile.
func textRivals(state tcp.State) []Exclusion {
	var open []Exclusion
	for _, row := range Catalogue() {
		if row.States.Has(state) && row.Cause != "unexplained" {
			open = append(open, Exclusion{row.Cause, Say("text-rival")})
		}
	}
	return open
}
