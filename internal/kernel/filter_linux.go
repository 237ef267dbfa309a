package kernel

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/ruleset"
)

// Filter reads the rules of the packet filter that refuse packets, of the network
// namespace of the calling thread. It needs CAP_NET_ADMIN. Rules of the older
// iptables, which are not among those of nf_tables, are not read.
func (r Root) Filter() ([]host.FilterRule, error) {
	err := r.filterLoaded()
	if errors.Is(err, errFilterAbsent) {
		return nil, nil
	}
	chains, rules, err := ruleset.Read()
	if errors.Is(err, unix.EPERM) {
		return nil, fmt.Errorf("%w (CAP_NET_ADMIN would allow it)", err)
	}
	if err != nil {
		return nil, err
	}
	return refusing(chains, rules), nil
}
