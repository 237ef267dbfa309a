package scenario

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Made is evidence that was written and not seen: three causes concern limits
// of the whole host, which no namespace has and the lab never touches.
type Made struct {
	Sockets       []host.Socket // the same at both ends of the window
	Before, After map[string]int64
	Settings      host.Settings
	Neighbours    []host.Neighbour
	Window        time.Duration
}

const notInANamespace = "Not in a namespace, and not on a host that anybody needs: "

// hostWide: limits that a namespace cannot change.
var hostWide = []Scenario{
	{
		Name: "conntrack-full", Title: "The connection tracking table is full (hand-made evidence)", At: "router",
		About:   "As many entries as nf_conntrack_max allows; packets of new connections are dropped while old ones go on. The limit is the whole host's, so this evidence is made by hand and not recorded.",
		ByHand:  notInANamespace + "sysctl -w net.netfilter.nf_conntrack_max=100 and more connections than that.",
		Expects: []Expectation{{Cause: "conntrack-full"}},
		Made: &Made{
			Before:   map[string]int64{"conntrack.drop": 120, "conntrack.early_drop": 4, "conntrack.insert_failed": 0},
			After:    map[string]int64{"conntrack.drop": 940, "conntrack.early_drop": 9, "conntrack.insert_failed": 0},
			Settings: host.Settings{"net.netfilter.nf_conntrack_max": "65536", "net.netfilter.nf_conntrack_count": "65536"},
			Window:   5 * time.Second,
		},
	},
	{
		Name: "conntrack-crowded", Title: "The connection tracking table is nearly full and drops nothing (hand-made evidence)", At: "router",
		About:   "Nine tenths of nf_conntrack_max are used, a few packets were invalid, and no connection was refused: worth watching, and the cause of nothing. Made by hand, as conntrack-full.",
		ByHand:  notInANamespace + "sysctl -w net.netfilter.nf_conntrack_max=100 and ninety connections.",
		Expects: nil,
		Made: &Made{
			Before:   map[string]int64{"conntrack.drop": 120, "conntrack.early_drop": 0, "conntrack.insert_failed": 0, "conntrack.invalid": 4},
			After:    map[string]int64{"conntrack.drop": 120, "conntrack.early_drop": 0, "conntrack.insert_failed": 0, "conntrack.invalid": 19},
			Settings: host.Settings{"net.netfilter.nf_conntrack_max": "65536", "net.netfilter.nf_conntrack_count": "59100"},
			Window:   5 * time.Second,
		},
	},
	{
		Name: "neighbour-table-crowded", Title: "Many neighbours, and room for more (hand-made evidence)", At: "server",
		About:   "Between gc_thresh2 and gc_thresh3 the kernel cleans up more often and refuses nobody. Made by hand, as neighbour-table-full.",
		ByHand:  notInANamespace + "a link with 900 hosts.",
		Expects: nil,
		Made: &Made{
			Before:     map[string]int64{"arp_cache.table_fulls": 3, "ndisc_cache.table_fulls": 0, "arp_cache.forced_gc_runs": 12},
			After:      map[string]int64{"arp_cache.table_fulls": 3, "ndisc_cache.table_fulls": 0, "arp_cache.forced_gc_runs": 71},
			Settings:   host.Settings{"net.ipv4.neigh.default.gc_thresh1": "128", "net.ipv4.neigh.default.gc_thresh2": "512", "net.ipv4.neigh.default.gc_thresh3": "1024"},
			Neighbours: manyNeighbours(900),
			Window:     5 * time.Second,
		},
	},
	{
		Name: "neighbour-table-full", Title: "The neighbour table is full (hand-made evidence)", At: "server",
		About:   "More neighbours than gc_thresh3 allows: the kernel cannot resolve further addresses, and connections to them fail at random. The limit is the whole host's, so this evidence is made by hand and not recorded.",
		ByHand:  notInANamespace + "sysctl -w net.ipv4.neigh.default.gc_thresh3=64 and more hosts on the link than that.",
		Expects: []Expectation{{Cause: "neighbour-table-full"}},
		Made: &Made{
			Before:     map[string]int64{"arp_cache.table_fulls": 3, "ndisc_cache.table_fulls": 0},
			After:      map[string]int64{"arp_cache.table_fulls": 214, "ndisc_cache.table_fulls": 0},
			Settings:   host.Settings{"net.ipv4.neigh.default.gc_thresh1": "128", "net.ipv4.neigh.default.gc_thresh2": "512", "net.ipv4.neigh.default.gc_thresh3": "1024"},
			Neighbours: manyNeighbours(1024),
			Window:     5 * time.Second,
		},
	},
	{
		Name: "orphan-limit", Title: "The limit on orphaned connections is reached (hand-made evidence)", At: "server",
		About:   "More connections that no program holds any more than tcp_max_orphans allows: the kernel resets further ones when their program closes. The limit is the whole host's, so this evidence is made by hand and not recorded.",
		ByHand:  notInANamespace + "sysctl -w net.ipv4.tcp_max_orphans=64 and more clients than that which vanish.",
		Expects: []Expectation{{Cause: "orphan-limit"}},
		Beside:  []string{"fin-unacknowledged"},
		Made: &Made{
			Sockets:  orphans(64),
			Before:   map[string]int64{"sockstat.TCP.orphan": 64, "TcpExtTCPAbortOnMemory": 10},
			After:    map[string]int64{"sockstat.TCP.orphan": 64, "TcpExtTCPAbortOnMemory": 260},
			Settings: host.Settings{"net.ipv4.tcp_max_orphans": "64", "net.ipv4.tcp_orphan_retries": "0", "net.ipv4.tcp_retries2": "15"},
			Window:   5 * time.Second,
		},
	},
}

func manyNeighbours(n int) []host.Neighbour {
	list := make([]host.Neighbour, n)
	for i := range list {
		list[i] = host.Neighbour{Address: netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), Interface: "eth0", State: "STALE"}
	}
	return list
}

// orphans are closed connections whose FIN is not acknowledged.
func orphans(n int) []host.Socket {
	local := netip.MustParseAddrPort("192.0.2.2:80")
	list := make([]host.Socket, n)
	for i := range list {
		list[i] = host.Socket{
			State: tcp.FinWait1, Local: local, Remote: netip.AddrPortFrom(netip.MustParseAddr("198.51.100.10"), uint16(40000+i)),
			Timer: host.TimerRetransmit, Expires: 3 * time.Second, Retransmits: 4, SendQueue: 1, Cookie: uint64(i + 1),
			HasInfo: true, Info: host.Info{RTO: 3200 * time.Millisecond, Backoff: 4},
		}
	}
	return list
}

func plural(n int) string {
	if n == 1 {
		return "1 is there"
	}
	return fmt.Sprintf("%d are there", n)
}
