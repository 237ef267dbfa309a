package diagnose

import (
	"fmt"
	"strconv"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const (
	orphanLimitSetting = "net.ipv4.tcp_max_orphans"
	orphanGauge        = "sockstat.TCP.orphan" // of the whole host, in every namespace
	orphansReset       = "TcpExtTCPAbortOnMemory"
)

// orphanLimit: more connections are kept that no program holds than
// tcp_max_orphans allows, so the kernel resets further ones when their program
// closes. Only the host's own namespace shows the limit.
func orphanLimit(x *index) []Finding {
	orphans := int(x.bundle.CountersAfter.Values[orphanGauge])
	most, _ := x.setting(orphanLimitSetting)
	if orphans == 0 || orphans < most*9/10 {
		return nil
	}
	f := Finding{
		Severity: Warning, Count: orphans,
		Summary:   Say("orphan-limit-near", orphans, most),
		RefutedBy: Say("orphan-limit-refuted"),
		Fate:      Outlook{Text: Say("orphan-limit-fate")},
		Evidence: []Evidence{
			{
				Source: counters, Fact: "TCP.orphan", Value: float64(orphans), Unit: "sockets",
				Text: Say("orphans-now", orphans), Recheck: "grep TCP: /proc/net/sockstat",
			},
			{
				Source: evidence.SourceSettings, Fact: "tcp_max_orphans", Value: float64(most), Unit: "sockets",
				Text: Say("orphans-most", most), Recheck: "sysctl " + orphanLimitSetting,
			},
		},
		Remedies: x.orphanRemedies(most),
	}
	f.Excluded = []Exclusion{{"peer-not-closing", Say("half-closed-not-counted")}}
	if reset := x.rose(orphansReset); reset > 0 {
		f.Excluded = append(f.Excluded, Exclusion{"reset-storm", Say("resets-of-orphans", reset)})
		f.Severity, f.Count, f.Summary = Critical, reset, Say("orphan-limit", reset)
		f.Evidence = append(f.Evidence, x.counted(orphansReset, "orphans-reset"))
	}
	x.orphanPile(&f)
	return []Finding{f}
}

// orphanPile says in which states the orphans of this namespace are.
func (x *index) orphanPile(f *Finding) {
	for _, state := range []tcp.State{tcp.FinWait1, tcp.Closing, tcp.LastAck} {
		n := 0
		for _, s := range x.byState[state] {
			if s.now.Inode == 0 && s.now.Kind == host.Full {
				n++
			}
		}
		if n >= few {
			f.Evidence = append(f.Evidence, Evidence{
				Source: sockets, Fact: "orphans-in-" + state.String(), Value: float64(n), Unit: "sockets",
				Text: Say("orphans-in", n, state.String()), Recheck: fmt.Sprintf("ss -tno state %s", kebab(state)),
			})
		}
	}
}

func (x *index) orphanRemedies(most int) []Remedy {
	return []Remedy{
		{ID: "fewer-orphans", Text: Say("remedy-fewer-orphans"), Risk: Say("remedy-fix-close-risk")},
		x.sysctl("raise-orphan-limit", orphanLimitSetting, strconv.Itoa(most*2), Say("remedy-raise-orphans"), Say("remedy-raise-orphans-risk")),
	}
}
