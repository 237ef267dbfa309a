package explain

import (
	"fmt"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// takePorts dials n times from ports 40000 and up of a range of size.
func (l *look) takePorts(n, size int, state tcp.State, inode bool) {
	l.b.Settings["net.ipv4.ip_local_port_range"] = fmt.Sprintf("40000 %d", 39999+size)
	for i := range n {
		l.add(1, state, fmt.Sprintf("192.0.2.1:%d", 40000+i), "198.51.100.7:80", inode, func(s *host.Socket) {
			if state == tcp.TimeWait {
				s.Kind, s.Timer, s.Expires, s.HasInfo = host.TimeWaitKind, host.TimerTimeWait, timeLeft, false
			}
		})
	}
}

const timeLeft = 40e9

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
}
