package kernel

import (
	"fmt"
	"os"
	"strings"

	"github.com/synoptic-net/synoptic/host"
)

// settingNames are the settings that a cause, a fate or a remedy may need. "*"
// stands for "all", "default" and every interface.
var settingNames = []string{
	// Handshake.
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_max_syn_backlog",
	"net.ipv4.tcp_synack_retries",
	"net.ipv4.tcp_syn_retries",
	"net.ipv4.tcp_syn_linear_timeouts",
	"net.ipv4.tcp_abort_on_overflow",
	"net.ipv4.tcp_migrate_req",
	"net.ipv4.tcp_fastopen",
	"net.ipv4.tcp_timestamps",
	"net.ipv4.tcp_window_scaling",
	"net.ipv4.tcp_sack",
	"net.ipv4.tcp_ecn",
	"net.core.somaxconn",
	"net.core.netdev_max_backlog",
	// Retransmission and its end.
	"net.ipv4.tcp_retries1",
	"net.ipv4.tcp_retries2",
	"net.ipv4.tcp_orphan_retries",
	"net.ipv4.tcp_rto_min_us",
	"net.ipv4.tcp_rto_max_ms",
	"net.ipv4.tcp_thin_linear_timeouts",
	"net.ipv4.tcp_mtu_probing",
	"net.ipv4.tcp_base_mss",
	"net.ipv4.ip_no_pmtu_disc",
	// Idle connections.
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	// Closing.
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_tw_reuse",
	"net.ipv4.tcp_tw_reuse_delay",
	"net.ipv4.tcp_max_tw_buckets",
	"net.ipv4.tcp_max_orphans",
	"net.ipv4.tcp_rfc1337",
	// Resets and challenge ACKs.
	"net.ipv4.tcp_challenge_ack_limit",
	"net.ipv4.tcp_invalid_ratelimit",
	// Memory.
	"net.ipv4.tcp_mem",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_wmem",
	// Ports.
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	// Routing and source checks.
	"net.ipv4.ip_forward",
	"net.ipv4.conf.*.rp_filter",
	"net.ipv4.conf.*.accept_local",
	"net.ipv4.conf.*.src_valid_mark",
	"net.ipv4.conf.*.route_localnet",
	"net.ipv4.fib_multipath_hash_policy",
	"net.ipv6.conf.*.disable_ipv6",
	"net.ipv6.conf.all.forwarding",
	"net.ipv6.bindv6only",
	// Neighbours.
	"net.ipv4.neigh.default.gc_thresh1",
	"net.ipv4.neigh.default.gc_thresh2",
	"net.ipv4.neigh.default.gc_thresh3",
	"net.ipv6.neigh.default.gc_thresh1",
	"net.ipv6.neigh.default.gc_thresh2",
	"net.ipv6.neigh.default.gc_thresh3",
	// Connection tracking.
	"net.netfilter.nf_conntrack_max",
	"net.netfilter.nf_conntrack_count",
	"net.netfilter.nf_conntrack_buckets",
	"net.netfilter.nf_conntrack_tcp_loose",
	"net.netfilter.nf_conntrack_tcp_be_liberal",
	"net.netfilter.nf_conntrack_tcp_timeout_syn_sent",
	"net.netfilter.nf_conntrack_tcp_timeout_syn_recv",
	"net.netfilter.nf_conntrack_tcp_timeout_established",
	"net.netfilter.nf_conntrack_tcp_timeout_fin_wait",
	"net.netfilter.nf_conntrack_tcp_timeout_close_wait",
	"net.netfilter.nf_conntrack_tcp_timeout_last_ack",
	"net.netfilter.nf_conntrack_tcp_timeout_time_wait",
	"net.netfilter.nf_conntrack_tcp_timeout_unacknowledged",
	"net.netfilter.nf_conntrack_tcp_timeout_max_retrans",
}

const sysctlFolder = "proc/sys"

// Settings reads the kernel settings that a diagnosis may need, for the network
// namespace of the calling thread. Settings that this kernel lacks, or that we
// may not read, are absent. Several numbers are parted by one space
// ("32768 60999"). The error says that there are no settings at all.
func (r Root) Settings() (host.Settings, error) {
	settings := make(host.Settings, len(settingNames))
	for _, pattern := range settingNames {
		for _, name := range r.expand(pattern) {
			if value, err := r.readWord(settingPath(name)); err == nil {
				settings[name] = strings.Join(strings.Fields(value), " ")
			}
		}
	}
	if len(settings) == 0 {
		return settings, fmt.Errorf("no kernel settings below %s", r.path(sysctlFolder))
	}
	return settings, nil
}

// expand replaces "*" by the folders that stand at its place.
func (r Root) expand(pattern string) []string {
	before, after, ok := strings.Cut(pattern, "*")
	if !ok {
		return []string{pattern}
	}
	entries, err := os.ReadDir(r.path(settingPath(strings.TrimSuffix(before, "."))))
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, before+swapDots(entry.Name())+after)
	}
	return names
}

// settingPath turns a sysctl name into a path below the root. As in sysctl(8)
// the dot of an interface such as eth0.100 is written as a slash.
func settingPath(name string) string {
	return sysctlFolder + "/" + swapDots(name)
}

var dotsAndSlashes = strings.NewReplacer(".", "/", "/", ".")

// swapDots exchanges dots and slashes.
func swapDots(name string) string { return dotsAndSlashes.Replace(name) }

// Setting reads one setting of the network namespace of the calling thread, by its
// sysctl name.
func (r Root) Setting(name string) (string, error) { return r.readWord(settingPath(name)) }
