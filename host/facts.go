package host

import (
	"net/netip"
	"strings"
	"time"
)

// Identity names the host and the network namespace that was looked at.
type Identity struct {
	Name   string `json:"name"`
	Kernel string `json:"kernel"` // uname release, "6.18.44"
	NetNS  string `json:"netns"`  // inode of the network namespace, decimal
}

// Counters are the kernel's own event counters at one moment, by the name that
// nstat prints ("TcpExtListenOverflows", "TcpPassiveOpens", "IpInReceives",
// "Ip6InDelivers"), together with the gauges of /proc/net/sockstat under
// "sockstat." names ("sockstat.TCP.orphan", "sockstat.TCP.tw") and the tables of
// /proc/net/stat under the names of their kind ("conntrack.drop",
// "arp_cache.table_fulls", "ndisc_cache.entries"). The neighbour tables are the
// whole host's, whatever namespace reads them.
type Counters struct {
	Time   time.Time        `json:"time"`
	Values map[string]int64 `json:"values"`
}

// Delta returns how far a counter moved between two readings; ok is false when
// either reading lacks it. A counter that fell (the namespace was replaced, or
// it is a gauge) gives a negative number.
func Delta(before, after Counters, name string) (moved int64, ok bool) {
	a, okA := before.Values[name]
	b, okB := after.Values[name]
	return b - a, okA && okB
}

// Settings are kernel settings by their sysctl name ("net.ipv4.tcp_syncookies").
type Settings map[string]string

// Route is one entry of a routing table.
type Route struct {
	Destination netip.Prefix `json:"destination"` // 0.0.0.0/0 or ::/0 is the default route
	Gateway     netip.Addr   `json:"gateway,omitzero"`
	Interface   string       `json:"interface,omitempty"`
	Source      netip.Addr   `json:"source,omitzero"`
	Metric      int          `json:"metric,omitempty"`
	Table       int          `json:"table,omitempty"` // 254 main, 255 local
	Type        string       `json:"type,omitempty"`  // "unicast", "blackhole", "unreachable", ...; "" is unicast
}

// Neighbour is one entry of the neighbour table (ARP or neighbour discovery).
type Neighbour struct {
	Address   netip.Addr `json:"address"`
	Interface string     `json:"interface"`
	State     string     `json:"state"` // "REACHABLE", "STALE", "DELAY", "PROBE", "INCOMPLETE", "FAILED", "PERMANENT", "NOARP"
	LinkLayer string     `json:"link_layer,omitempty"`
}

// Process is one process that holds TCP sockets.
type Process struct {
	PID         int           `json:"pid"`
	Name        string        `json:"name"`
	Exe         string        `json:"exe,omitempty"` // "" when we may not read it
	ExeDeleted  bool          `json:"exe_deleted,omitempty"`
	UID         uint32        `json:"uid"`
	State       string        `json:"state,omitempty"`       // "R", "S", "D", "T", "Z" of /proc/PID/stat
	Wait        string        `json:"wait,omitempty"`        // wchan: kernel function its main thread sleeps in
	OpenFiles   uint64        `json:"open_files,omitempty"`  // the most descriptors it may have, soft limit; 0 when not known
	Descriptors int           `json:"descriptors,omitempty"` // it has now, of every kind; 0 when not known (Linux before 6.2)
	Waits       []Wait        `json:"waits,omitempty"`       // what each of its threads waits for, by function; empty when nobody asked
	Threads     int           `json:"threads,omitempty"`
	CPU         time.Duration `json:"cpu,omitempty"` // user and system time so far
	Cgroup      string        `json:"cgroup,omitempty"`
	Container   string        `json:"container,omitempty"` // id found in the cgroup path
}

// Temporary tells whether the program lies in a folder in which anybody may put
// files, or in none at all.
func (p *Process) Temporary() bool {
	for _, folder := range []string{"/tmp/", "/var/tmp/", "/dev/shm/", "/memfd:"} {
		if strings.HasPrefix(p.Exe, folder) {
			return true
		}
	}
	return false
}

// Owner says that a process holds a descriptor on a socket.
type Owner struct {
	Inode uint32 `json:"inode"`
	PID   int    `json:"pid"`
	FD    int    `json:"fd"`
}

// Processes is who owns the sockets at one moment.
type Processes struct {
	Time   time.Time `json:"time"`
	List   []Process `json:"list"`   // by PID
	Owners []Owner   `json:"owners"` // by inode, then PID, then FD; shared sockets have several
	Hidden int       `json:"hidden"` // processes whose descriptors we were not allowed to read
}
