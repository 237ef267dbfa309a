package collect

import (
	"fmt"
	"strings"

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
		left = append(left, fmt.Sprintf("%d NAT rules that lead through maps or very many chains", unread))
	}
	if old {
		left = append(left, "the NAT table of iptables-legacy")
	}
	if len(left) == 0 {
		return ""
	}
	return "not read: " + strings.Join(left, ", ")
}

// remark says about a source what was left out, although it was read.
func (r *run) remark(name, why string) {
	for i := range r.bundle.Sources {
		if r.bundle.Sources[i].Name == name {
			r.bundle.Sources[i].Why = why
		}
	}
}
