package collect

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/kernel"
)

// published reads the rules that lead connections elsewhere, and counts those that
// could not be read. Without connection
// tracking there is no NAT, and nothing to ask for.
func (r *run) published() (unread int, err error) {
	if _, on := r.bundle.Settings["net.netfilter.nf_conntrack_count"]; on {
		r.bundle.Published, unread, err = kernel.Published()
	}
	return unread, err
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
	return evidence.NotRead + strings.Join(left, ", ")
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
