package lab

import (
	"errors"
	"fmt"
	"os"
)

// pinned lists every setting that a scenario depends on, so that none of them
// comes from the host that the lab happens to run on. The values are Linux's
// defaults.
var pinned = [][2]string{
	{"net.core.somaxconn", "4096"},
	{"net.ipv4.conf.all.accept_redirects", "0"},
	{"net.ipv4.conf.all.rp_filter", "0"},
	{"net.ipv4.conf.default.rp_filter", "0"},
	{"net.ipv4.conf.all.send_redirects", "0"},
	{"net.ipv4.conf.default.send_redirects", "0"},
	{"net.ipv4.icmp_ratelimit", "0"},
	{"net.ipv4.ip_forward", "0"},
	{"net.ipv4.ip_local_port_range", "32768 60999"},
	{"net.ipv4.ip_no_pmtu_disc", "0"},
	{"net.ipv4.tcp_abort_on_overflow", "0"},
	{"net.ipv4.tcp_ecn", "2"},
	{"net.ipv4.tcp_fastopen", "1"},
	{"net.ipv4.tcp_fin_timeout", "60"},
	{"net.ipv4.tcp_invalid_ratelimit", "500"},
	{"net.ipv4.tcp_keepalive_intvl", "75"},
	{"net.ipv4.tcp_keepalive_probes", "9"},
	{"net.ipv4.tcp_keepalive_time", "7200"},
	{"net.ipv4.tcp_max_syn_backlog", "1024"},
	{"net.ipv4.tcp_max_tw_buckets", "65536"},
	{"net.ipv4.tcp_mtu_probing", "0"},
	{"net.ipv4.tcp_no_metrics_save", "0"},
	{"net.ipv4.tcp_orphan_retries", "0"},
	{"net.ipv4.tcp_retries1", "3"},
	{"net.ipv4.tcp_retries2", "15"},
	{"net.ipv4.tcp_rfc1337", "0"},
	{"net.ipv4.tcp_rmem", "4096 131072 6291456"},
	{"net.ipv4.tcp_sack", "1"},
	{"net.ipv4.tcp_syn_linear_timeouts", "4"},
	{"net.ipv4.tcp_syn_retries", "6"},
	{"net.ipv4.tcp_synack_retries", "5"},
	{"net.ipv4.tcp_syncookies", "1"},
	{"net.ipv4.tcp_timestamps", "1"},
	{"net.ipv4.tcp_tw_reuse", "2"},
	{"net.ipv4.tcp_window_scaling", "1"},
	{"net.ipv4.tcp_wmem", "4096 16384 4194304"},
	{"net.ipv6.conf.all.accept_dad", "0"}, // detection keeps a new address silent for two seconds
	{"net.ipv6.conf.default.accept_dad", "0"},
	{"net.ipv6.conf.all.forwarding", "0"},
}

// pin gives the namespace the values that scenarios expect. A setting that this
// kernel does not have is none that it depends on.
func (n *Namespace) pin() error {
	for _, setting := range pinned {
		if err := n.Set(setting[0], setting[1]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("pinning %s: %w", setting[0], err)
		}
	}
	return nil
}
