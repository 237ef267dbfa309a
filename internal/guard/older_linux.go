package guard

import (
	"errors"
	"slices"
	"strconv"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// bound tells whether this kernel cannot make a connection of our cookie, so that
// its own must do. The error says what is missing for those as well.
func (w *Wish) bound() (bool, error) {
	probe := w.older
	if probe == nil {
		probe = (*bpf.Feature).Probe
	}
	missing := new(bpf.Missing)
	switch err := probe(bpf.AssignRequest); {
	case err == nil:
		return false, nil
	case !errors.As(err, &missing):
		return false, err
	}
	for _, f := range []*bpf.Feature{bpf.XDPLink, bpf.KernelCookie} {
		if err := probe(f); err != nil {
			return false, err
		}
	}
	return true, nil
}

// lean makes the plan one for a kernel whose own cookies must do: it hands them out
// to SYNs that find room in the queue only with tcp_syncookies=2.
func (l *Ladder) lean(s host.Settings, c *remedy.Change, arms bool) error {
	value, known := number(s, cookies)
	if !known {
		return errors.New("this kernel makes no SYN cookies (net.ipv4.tcp_syncookies), and is too old to take ours")
	}
	if !arms {
		c.Effect = diagnose.Say("guard-bound-disarmed", c.Target)
		return nil
	}
	c.Effect, c.Cost = diagnose.Say("guard-bound", c.Target), diagnose.Say("guard-bound-cost")
	if s[timestamps] == "2" {
		c.Cost = diagnose.Say("guard-bound-cost-stamped")
	}
	if value == always {
		return nil
	}
	l.Plan.Changes = slices.DeleteFunc(l.Plan.Changes, func(c remedy.Change) bool {
		return c.Target == cookies || c.Target == retries // then nothing is half-open
	})
	change := setting("syncookies", cookies, s[cookies], strconv.Itoa(always), diagnose.Say("guard-bound-cookies"), diagnose.Say("guard-cookies-always-cost"))
	change.Preventive = l.Flood == nil
	l.Plan.Changes = append([]remedy.Change{change}, l.Plan.Changes...)
	return nil
}

// timestamps is the setting that decides whether options survive in cookies of the
// kernel that XDP hands out: with 2 its timestamps have no random offset.
const timestamps = "net.ipv4.tcp_timestamps"
