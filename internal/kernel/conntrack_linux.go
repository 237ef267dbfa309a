package kernel

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
)

// openingState is TCP_CONNTRACK_SYN_SENT (nf_conntrack_tcp.h): no answer yet.
const openingState = 1

// Conntrack reads the entries of connection tracking that are wanted, of the
// network namespace of the calling thread. It needs CAP_NET_ADMIN. Call it only
// where tracking is on: asking may load its kernel module.
func Conntrack(wanted func(*host.Tracked) bool) ([]host.Tracked, error) {
	var list []host.Tracked
	for _, family := range []netlink.InetFamily{unix.AF_INET, unix.AF_INET6} {
		flows, err := netlink.ConntrackTableList(netlink.ConntrackTable, family)
		if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
			return nil, fmt.Errorf("read connection tracking: %w", err)
		}
		for _, f := range flows {
			if f.Forward.Protocol != unix.IPPROTO_TCP {
				continue
			}
			t := host.Tracked{
				From: endOf(f.Forward.SrcIP, f.Forward.SrcPort), To: endOf(f.Forward.DstIP, f.Forward.DstPort),
				ReplyFrom: endOf(f.Reverse.SrcIP, f.Reverse.SrcPort), ReplyTo: endOf(f.Reverse.DstIP, f.Reverse.DstPort),
			}
			if about, ok := f.ProtoInfo.(*netlink.ProtoInfoTCP); ok {
				t.Opening = about.State == openingState
			}
			if wanted(&t) {
				list = append(list, t)
			}
		}
	}
	return list, nil
}

func endOf(address net.IP, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(plainAddr(address), port)
}
