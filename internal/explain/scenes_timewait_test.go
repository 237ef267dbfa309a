package explain

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// takePorts dials n times from ports 40000 and up of a range of size.
func (l *look) takePorts(n, size int, state tcp.State, inode bool) {
	l.b.Settings["net.ipv4.ip_local_port_range"] = fmt.Sprintf("40000 %d", 39999+size)
	for i := range n {
		l.add(1, state, fmt.Sprintf("192.0.2.1:%d", 40000+i), "198.51.100.7:80", inode, func(s *host.Socket) {
			if state == tcp.TimeWait {
				waiting(s)
			}
		})
	}
}

func waiting(s *host.Socket) {
	s.Kind, s.Timer, s.Expires, s.HasInfo = host.TimeWaitKind, host.TimerTimeWait, 40*time.Second, false
}

func (l *look) ports() {
	l.b.Settings["net.ipv4.ip_local_port_range"], l.b.Settings["net.ipv4.tcp_max_tw_buckets"] = "40000 40999", "1000"
}

// bound takes every port of a small range, each towards one of several places.
func (l *look) bound(state tcp.State) {
	l.b.Settings["net.ipv4.ip_local_port_range"] = "40000 40019"
	for i := range 20 {
		l.add(1, state, fmt.Sprintf("192.0.2.1:%d", 40000+i), fmt.Sprintf("198.51.100.%d:443", i%4), owned, nil)
	}
}

// churns lets fifty connections come into TIME-WAIT.
func (l *look) churns(local, remote string) {
	if l.b.Settings["net.ipv4.tcp_max_tw_buckets"] == "" {
		l.b.Settings["net.ipv4.tcp_max_tw_buckets"] = "4000"
	}
	for range 50 {
		l.add(1, tcp.TimeWait, local, remote, unowned, waiting)
		l.comes()
	}
}

// timeWaitScenes say the sentences of TIME-WAIT and local ports.
var timeWaitScenes = []func(*look){
	func(l *look) {
		l.takePorts(32, 32, tcp.TimeWait, unowned)
		l.b.Settings["net.ipv4.tcp_tw_reuse"], l.b.Settings["net.ipv4.tcp_timestamps"] = "2", "1"
	},
	func(l *look) {
		l.takePorts(32, 32, tcp.TimeWait, unowned)
		l.b.Settings["net.ipv4.tcp_tw_reuse"], l.b.Settings["net.ipv4.tcp_timestamps"] = "1", "0"
	},
	func(l *look) { l.takePorts(32, 32, tcp.Established, owned) },
	func(l *look) { l.listen(128, 0, 0); l.churns("192.0.2.1:80", ""); l.rises("TcpExtTW", 9) },
	func(l *look) {
		l.listen(128, 0, 0)
		l.churns("192.0.2.1:80", "")
		l.b.Settings["net.ipv4.tcp_max_tw_buckets"] = "100"
	},
	func(l *look) { l.ports(); l.churns("192.0.2.1:40001", "198.51.100.7:80") },
	func(l *look) {
		l.ports()
		l.b.Settings["net.ipv4.ip_local_port_range"] = "40000 40100"
		l.churns("192.0.2.1:40001", "198.51.100.7:80")
	},
	func(l *look) {
		l.ports()
		l.churns("192.0.2.1:40001", "198.51.100.7:80")
		l.add(2, tcp.Established, "192.0.2.1:40002", "198.51.100.7:80", owned, nil)
	},
	func(l *look) {
		l.rises("TcpExtTCPTimeWaitOverflow", 9)
		l.b.Settings["net.ipv4.tcp_max_tw_buckets"] = "10"
		l.add(10, tcp.TimeWait, "192.0.2.1:80", "", unowned, waiting)
	},
	func(l *look) { l.rises("TcpExtTCPTimeWaitOverflow", 9) },
	func(l *look) { l.ports(); l.add(3, tcp.TimeWait, "192.0.2.1:80", "", unowned, waiting) },
	func(l *look) {
		l.listen(128, 0, 0)
		l.goes()
		l.add(3, tcp.TimeWait, "192.0.2.1:80", "", unowned, waiting)
		l.add(1, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
	},
}
