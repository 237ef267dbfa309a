package bench

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// Defence is one way to deal with a flood.
type Defence struct {
	ID      string // for programs
	Title   string // for people
	Cookies string // net.ipv4.tcp_syncookies
	put     func(w *World) (undo func() error, err error)
}

// The defences that are compared.
var (
	Nothing    = Defence{"none", "no defence: the queue is full", "0", baseline(bpf.FloodPass)}
	Kernel1    = Defence{"kernel-cookies-1", "kernel cookies, tcp_syncookies=1", "1", baseline(bpf.FloodPass)}
	Kernel2    = Defence{"kernel-cookies-2", "kernel cookies, tcp_syncookies=2", "2", baseline(bpf.FloodPass)}
	Synproxy   = Defence{"synproxy", "nftables SYNPROXY", "1", putSynproxy}
	Guard      = Defence{"guard", "the guard's cookies", "1", putGuard(bpf.Native)}
	Generic    = Defence{"guard-generic", "the guard's cookies, generic XDP", "1", putGuard(bpf.Generic)}
	DropAll    = Defence{"xdp-drop", "XDP_DROP, knowing the attacker", "1", baseline(bpf.FloodDrop)}
	BounceBack = Defence{"xdp-bounce", "a bounce: the least of any answer", "1", baseline(bpf.FloodBounce)}
)

// baseline attaches one of the programs of comparison.
func baseline(p bpf.FloodProgram) func(*World) (func() error, error) {
	return func(w *World) (undo func() error, err error) {
		err = w.Server.Do(func() error {
			undo, err = w.Flood.Attach(p, w.serverLink, bpf.Native)
			return err
		})
		return undo, err
	}
}

// putGuard arms the guard for both addresses of the server. It is loaded once:
// in life too it is there before the flood.
func putGuard(mode bpf.XDPMode) func(*World) (func() error, error) {
	return func(w *World) (func() error, error) {
		if w.guard == nil {
			g, err := bpf.OpenGuard()
			if err != nil {
				return nil, err
			}
			w.guard = g
			w.ends = append(w.ends, g.Close)
		}
		if err := w.arm(w.guard, mode); err != nil {
			return nil, errors.Join(err, w.guard.Detach())
		}
		return w.guard.Detach, nil
	}
}

// arm attaches the guard and arms it. The other end of our cable has a program.
func (w *World) arm(g *bpf.Guard, mode bpf.XDPMode) error {
	g.TrustVeth()
	if err := w.Server.Do(func() error { return g.Attach(w.serverLink, mode) }); err != nil {
		return err
	}
	return w.armAll(g)
}

// armAll arms the guard for the addresses of the server on which it listens, with
// what its settings say now.
func (w *World) armAll(g *bpf.Guard) error {
	return w.Server.Do(func() error {
		for _, at := range []netip.AddrPort{server4, server6} {
			l, err := g.ListenerAt(at, mtu)
			if errors.Is(err, bpf.ErrNobodyListens) {
				continue
			}
			if err != nil {
				return err
			}
			if err := g.Arm(l); err != nil {
				return err
			}
		}
		return nil
	})
}

// Put sets the defence up. The returned function takes it away.
func (w *World) Put(d *Defence) (undo func() error, err error) {
	if err := w.Server.Set("net.ipv4.tcp_syncookies", d.Cookies); err != nil {
		return nil, err
	}
	if undo, err = d.put(w); err != nil {
		return nil, fmt.Errorf("bench: %s: %w", d.ID, err)
	}
	return undo, nil
}

// Custom is a defence that somebody else puts up, and that is none of ours: what
// it returns takes it away.
func Custom(id, title, cookies string, put func(*World) (undo func() error, err error)) Defence {
	return Defence{ID: id, Title: title, Cookies: cookies, put: put}
}
