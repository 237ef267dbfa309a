package guard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// loose is the setting with which connection tracking makes an entry of any ACK:
// the proxy would never see the one that brings its cookie back.
const loose = "net.netfilter.nf_conntrack_tcp_loose"

// Proxy adds the third rung to a ladder: netfilter's SYNPROXY for servers behind
// this router, those that are named or else the one that is flooded. It asks each
// server of which nobody said it what its handshake offers, by one connection; it
// changes nothing. What was asked is told in the backends.
func (l *Ladder) Proxy(ctx context.Context, b *evidence.Bundle, backends []Backend) ([]Backend, error) {
	if l.Refuses() {
		return nil, nil
	}
	if len(backends) == 0 {
		if l.Through == nil {
			return nil, errors.New("no flood on its way to another host was seen here: name the server with --protect")
		}
		at, err := netip.ParseAddrPort(l.Through.Subject.Local)
		if err != nil {
			return nil, err
		}
		backends = []Backend{{Address: at}}
	}
	backends = slices.Clone(backends)
	for i := range backends {
		if err := mayProxy(b, backends[i].Address); err != nil {
			return nil, err
		}
		if err := backends[i].ask(ctx); err != nil {
			return nil, err
		}
	}
	return backends, l.proxied(b, backends)
}

func (l *Ladder) proxied(b *evidence.Bundle, backends []Backend) error {
	value, known := b.Settings[loose]
	if !known {
		return errors.New("connection tracking is not loaded, and SYNPROXY needs it: modprobe nf_conntrack")
	}
	table := diagnose.Change{Kind: diagnose.ChangeRules, Target: proxyTable, To: proxyText(backends)}
	var err error
	if table.From, err = apply.Doers()[table.Kind].Read(table); err != nil {
		return err
	}
	if table.From != "" && table.From != table.To {
		return fmt.Errorf("the table %s is there already, with other rules: \"synoptic guard revert\" first", proxyTable)
	}
	if l.Through != nil && l.Flood == nil {
		l.Plan.Cause, l.Plan.State, l.Plan.Subject = l.Through.Cause, l.Through.State, l.Through.Subject
	}
	if value != "0" {
		l.Plan.Changes = append(l.Plan.Changes, setting("tcp-loose", loose, value, "0", diagnose.Say("guard-loose"), diagnose.Say("guard-loose-cost")))
	}
	var names []string
	for _, one := range backends {
		names = append(names, one.Address.String())
	}
	l.Plan.Changes = append(l.Plan.Changes, remedy.Change{
		ID: "synproxy", Change: table, Scope: remedy.ScopeOf(table), Preventive: l.Through == nil,
		Effect: diagnose.Say("guard-synproxy", strings.Join(names, ", ")), Cost: diagnose.Say("guard-synproxy-cost"),
	})
	return nil
}

// mayProxy says why connections to a server cannot be answered for here.
func mayProxy(b *evidence.Bundle, at netip.AddrPort) error {
	forward := "net.ipv4.ip_forward"
	if at.Addr().Is6() {
		forward = "net.ipv6.conf.all.forwarding"
	}
	if value := b.Settings[forward]; value == "" || value == "0" {
		return fmt.Errorf("%v: this host forwards nothing (%s is not 1): SYNPROXY is for routers in front of others", at, forward)
	}
	for i := range b.Published {
		if leadsTo(&b.Published[i], at) {
			return fmt.Errorf("%v: the rule at %s leads connections to %s there: SYNs pass SYNPROXY before they are led on, so it cannot answer for it", at, b.Published[i].Rule, b.Published[i].Dialled())
		}
	}
	ways, err := netlink.RouteGet(at.Addr().AsSlice())
	switch {
	case err != nil:
		return fmt.Errorf("%v: no route leads there: %w", at, err)
	case slices.ContainsFunc(ways, func(r netlink.Route) bool { return r.Type == unix.RTN_LOCAL }):
		return fmt.Errorf("%v is an address of this host: SYNPROXY is for servers behind it, and cookies by XDP for its own (--xdp --listener %v)", at, at)
	}
	return nil
}

// leadsTo tells whether a rule leads connections of others to a server.
func leadsTo(p *host.Published, at netip.AddrPort) bool {
	to, one := p.Leads()
	if p.Own || to.Addr() != at.Addr() {
		return false
	}
	return to.Port() == at.Port() || !one && p.First <= at.Port() && at.Port() <= p.Last
}

// patience is how long a server may take to answer; under a flood it may not.
const patience = 3 * time.Second

// ask opens one connection to the server, and reads what its SYN-ACK offered.
func (b *Backend) ask(ctx context.Context) error {
	if b.Told {
		return nil
	}
	d := net.Dialer{Timeout: patience}
	d.SetMultipathTCP(false) // its options would be in the way
	c, err := d.DialContext(ctx, "tcp", b.Address.String())
	if errors.Is(err, unix.ECONNREFUSED) {
		return fmt.Errorf("nobody listens on %v", b.Address)
	}
	if err != nil {
		return fmt.Errorf("%v does not answer, so what it offers is not known: say it, as in --protect %v,mss=1460,wscale=7,timestamp,sack-perm (%w)", b.Address, b.Address, err)
	}
	defer c.Close()
	return b.read(c.(*net.TCPConn))
}

// The options of TCP_INFO (linux/tcp.h).
const (
	infoTimestamps = 1 // TCPI_OPT_TIMESTAMPS
	infoSACK       = 2 // TCPI_OPT_SACK
	infoScale      = 4 // TCPI_OPT_WSCALE
)

// stamps is what the timestamps option takes from each segment, in octets.
const stamps = 12

func (b *Backend) read(c *net.TCPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var info struct {
		_       [5]byte
		options byte
		scales  byte // theirs in the lower half
		_       [9]byte
		segment uint32 // tcpi_snd_mss
	}
	size := uint32(unsafe.Sizeof(info))
	var failed unix.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_TCP, unix.TCP_INFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err == nil && failed != 0 {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("%v: what it offers: %w", b.Address, err)
	}
	b.Told, b.Timestamps, b.SACK, b.Scale = true, info.options&infoTimestamps != 0, info.options&infoSACK != 0, -1
	if info.options&infoScale != 0 {
		b.Scale = int(info.scales & 15)
	}
	if b.MSS = uint16(min(info.segment, 65535)); b.Timestamps {
		b.MSS += stamps
	}
	return nil
}
