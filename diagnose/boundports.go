package diagnose

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/tcp"
)

// boundPorts: a program that calls bind() with an address and port 0 before
// connect() takes a port for every destination at once (inet_csk_get_port), so
// all that it dials from that address share one range, however many the
// destinations. connect() alone would use the same ports towards each of them:
// ports that are nearly all taken and never shared were chosen by bind().
func boundPorts(x *index) []Finding {
	r, ok := x.portRange()
	if !ok {
		return nil
	}
	var findings []Finding
	for _, p := range x.fullPools(r) {
		if p.ofManyTargets(r.size) {
			x.claim(p.sockets)
			findings = append(findings, x.boundFinding(p, r))
		}
	}
	return findings
}

// pool is what was dialled from one address.
type pool struct {
	source  netip.Addr
	ports   map[uint16]bool
	dialled int
	targets map[netip.AddrPort]int
	sockets []seen
}

// fullPools returns the addresses of which at most one port of fifty is free,
// and next to none is used twice.
func (x *index) fullPools(r portRange) []*pool {
	sources := map[netip.Addr]*pool{}
	var order []*pool
	x.eachDialled(r, func(w lane, s seen) {
		p := sources[w.source]
		if p == nil {
			p = &pool{source: w.source, ports: map[uint16]bool{}, targets: map[netip.AddrPort]int{}}
			sources[w.source] = p
			order = append(order, p)
		}
		p.ports[s.now.Local.Port()] = true
		p.dialled++
	})
	order = slices.DeleteFunc(order, func(p *pool) bool {
		full := (r.size-len(p.ports))*50 <= r.size && p.dialled*50 <= len(p.ports)*51
		if !full {
			delete(sources, p.source)
		}
		return !full
	})
	if len(order) == 0 {
		return nil
	}
	x.eachDialled(r, func(w lane, s seen) {
		if p := sources[w.source]; p != nil {
			p.targets[s.now.Remote]++
			p.sockets = append(p.sockets, s)
		}
	})
	return order
}

// ofManyTargets: no single destination has enough of the ports to be the reason.
func (p *pool) ofManyTargets(size int) bool {
	for _, n := range p.targets {
		if n*10 >= size*9 {
			return false
		}
	}
	return len(p.targets) > 1
}

func (x *index) boundFinding(p *pool, r portRange) Finding {
	pids := map[int]int{}
	for _, s := range p.sockets {
		if pid := x.holder(s.now); pid != 0 {
			pids[pid]++
		}
	}
	pid := mostCommon(pids)
	state, most := x.holdingState(&usage{sockets: p.sockets})
	within, forever := x.stay(p.sockets)
	f := Finding{
		State: state, Severity: Critical, Count: len(p.ports), Subject: x.subject(pid),
		Summary:   Say("ports-bound", len(p.ports), r.size, p.source.String(), len(p.targets), x.whoDials(pid)),
		RefutedBy: Say("ports-bound-refuted"),
		Fate:      Outlook{Text: Say("ports-exhausted-fate"), Within: within, Forever: forever},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "ports-taken", Value: float64(len(p.ports)), Unit: "ports",
				Text: Say("ports-not-shared", len(p.ports), len(p.targets)), Recheck: fmt.Sprintf("ss -tanH src %s | wc -l", ssHost(p.source)),
			},
			{
				Source: sockets, Fact: "held-in-state", Value: float64(most), Unit: "sockets",
				Text: Say("held-in-state", most, state.String()), Recheck: fmt.Sprintf("ss -tanoe src %s", ssHost(p.source)),
			},
			x.rangeEvidence(&usage{size: r.size}),
		},
		Excluded: []Exclusion{
			{"time-wait-port-exhaustion", Say("no-one-target", len(p.targets))},
			{"scanning", Say("taken-not-tried", most, state.String())},
		},
		Remedies: append([]Remedy{{ID: "bind-without-port", Text: Say("remedy-bind-no-port"), Risk: Say("remedy-none")}}, x.rangeRemedies()...),
	}
	if state == tcp.SynSent {
		f.Excluded = f.Excluded[:1] // a scanner too takes a port for each target
		f.Open = append(f.Open, Exclusion{"scanning", Say("tried-not-taken", most)})
	}
	x.heldBy(&f, pid, p.sockets, "holds-descriptors")
	return f
}
