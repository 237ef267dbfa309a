package live

import (
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
)

// Holders reads which process holds which TCP socket, of all processes at once.
type Holders struct{ iterator *bpf.Holders }

// OpenHolders makes ready to read; the error says which right or feature is missing.
func OpenHolders() (*Holders, error) {
	iterator, err := bpf.OpenHolders()
	if err != nil {
		return nil, err
	}
	return &Holders{iterator}, nil
}

// Owners returns the descriptors of sockets whose inode is wanted, in every
// network namespace, in no order.
func (h *Holders) Owners(wanted func(inode uint32) bool) ([]host.Owner, error) {
	var owners []host.Owner
	err := h.iterator.Each(func(d *bpf.Holder) error {
		if inode := uint32(d.Inode); wanted == nil || wanted(inode) {
			owners = append(owners, host.Owner{Inode: inode, PID: int(d.PID), FD: int(d.FD)})
		}
		return nil
	})
	return owners, err
}

// Close frees what the kernel keeps.
func (h *Holders) Close() error { return h.iterator.Close() }
