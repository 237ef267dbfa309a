package explain

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// A look says what a bundle holds at its first and at its last look.
type look struct {
	b           *evidence.Bundle
	first, last []host.Socket
	n           int
}

func bundleOf(scene func(*look)) *evidence.Bundle {
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	process := host.Processes{List: []host.Process{{PID: 45678, Name: "nginx", Exe: "/usr/sbin/nginx", State: "S", Cgroup: "/system.slice/nginx.service"}}}
	l := &look{b: &evidence.Bundle{
		Start: start, End: start.Add(5 * time.Second), Host: host.Identity{Name: "web-1", Kernel: "6.18.44", NetNS: "4026531840"},
		ProcessesBefore: process, ProcessesAfter: host.Processes{List: append([]host.Process(nil), process.List...)},
		CountersBefore: host.Counters{Values: map[string]int64{}}, CountersAfter: host.Counters{Values: map[string]int64{}},
		Settings: host.Settings{
			"net.core.somaxconn": "4096", "net.ipv4.tcp_syncookies": "1",
			"net.ipv4.tcp_synack_retries": "5", "net.netfilter.nf_conntrack_count": "0",
		},
	}}
	for _, name := range []string{"sockets", "counters", "settings", "routes", "neighbours", "processes"} {
		l.b.Sources = append(l.b.Sources, evidence.Source{Name: name, OK: true})
	}
	scene(l)
	l.b.Snapshots = []host.Snapshot{{Time: start, States: tcp.AllStates, Sockets: l.first}, {Time: l.b.End, States: tcp.AllStates, Sockets: l.last}}
	return l.b
}

const owned, unowned = true, false

// add adds n sockets with remotes of networks of their own, or with the one
// given.
func (l *look) add(n int, state tcp.State, local, remote string, inode bool, change func(*host.Socket)) {
	for range n {
		l.n++
		s := host.Socket{State: state, Local: netip.MustParseAddrPort(local), Cookie: uint64(l.n), HasInfo: true, Info: host.Info{LastAckRecv: 20 * time.Second, SendMSS: 1448}}
		s.Remote = netip.MustParseAddrPort(fmt.Sprintf("11.%d.%d.9:40000", l.n/256, l.n%256))
		if remote != "" {
			s.Remote = netip.MustParseAddrPort(remote)
		}
		if inode {
			s.Inode = uint32(5000 + l.n)
			for _, p := range []*host.Processes{&l.b.ProcessesBefore, &l.b.ProcessesAfter} {
				p.Owners = append(p.Owners, host.Owner{Inode: s.Inode, PID: 45678, FD: 5})
			}
		}
		if change != nil {
			change(&s)
		}
		l.first, l.last = append(l.first, s), append(l.last, s)
	}
}

// listen adds a listener on port 80 with the lengths of its queue.
func (l *look) listen(limit, before, after uint32) {
	l.add(1, tcp.Listen, "0.0.0.0:80", "0.0.0.0:0", owned, func(s *host.Socket) { s.SendQueue, s.RecvQueue = limit, before })
	l.last[len(l.last)-1].RecvQueue = after
}

func (l *look) rises(counter string, by int64) {
	l.b.CountersBefore.Values[counter], l.b.CountersAfter.Values[counter] = 0, by
}

// comes and goes make the last added socket one of the last or the first look
// only.
func (l *look) comes() { l.first = l.first[:len(l.first)-1] }
func (l *look) goes()  { l.last = l.last[:len(l.last)-1] }

func (l *look) process() *host.Process { return &l.b.ProcessesAfter.List[0] }
func (l *look) neighbour(addr, state string) {
	l.b.Neighbours = append(l.b.Neighbours, host.Neighbour{Address: netip.MustParseAddr(addr), State: state})
}

func request(s *host.Socket) { s.Kind = host.Request }

func (l *look) narrow(n int) {
	l.listen(128, 0, 0)
	l.add(n, tcp.SynReceived, "192.0.2.1:80", "198.51.100.7:2000", unowned, resent(host.TimerRetransmit))
}

func (l *look) quiet(n int) {
	l.listen(128, 0, 0)
	l.add(n, tcp.SynReceived, "192.0.2.1:80", "", unowned, request)
}

func (l *look) crowd() {
	l.listen(8, 0, 0)
	l.add(9, tcp.SynReceived, "192.0.2.1:80", "", unowned, request)
	l.first = l.first[:1]
	l.rises("TcpPassiveOpens", 180)
}

func (l *look) dead() {
	l.add(3, tcp.SynSent, "192.0.2.1:40001", "198.51.100.9:81", owned, resent(host.TimerRetransmit))
}

func (l *look) dropped() {
	l.add(6, tcp.SynSent, "192.0.2.1:40001", "198.51.100.7:81", owned, resent(host.TimerRetransmit))
	l.rises("TcpExtTCPSynRetrans", 24)
	l.rises("IpInReceives", 124)
	l.rises("IpInDelivers", 100)
}

func (l *look) fromText(state tcp.State, local, remote string) {
	l.b.Text = &evidence.Text{Tool: "ss"}
	l.b.Text.Counts[state] = 9
	l.add(9, state, local, remote, unowned, nil)
}

func resent(timer host.Timer) func(*host.Socket) {
	return func(s *host.Socket) {
		s.Timer, s.Retransmits, s.Kind = timer, 3, map[bool]host.Kind{true: host.Request}[s.State == tcp.SynReceived]
	}
}

func (l *look) stalled() {
	l.listen(2, 3, 3)
	l.add(3, tcp.Established, "192.0.2.1:80", "", unowned, nil)
	l.rises("TcpExtListenOverflows", 9)
}

func (l *look) flood() {
	l.listen(128, 0, 0)
	l.add(1290, tcp.SynReceived, "192.0.2.1:80", "", unowned, resent(host.TimerRetransmit))
}

func (l *look) filtered() {
	l.add(3, tcp.SynSent, "192.0.2.1:40001", "198.51.100.7:5432", owned, resent(host.TimerRetransmit))
	l.rises("TcpExtTCPSynRetrans", 3)
}

func (l *look) silent(unsent uint32) {
	l.add(3, tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", owned, func(s *host.Socket) { resent(host.TimerRetransmit)(s); s.SendQueue = unsent })
}

// told lets an iterator tell of every half-open connection and listener.
func (l *look) told(requests, listeners host.Inner) {
	for _, list := range [][]host.Socket{l.first, l.last} {
		for i := range list {
			if list[i].Kind == host.Request {
				list[i].Inner = &requests
			} else if list[i].State == tcp.Listen {
				list[i].Inner = &listeners
			}
		}
	}
}

// scenes make findings that together say every sentence.
var scenes = []func(*look){
	func(l *look) {
		l.narrow(129)
		l.rises("TcpExtTCPReqQFullDrop", 2871)
		l.rises("TcpExtTCPSynRetrans", 3)
	},
	func(l *look) { l.narrow(129); l.rises("TcpExtTCPReqQFullDoCookies", 9) },
	func(l *look) { l.quiet(1); l.b.CountersAfter.Values["TcpExtTCPDeferAcceptDrop"] = 5 },
	func(l *look) { l.quiet(3) },
	func(l *look) { l.quiet(3); l.told(host.Inner{Acked: true}, host.Inner{DeferAccept: 1}) },
	func(l *look) {
		l.stalled()
		l.add(4, tcp.SynReceived, "192.0.2.1:80", "", unowned, request)
		l.told(host.Inner{Acked: true}, host.Inner{})
	},
	func(l *look) {
		l.flood()
		l.rises("TcpExtTCPReqQFullDrop", 2871)
		l.told(host.Inner{Timeouts: 3}, host.Inner{})
	},
	func(l *look) {
		l.crowd()
		l.rises("TcpExtTCPReqQFullDrop", 20)
		l.told(host.Inner{}, host.Inner{SynQueue: 9})
	},
	func(l *look) { l.listen(2, 3, 3); l.add(5, tcp.SynReceived, "192.0.2.1:80", "", unowned, request) },
	func(l *look) {
		l.listen(128, 0, 0)
		l.add(6, tcp.SynReceived, "192.0.2.1:80", "", unowned, request)
		l.first = l.first[:1]
		l.rises("TcpExtTCPTimeouts", 20)
	},
	func(l *look) {
		l.crowd()
		l.rises("TcpExtTCPReqQFullDoCookies", 200)
		l.rises("TcpExtSyncookiesRecv", 150)
		l.rises("TcpExtSyncookiesSent", 200)
	},
	func(l *look) {
		l.crowd()
		l.b.Settings["net.ipv4.tcp_syncookies"], l.b.Settings["net.ipv4.tcp_max_syn_backlog"] = "0", "64"
		l.rises("TcpExtListenDrops", 151)
		l.rises("TcpExtTCPReqQFullDrop", 20)
		l.rises("TcpExtListenOverflows", 100)
	},
	func(l *look) {
		l.listen(8, 0, 0)
		l.rises("TcpExtTCPReqQFullDoCookies", 200)
		l.rises("TcpExtSyncookiesSent", 200)
		l.rises("TcpExtSyncookiesRecv", 150)
		l.rises("TcpPassiveOpens", 180)
	},
	func(l *look) { l.dead(); l.neighbour("198.51.100.9", "FAILED") },
	func(l *look) {
		l.dead()
		l.b.Routes = append(l.b.Routes, host.Route{Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.0.2.254")})
		l.neighbour("192.0.2.254", "FAILED")
	},
	func(l *look) { l.dead(); l.rises("IcmpInDestUnreachs", 9); l.rises("TcpAttemptFails", 9) },
	func(l *look) {
		l.add(40, tcp.SynSent, "192.0.2.1:40001", "", owned, resent(host.TimerRetransmit))
		l.rises("TcpActiveOpens", 40)
	},
	func(l *look) { l.dropped() },
	func(l *look) { l.dropped(); l.rises("TcpExtIPReversePathFilter", 24) },
	func(l *look) { l.dropped(); l.listen(128, 0, 0) },
	func(l *look) {
		l.stalled()
		l.add(5, tcp.SynSent, "127.0.0.1:40001", "127.0.0.1:80", owned, resent(host.TimerRetransmit))
	},
	func(l *look) { l.fromText(tcp.SynReceived, "192.0.2.1:80", "") },
	func(l *look) { l.fromText(tcp.SynSent, "192.0.2.1:40000", "198.51.100.7:443") },
	func(l *look) { l.listen(128, 0, 0); l.b.Baseline = &host.Baseline{}; l.process().Exe = "/tmp/nginx" },
	func(l *look) {
		l.listen(128, 0, 0)
		l.b.Baseline = &host.Baseline{Listeners: []host.KnownListener{{Local: netip.MustParseAddrPort("127.0.0.1:80")}}}
		l.process().ExeDeleted = true
	},
	func(l *look) {
		l.listen(128, 0, 0)
		l.b.Baseline = &host.Baseline{Listeners: []host.KnownListener{{Local: netip.MustParseAddrPort("0.0.0.0:80"), Exe: "/usr/sbin/httpd"}}}
	},
	func(l *look) {
		l.add(1, tcp.Listen, "0.0.0.0:6379", "0.0.0.0:0", owned, func(s *host.Socket) { s.SendQueue = 128 })
	},
	func(l *look) { l.stalled() },
	func(l *look) { l.stalled(); l.process().State = "T" },
	func(l *look) { l.stalled(); l.process().State = "D" },
	func(l *look) { l.stalled(); l.process().CPU = 5 * time.Second },
	func(l *look) { l.stalled(); l.b.ProcessesAfter.Owners, l.b.ProcessesBefore.Owners = nil, nil },
	func(l *look) {
		l.stalled()
		l.b.ProcessesAfter.Hidden, l.b.ProcessesAfter.Owners, l.b.ProcessesBefore.Owners = 3, nil, nil
	},
	func(l *look) { l.listen(2, 3, 3) },
	func(l *look) { l.stalled(); l.add(1, tcp.Established, "192.0.2.1:80", "", unowned, nil); l.goes() },
	func(l *look) { l.stalled(); l.add(2, tcp.CloseWait, "192.0.2.1:80", "", unowned, nil) },
	func(l *look) {
		l.listen(2, 3, 2)
		l.rises("TcpExtListenOverflows", 40)
	},
	func(l *look) {
		l.listen(2, 3, 2)
		l.b.Settings["net.core.somaxconn"] = "2"
		l.rises("TcpExtListenOverflows", 40)
		l.rises("TcpExtTCPReqQFullDrop", 40)
	},
	func(l *look) {
		l.listen(2, 3, 2)
		l.b.Settings = nil
		l.rises("TcpExtListenOverflows", 40)
	},
	func(l *look) { l.flood(); l.rises("TcpExtTCPReqQFullDrop", 2871) },
	func(l *look) {
		l.flood()
		l.b.Settings["net.ipv4.tcp_syncookies"] = "0"
		l.rises("TcpExtTCPReqQFullDoCookies", 2871)
		l.rises("TcpExtTCPDeferAcceptDrop", 4)
	},
	func(l *look) {
		l.listen(128, 0, 0)
		l.add(200, tcp.SynReceived, "192.0.2.1:80", "", unowned, func(s *host.Socket) { s.Kind = host.Request })
	},
	func(l *look) { l.listen(128, 0, 0); l.rises("TcpExtTCPReqQFullDoCookies", 2871) },
	func(l *look) { l.filtered() },
	func(l *look) {
		l.filtered()
		l.rises("TcpExtTCPRetransFail", 3)
		l.rises("IpInReceives", 3)
		l.b.Settings["net.netfilter.nf_conntrack_count"] = "12"
		l.add(1, tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", owned, nil)
		l.comes()
	},
	func(l *look) {
		l.filtered()
		l.rises("TcpExtTCPSynRetrans", 0)
		l.neighbour("198.51.100.7", "REACHABLE")
		l.b.Settings["net.netfilter.nf_conntrack_count"] = "12"
		l.add(1, tcp.Established, "192.0.2.1:40001", "198.51.100.7:22", owned, func(s *host.Socket) { s.Info.LastAckRecv = time.Second })
	},
	func(l *look) { l.silent(10) },
	func(l *look) { l.silent(90000) },
	func(l *look) { l.silent(10); l.neighbour("198.51.100.7", "FAILED") },
	func(l *look) {
		for i := range 6 {
			l.add(1, tcp.Established, "192.0.2.1:40001", fmt.Sprintf("198.51.100.%d:5432", 20+i), owned, resent(host.TimerRetransmit))
		}
	},
	func(l *look) { l.listen(128, 0, 0); l.add(7, tcp.CloseWait, "192.0.2.1:80", "", owned, nil) },
	func(l *look) {
		l.listen(128, 0, 0)
		l.add(7, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
		l.add(7, tcp.CloseWait, "192.0.2.1:80", "", owned, func(s *host.Socket) { s.RecvQueue = 90 })
		l.add(7, tcp.FinWait2, "192.0.2.1:80", "", owned, nil)
	},
	func(l *look) {
		l.listen(128, 0, 0)
		l.add(7, tcp.CloseWait, "192.0.2.1:80", "", owned, func(s *host.Socket) { s.RecvQueue = 1 })
	},
	func(l *look) { l.add(7, tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", owned, nil) },
	func(l *look) { l.add(7, tcp.CloseWait, "192.0.2.1:40001", "", owned, nil) },
	func(l *look) {
		l.add(7, tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", owned, nil)
		l.add(1, tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", owned, nil)
		l.comes()
	},
	func(l *look) {
		l.add(7, tcp.SynReceived, "192.0.2.1:40001", "", unowned, resent(host.TimerRetransmit))
	},
	func(l *look) { l.closeWaits(200, "198.51.100.7:5432") },
	func(l *look) { l.closeWaits(7, "198.51.100.7:5432") },
	func(l *look) { l.closeWaits(40, "198.51.100.7:5432") },
	func(l *look) { l.add(40, tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", owned, unread(1)) },
	func(l *look) { l.add(7, tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", owned, unread(4000)) },
	func(l *look) { l.blocked(host.Wait{In: "futex_do_wait", Threads: 4}) },
	func(l *look) { l.blocked(host.Wait{In: "ep_poll", Threads: 4}) },
	func(l *look) {
		l.add(1, tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", owned, nil)
		l.blocked(host.Wait{In: "wait_woken", Inode: uint32(5000 + l.n), Threads: 4})
	},
	func(l *look) {
		l.blocked(host.Wait{In: "futex_do_wait", Threads: 4})
		l.add(1, tcp.Established, "192.0.2.1:80", "", owned, nil)
		l.last[len(l.last)-1].Info.BytesReceived = 900
	},
	func(l *look) { l.proxied(7, 20*time.Second, "198.51.100.20:8080") },
	func(l *look) { l.proxied(7, 20*time.Second, "") },
	func(l *look) { l.proxied(7, time.Hour, "") },
	func(l *look) {
		l.listen(128, 0, 0)
		l.add(7, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
		l.add(7, tcp.FinWait2, "192.0.2.1:40001", "", owned, func(s *host.Socket) { s.HasInfo = false })
	},
	func(l *look) { l.clash(6) },
	func(l *look) { l.clash(1) },
	func(l *look) { l.fins(tcp.FinWait1, "", 1); l.rises("TcpExtTCPTimeouts", 9) },
	func(l *look) { l.fins(tcp.FinWait1, "198.51.100.7:443", 90000) },
	func(l *look) { l.fins(tcp.LastAck, "198.51.100.7:443", 90) },
	func(l *look) {
		l.add(7, tcp.LastAck, "192.0.2.1:40001", "198.51.100.7:443", owned, func(s *host.Socket) { resent(host.TimerRetransmit)(s); s.SendQueue = 1 })
	},
	func(l *look) {
		l.add(7, tcp.Closing, "192.0.2.1:40001", "198.51.100.7:443", unowned, func(s *host.Socket) {
			resent(host.TimerRetransmit)(s)
			s.SendQueue, s.Info.LastAckRecv = 1, time.Second
		})
	},
	func(l *look) { l.fullWindows(tcp.FinWait1, unowned, 2*time.Second); l.rises("TcpExtTCPWinProbe", 9) },
	func(l *look) { l.fullWindows(tcp.FinWait1, unowned, time.Hour) },
	func(l *look) {
		l.fullWindows(tcp.FinWait1, owned, 2*time.Second)
		l.b.Settings["net.ipv4.tcp_retries2"] = "3"
	},
	func(l *look) { l.fullWindows(tcp.Established, owned, 2*time.Second) },
	func(l *look) {
		for range 7 {
			l.add(1, tcp.Established, "192.0.2.1:40001", "198.51.100.7:443", owned, fullWindow(2*time.Second))
		}
	},
	func(l *look) {
		l.add(1, tcp.Established, "127.0.0.1:40001", "127.0.0.1:443", owned, fullWindow(2*time.Second))
		l.add(1, tcp.Established, "127.0.0.1:443", "127.0.0.1:40001", owned, unread(65000))
	},
	func(l *look) { l.orphans("198.51.100.7:443") },
	func(l *look) { l.orphans("198.51.100.7:443"); l.neighbour("198.51.100.7", "FAILED") },
	func(l *look) { l.orphans("198.51.100.7:443"); l.neighbour("198.51.100.7", "REACHABLE") },
	func(l *look) { l.orphans("") },
	func(l *look) { l.limit(64); l.fins(tcp.FinWait1, "", 1) },
	func(l *look) { l.limit(64); l.rises("TcpExtTCPAbortOnMemory", 250) },
	func(l *look) {
		l.add(100, tcp.Established, "192.0.2.1:40001", "198.51.100.7:443", owned, func(s *host.Socket) { s.Info.LastDataSent = time.Hour })
	},
}

func unread(n uint32) func(*host.Socket) { return func(s *host.Socket) { s.RecvQueue = n } }

// closeWaits adds connections that we dialled and whose ends nobody has read.
func (l *look) closeWaits(n int, remote string) {
	l.add(n, tcp.CloseWait, "192.0.2.1:40001", remote, owned, unread(1))
}

// blocked adds requests that lie unread, and says what the threads wait for.
func (l *look) blocked(waits ...host.Wait) {
	l.listen(128, 0, 0)
	l.add(7, tcp.CloseWait, "192.0.2.1:80", "", owned, unread(200))
	l.process().Waits = waits
}

// proxied adds pairs of which the far ends were heard so long ago.
func (l *look) proxied(n int, heard time.Duration, behind string) {
	l.listen(128, 0, 0)
	l.add(n, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
	l.add(n, tcp.FinWait2, "192.0.2.1:40001", behind, owned, func(s *host.Socket) { s.Info.LastAckRecv = heard })
}

// clash adds connections that took the places of leaked ones.
func (l *look) clash(challenges int64) {
	l.listen(128, 0, 0)
	l.add(3, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
	places := l.last[len(l.last)-3:]
	l.last = l.last[:len(l.last)-3]
	for _, old := range append([]host.Socket(nil), places...) {
		l.add(1, tcp.Established, "192.0.2.1:80", old.Remote.String(), owned, nil)
		l.comes()
	}
	l.rises("TcpExtTCPSYNChallenge", challenges)
	l.rises("TcpExtTCPChallengeACK", challenges)
}

// fins adds orphans whose FIN was sent again.
func (l *look) fins(state tcp.State, remote string, unsent uint32) {
	l.add(7, state, "192.0.2.1:40001", remote, unowned, func(s *host.Socket) { resent(host.TimerRetransmit)(s); s.SendQueue = unsent })
}

func fullWindow(heard time.Duration) func(*host.Socket) {
	return func(s *host.Socket) {
		s.Timer, s.SendQueue = host.TimerProbe, 45000
		s.Info = host.Info{RTO: 200 * time.Millisecond, Backoff: 4, LastAckRecv: heard, HasSendWindow: true}
	}
}

func (l *look) fullWindows(state tcp.State, inode bool, heard time.Duration) {
	l.add(7, state, "192.0.2.1:40001", "", inode, fullWindow(heard))
}

// orphans adds connections in FIN-WAIT-2 that no program holds.
func (l *look) orphans(remote string) {
	l.add(7, tcp.FinWait2, "192.0.2.1:40001", remote, unowned, func(s *host.Socket) {
		s.Kind, s.Timer, s.Expires = host.TimeWaitKind, host.TimerTimeWait, 40*time.Second
	})
}

// limit says that so many orphans are the most, and are there.
func (l *look) limit(n int64) {
	l.b.Settings["net.ipv4.tcp_max_orphans"] = strconv.FormatInt(n, 10)
	l.b.CountersAfter.Values["sockstat.TCP.orphan"] = n
}
