package inventory

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func found() host.Processes {
	return host.Processes{
		List:   []host.Process{{PID: 7, Name: "nginx", Exe: "/usr/sbin/nginx", ExeDeleted: true}, {PID: 8, Name: "x", Exe: "/tmp/x"}},
		Owners: []host.Owner{{Inode: 5, PID: 7, FD: 3}, {Inode: 9, PID: 7, FD: 4}, {Inode: 9, PID: 8, FD: 4}},
	}
}

func TestKind(t *testing.T) {
	for _, c := range []struct {
		name   string
		socket host.Socket
		hidden bool
		want   OwnerKind
	}{
		{"a process", host.Socket{State: tcp.Established, Inode: 9}, true, ByProcess},
		{"in the accept queue", host.Socket{State: tcp.Established}, false, NeverAccepted},
		{"given up in the accept queue", host.Socket{State: tcp.CloseWait}, false, NeverAccepted},
		{"half-open", host.Socket{State: tcp.SynReceived, Kind: host.Request}, false, NeverAccepted},
		{"closed by its program", host.Socket{State: tcp.LastAck}, false, Orphan},
		{"minisocket", host.Socket{State: tcp.FinWait2, Kind: host.TimeWaitKind}, false, Orphan},
		{"in the kernel", host.Socket{State: tcp.Established, Inode: 77}, false, ByKernel},
		{"another user's", host.Socket{State: tcp.CloseWait, Inode: 77}, true, Hidden},
	} {
		o := NewOwners(found(), c.hidden)
		if got := o.Kind(&c.socket, len(o.Of(c.socket.Inode, nil))); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
	hidden := found()
	hidden.Hidden = 1
	if got := NewOwners(hidden, false).Kind(&host.Socket{Inode: 77}, 0); got != Hidden {
		t.Errorf("with a process that could not be read: %s", got)
	}
}

func at(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

func sockets() []host.Socket {
	return []host.Socket{
		{State: tcp.Listen, Local: at("0.0.0.0:80"), Inode: 5, RecvQueue: 3, SendQueue: 128, HasMemory: true, Memory: host.Memory{Drops: 4}},
		{State: tcp.Listen, Local: at("0.0.0.0:80"), Inode: 9, RecvQueue: 1, SendQueue: 128, HasMemory: true, Memory: host.Memory{Drops: 1}},
		{State: tcp.Listen, Local: at("127.0.0.1:25"), SendQueue: 4096, Inode: 88},
		{State: tcp.Listen, Local: at("192.0.2.1:22"), SendQueue: 10},
		{State: tcp.SynReceived, Kind: host.Request, Local: at("192.0.2.1:80"), Remote: at("198.51.100.1:1000")},
		{State: tcp.Established, Local: at("192.0.2.1:80"), Remote: at("198.51.100.1:1001"), Inode: 9},
		{State: tcp.Established, Local: at("192.0.2.1:40000"), Remote: at("198.51.100.2:443"), Inode: 5},
		{State: tcp.TimeWait, Kind: host.TimeWaitKind, Local: at("192.0.2.1:40001"), Remote: at("198.51.100.2:443")},
	}
}

func TestListeners(t *testing.T) {
	settings := host.Settings{"net.core.somaxconn": "4096", "net.ipv4.tcp_max_syn_backlog": "64", "net.ipv4.tcp_syncookies": "0"}
	list := Listeners(sockets(), NewOwners(found(), false), settings)
	if len(list) != 3 || list[0].Port != 22 || list[1].Port != 25 || list[2].Port != 80 {
		t.Fatalf("%+v", list)
	}
	ssh, mail, web := list[0], list[1], list[2]
	if ssh.Scope != OneAddress || ssh.OwnerKind != Orphan || ssh.Drops != nil || ssh.AcceptQueue != (Queue{0, 10, "listen"}) {
		t.Errorf("ssh: %+v", ssh)
	}
	if mail.Scope != Loopback || mail.OwnerKind != ByKernel || mail.AcceptQueue.LimitedBy != "somaxconn" || mail.SynQueue != (Queue{0, 48, "tcp_max_syn_backlog"}) {
		t.Errorf("mail: %+v", mail)
	}
	if web.Scope != Everywhere || web.Sockets != 2 || len(web.Owners) != 3 || *web.Drops != 5 || !web.ExeDeleted || !web.ExeTempDir ||
		web.AcceptQueue != (Queue{4, 256, "listen"}) || web.SynQueue.Length != 1 {
		t.Errorf("web: %+v", web)
	}
}

func TestGrouping(t *testing.T) {
	owners := NewOwners(found(), false)
	for by, want := range map[By]string{
		ByListener: "0.0.0.0:80=4 (dialled)=2 127.0.0.1:25=1 192.0.2.1:22=1",
		ByPort:     "80=4 to 443=2 22=1 25=1",
		ByPeer:     "-=4 198.51.100.1=2 198.51.100.2=2",
		ByOwner:    "nginx[7]=4 (orphan)=2 (kernel)=1 (never-accepted)=1",
		ByNetNS:    "42=8",
	} {
		g := NewGrouping(by, sockets(), owners)
		g.Add(sockets(), "42")
		got := ""
		for i, group := range g.Groups() {
			if i > 0 {
				got += " "
			}
			got += group.Key + "=" + decimal(group.Counts.Total())
		}
		if got != want {
			t.Errorf("by %s: %s", by, got)
		}
	}
}

func TestRatioOf(t *testing.T) {
	processes := found()
	processes.List[0].OpenFiles, processes.List[1].OpenFiles = 10, 4
	owners := NewOwners(processes, false)
	settings := host.Settings{"net.ipv4.tcp_max_tw_buckets": "2", "net.ipv4.ip_local_port_range": "40000 40003"}
	for state, want := range map[tcp.State]string{
		tcp.Listen:      "4 of 256: accept queue of 0.0.0.0:80",
		tcp.SynReceived: "1 of 256: half-open queue of 0.0.0.0:80",
		tcp.TimeWait:    "1 of 2: net.ipv4.tcp_max_tw_buckets",
		tcp.Established: "1 of 4: open files of x[8]",
	} {
		if got, ok := RatioOf(state, sockets(), owners, settings); !ok || got.String() != want {
			t.Errorf("%v: %v, %v", state, got, ok)
		}
	}
	for _, state := range []tcp.State{tcp.CloseWait, tcp.SynSent} {
		if got, ok := RatioOf(state, sockets(), owners, nil); ok {
			t.Errorf("%v: %v", state, got)
		}
	}
	if got, ok := RatioOf(tcp.TimeWait, sockets(), owners, host.Settings{"net.ipv4.ip_local_port_range": "40000 40003"}); !ok || got.Value() != 0.25 {
		t.Errorf("ports: %v", got)
	}
}

func decimal(n uint64) string { return string(rune('0' + n)) }
