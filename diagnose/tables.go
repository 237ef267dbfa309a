package diagnose

import (
	"strconv"
)

const (
	conntrackMax   = "net.netfilter.nf_conntrack_max"
	conntrackCount = "net.netfilter.nf_conntrack_count"
)

// conntrackFull: the connection tracking table takes no more, so packets of
// new connections are dropped while old ones go on.
func conntrackFull(x *index) []Finding {
	entries, known := x.setting(conntrackCount)
	most, limited := x.setting(conntrackMax)
	dropped, evicted := x.rose("conntrack.drop"), x.rose("conntrack.early_drop")
	if !known || !limited || most == 0 || entries*20 < most*19 || dropped <= 0 && evicted <= 0 {
		return nil
	}
	f := Finding{
		Severity: Critical, Count: max(dropped, 0),
		Summary:   Say("conntrack-full", max(dropped, 0), entries, most),
		RefutedBy: Say("conntrack-full-refuted"),
		Fate:      Outlook{Text: Say("conntrack-full-fate")},
		Evidence: []Evidence{{
			Source: settings, Fact: "nf-conntrack-count", Value: float64(entries), Unit: "entries",
			Text: Say("conntrack-entries", entries, most), Recheck: "sysctl " + conntrackCount + " " + conntrackMax,
		}},
		Excluded: []Exclusion{
			{"target-filtered", Say("dropped-by-tracking")},
			{"synack-dropped-here", Say("dropped-by-tracking")},
		},
		Remedies: x.conntrackRemedies(most),
	}
	if dropped <= 0 { // it still finds something to throw out
		f.Severity, f.Count = Warning, evicted
		f.Summary = Say("conntrack-evicts", evicted, entries, most)
	}
	f.Evidence = append(f.Evidence, tableEvidence("conntrack-drop", dropped, Say("conntrack-drop", dropped), "conntrack -S"))
	if evicted > 0 {
		f.Evidence = append(f.Evidence, tableEvidence("conntrack-early-drop", evicted, Say("conntrack-early-drop", evicted), "conntrack -S"))
	}
	if x.bundle.Has(counters) && x.rose(neighbourFulls...) == 0 {
		f.Excluded = append(f.Excluded, Exclusion{"neighbour-table-full", Say("no-table-fulls")})
	}
	return []Finding{f}
}

// tableEvidence is a counter of /proc/net/stat, which nstat does not print.
func tableEvidence(fact string, moved int, text Message, check string) Evidence {
	return Evidence{Source: counters, Fact: fact, Value: float64(moved), Unit: "in window", Text: text, Recheck: check}
}

func (x *index) conntrackRemedies(most int) []Remedy {
	const established = "net.netfilter.nf_conntrack_tcp_timeout_established"
	list := []Remedy{x.sysctl("larger-conntrack", conntrackMax, strconv.Itoa(most*2), Say("remedy-conntrack-max", most*2), Say("remedy-conntrack-max-risk"))}
	if seconds, ok := x.setting(established); ok && seconds > 86400 {
		list = append(list, x.sysctl("forget-idle-sooner", established, "86400", Say("remedy-conntrack-timeout"), Say("remedy-conntrack-timeout-risk")))
	}
	return append(list, Remedy{ID: "do-not-track", Text: Say("remedy-notrack"), Risk: Say("remedy-notrack-risk")})
}

// neighbourFulls count the neighbours for which there was no room.
var neighbourFulls = []string{"arp_cache.table_fulls", "ndisc_cache.table_fulls"}

// neighbourTableFull: gc_thresh3 is reached and nothing can be thrown out, so
// further addresses on the links cannot be resolved. The tables are the whole
// host's, whatever namespace looks.
func neighbourTableFull(x *index) []Finding {
	var findings []Finding
	for i, family := range []string{"ipv4", "ipv6"} {
		if fulls := x.rose(neighbourFulls[i]); fulls > 0 {
			findings = append(findings, x.neighboursFinding(family, fulls))
		}
	}
	return findings
}

func (x *index) neighboursFinding(family string, fulls int) Finding {
	prefix := "net." + family + ".neigh.default.gc_thresh"
	table, command := "arp_cache", "ip -4 neighbour show"
	if family == "ipv6" {
		table, command = "ndisc_cache", "ip -6 neighbour show"
	}
	entries := x.neighbourEntries(table, family == "ipv4")
	most := x.bundle.Settings[prefix+"3"]
	f := Finding{
		Severity: Critical, Count: fulls,
		Summary:   Say("neighbour-table-full", fulls, table),
		RefutedBy: Say("neighbour-table-full-refuted"),
		Fate:      Outlook{Text: Say("neighbour-table-full-fate")},
		Evidence:  []Evidence{tableEvidence("table-fulls", fulls, Say("table-fulls", fulls), "cat /proc/net/stat/"+table)},
		Remedies:  x.neighbourRemedies(prefix),
	}
	if limit, ok := number(most); ok && entries*10 >= limit*9 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: neighbours, Fact: "neighbours", Value: float64(entries), Unit: "entries",
			Text: Say("neighbour-entries", entries, most), Recheck: command + " | wc -l; sysctl " + prefix + "3",
		})
	}
	x.noNeighbour(&f)
	x.neighbourRivals(&f)
	return f
}

// neighbourEntries counts what the table holds: the kernel's own number of the
// whole host or, if larger, the entries that were listed.
func (x *index) neighbourEntries(table string, v4 bool) int {
	listed := 0
	for i := range x.bundle.Neighbours {
		if x.bundle.Neighbours[i].Address.Is4() == v4 {
			listed++
		}
	}
	return max(listed, int(x.bundle.CountersAfter.Values[table+".entries"]))
}

func (x *index) neighbourRivals(f *Finding) {
	f.Excluded = append(f.Excluded, Exclusion{"target-dead", Say("never-asked")}, Exclusion{"target-filtered", Say("never-asked")})
	for _, targets := range x.dialled() {
		if targets >= manyTargets {
			f.Open = append(f.Open, Exclusion{"scanning", Say("scan-fills-table")})
			return
		}
	}
	f.Excluded = append(f.Excluded, Exclusion{"scanning", Say("few-targets")})
}

// neighbourRemedies raises the three thresholds together: the lower two say
// when the kernel begins to tidy.
func (x *index) neighbourRemedies(prefix string) []Remedy {
	smaller := Remedy{ID: "smaller-links", Text: Say("remedy-smaller-links"), Risk: Say("remedy-smaller-links-risk")}
	var changes []Change
	for _, n := range []string{"3", "2", "1"} { // the highest first, so that they stay in order
		old, ok := x.setting(prefix + n)
		if !ok {
			return []Remedy{smaller}
		}
		changes = append(changes, x.settingChange("more-neighbours-"+n, prefix+n, strconv.Itoa(old*4)))
	}
	all := typed("more-neighbours", Say("remedy-neighbours"), Say("remedy-neighbours-risk"), changes...)
	return []Remedy{all, smaller}
}
