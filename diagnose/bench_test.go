package diagnose

import (
	"fmt"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// busyHost has 100,000 sockets: 80,000 connections, 10,000 that a program
// leaks, 5,000 half-open, the rest in TIME-WAIT.
func busyHost() *evidence.Bundle {
	s := quietHost()
	s.b.Settings["net.ipv4.ip_local_port_range"], s.b.Settings["net.ipv4.tcp_max_tw_buckets"] = "32768 60999", "262144"
	s.listens("0.0.0.0:80", 4096, queue(0))
	for n := range 80_000 {
		s.stays(tcp.Established, "192.0.2.1:80", client(n), s.heldBy(programPID), heard(0))
	}
	for n := range 10_000 {
		s.stays(tcp.CloseWait, "192.0.2.1:80", client(100_000+n), s.heldBy(programPID))
	}
	for n := range 5_000 {
		s.stays(tcp.SynReceived, "192.0.2.1:80", client(200_000+n), half, resent(2, host.TimerRetransmit))
	}
	for n := range 5_000 - 1 {
		s.comes(tcp.TimeWait, fmt.Sprintf("192.0.2.1:%d", 32768+n), client(300_000+n), mini)
	}
	s.rises("TcpExtTCPReqQFullDrop", 2871)
	return s.bundle()
}

// dialHost has what the rules of the dialling side must group: 5,000 attempts
// to as many targets by many programs, 5,000 connections whose peers are gone,
// and a full neighbour table.
func dialHost() *evidence.Bundle {
	s := quietHost()
	s.b.Settings["net.ipv4.ip_local_port_range"], s.b.Settings["net.ipv4.tcp_max_tw_buckets"] = "32768 60999", "262144"
	for n := range 80_000 {
		s.stays(tcp.Established, "192.0.2.1:40001", client(n), s.heldBy(programPID), heard(0))
	}
	for n := range 5_000 {
		s.stays(tcp.SynSent, "192.0.2.1:40001", client(100_000+n), s.heldBy(1000+n/19), resent(3, host.TimerRetransmit))
		s.stays(tcp.Established, "192.0.2.1:40001", client(200_000+n), s.heldBy(1000+n/19), resent(5, host.TimerRetransmit))
		s.stays(tcp.CloseWait, "192.0.2.1:40001", client(300_000+n), s.heldBy(1000+n/19))
	}
	for n := range 1024 {
		s.neighbour(fmt.Sprintf("192.0.%d.%d", 2+n/250, n%250), "STALE")
		s.b.Routes = append(s.b.Routes, host.Route{Destination: prefix(fmt.Sprintf("10.%d.%d.0/24", n/256, n%256)), Gateway: ip("192.0.2.254")})
	}
	return s.bundle()
}

// manyPeers is a server whose packets to 5,000 clients are lost: thousands of
// findings, each about a peer.
func manyPeers() *evidence.Bundle {
	s := quietHost()
	s.listens("0.0.0.0:443", 4096, queue(0))
	for n := range 5000 {
		for k := range 6 {
			from := func(port int) string { return fmt.Sprintf("%d.%d.3.4:%d", 20+n/250, n%250, port+k) }
			s.stays(tcp.FinWait1, "192.0.2.1:443", from(40_000), resent(3, host.TimerRetransmit))
			s.stays(tcp.LastAck, "192.0.2.1:443", from(50_000), resent(3, host.TimerRetransmit))
			s.stays(tcp.FinWait2, "192.0.2.1:443", from(60_000), mini)
		}
	}
	return s.bundle()
}

func BenchmarkDiagnose(b *testing.B) {
	for name, bundle := range map[string]*evidence.Bundle{"server": busyHost(), "client": dialHost(), "peers": manyPeers()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if report := Diagnose(bundle); len(report.Findings) == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
}
