package kernel

import (
	"maps"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

func TestSettings(t *testing.T) {
	root := fixture(t, map[string]string{
		"proc/sys/net/ipv4/tcp_syncookies":           "1\n",
		"proc/sys/net/ipv4/ip_local_port_range":      "32768\t60999\n",
		"proc/sys/net/ipv4/ip_local_reserved_ports":  "\n",
		"proc/sys/net/core/somaxconn":                "4096\n",
		"proc/sys/net/ipv4/conf/all/rp_filter":       "0\n",
		"proc/sys/net/ipv4/conf/default/rp_filter":   "2\n",
		"proc/sys/net/ipv4/conf/eth0/rp_filter":      "1\n",
		"proc/sys/net/ipv4/conf/eth0.100/rp_filter":  "2\n",
		"proc/sys/net/ipv4/conf/eth0/log_martians":   "1\n", // not asked for
		"proc/sys/net/ipv4/neigh/default/gc_thresh3": "1024\n",
		"proc/sys/net/netfilter/nf_conntrack_max":    "262144\n",
		"proc/sys/net/ipv4/tcp_congestion_control":   "cubic\n", // not asked for
		"proc/sys/net/ipv6/neigh/default/gc_thresh3": "1024\n",
		"proc/sys/net/ipv6/conf/eth0/disable_ipv6":   "0\n",
		"proc/sys/net/ipv4/tcp_keepalive_time":       "7200\n",
	})
	want := host.Settings{
		"net.ipv4.tcp_syncookies": "1", "net.ipv4.ip_local_port_range": "32768 60999", "net.ipv4.ip_local_reserved_ports": "",
		"net.core.somaxconn": "4096", "net.ipv4.conf.all.rp_filter": "0", "net.ipv4.conf.default.rp_filter": "2",
		"net.ipv4.conf.eth0.rp_filter": "1", "net.ipv4.conf.eth0/100.rp_filter": "2", "net.ipv4.neigh.default.gc_thresh3": "1024",
		"net.netfilter.nf_conntrack_max": "262144", "net.ipv6.neigh.default.gc_thresh3": "1024", "net.ipv6.conf.eth0.disable_ipv6": "0",
		"net.ipv4.tcp_keepalive_time": "7200",
	}
	got, err := root.Settings()
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got  %v, %v\nwant %v", got, err, want)
	}
}

func TestNoSettings(t *testing.T) {
	if _, err := fixture(t, nil).Settings(); err == nil || !strings.Contains(err.Error(), "no kernel settings") {
		t.Errorf("an empty root: %v", err)
	}
}

func TestSettingPath(t *testing.T) {
	for name, want := range map[string]string{
		"net.core.somaxconn":                "proc/sys/net/core/somaxconn",
		"net.ipv4.conf.eth0/100.rp_filter":  "proc/sys/net/ipv4/conf/eth0.100/rp_filter",
		"net.ipv4.neigh.default.gc_thresh3": "proc/sys/net/ipv4/neigh/default/gc_thresh3",
	} {
		if got := settingPath(name); got != want {
			t.Errorf("settingPath(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSettingNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range settingNames {
		if seen[name] || !strings.HasPrefix(name, "net.") || strings.Count(name, "*") > 1 {
			t.Errorf("%q", name)
		}
		seen[name] = true
	}
}
