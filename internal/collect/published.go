package collect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/kernel"
)

// published reads the rules that lead connections elsewhere. Without connection
// tracking there is no NAT, and nothing to ask for.
func (r *run) published() {
	var err error
	unread := 0
	if _, on := r.bundle.Settings["net.netfilter.nf_conntrack_count"]; on {
		r.bundle.Published, unread, err = kernel.Published()
	}
	if err != nil || !r.noted(evidence.SourceFirewall) { // what other rules of the firewall could not be read stays said
		r.source(evidence.SourceFirewall, err)
	}
	if why := publishedSource(unread, r.Root.OldNATRules()); err == nil && why != "" {
		r.remark(evidence.SourceFirewall, why)
	}
}

// noted tells whether something is said of a source already.
func (r *run) noted(name string) bool {
	return slices.ContainsFunc(r.bundle.Sources, func(s evidence.Source) bool { return s.Name == name })
}

// publishedSource says which NAT rules were not read.
func publishedSource(unread int, old bool) string {
	var left []string
	if unread > 0 {
		left = append(left, fmt.Sprintf("%s through maps or very many chains", counted(unread)))
	}
	if old {
		left = append(left, "the NAT table of iptables-legacy")
	}
	if len(left) == 0 {
		return ""
	}
	return "not read: " + strings.Join(left, ", ")
}

// remark adds to what is said of a source that was read.
func (r *run) remark(name, why string) {
	for i := range r.bundle.Sources {
		if s := &r.bundle.Sources[i]; s.Name == name && s.OK {
			s.Why = strings.TrimPrefix(s.Why+"; "+why, "; ")
		}
	}
}

func counted(rules int) string {
	if rules == 1 {
		return "a NAT rule that leads"
	}
	return fmt.Sprintf("%d NAT rules that lead", rules)
}
