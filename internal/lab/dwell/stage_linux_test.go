package dwell

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
)

// delay is what the slow way takes, once each way.
const delay = 8 * time.Millisecond

// Addresses of the two ways: the client's and the server's end.
var ways = []way{
	{"direct", lab.ClientAddress, lab.ServerAddress, 0},
	{"direct, IPv6", lab.ClientAddress6, lab.ServerAddress6, 0},
	{"slow", lab.FarAddress, "203.0.113.2", 2 * delay},
	{"slow, IPv6", lab.FarAddress6, "2001:db8:2::2", 2 * delay},
}

type way struct {
	name           string
	client, server string
	roundTrip      time.Duration
}

// Ports of the server, each with a fate of its own.
const (
	served       = 80 // somebody listens
	lossy        = 81 // somebody listens; on the slow way one segment in twelve is lost between the captures
	unsent       = 82 // somebody listens; the client's firewall drops its FIN before the capture
	undelivered  = 83 // somebody listens; the server's firewall drops the FIN behind the capture
	nobody       = 84 // nobody listens
	swallowed    = 85 // no SYN gets through
	lostOneIn    = 12
	acceptsUntil = 4 * time.Second // a handshake on the lossy way may need several SYNs
)

// stage is two hosts with two ways between them, and what the server accepted.
type stage struct {
	client, router, server *lab.Host

	mu       sync.Mutex
	accepted map[meeting]chan *lab.Socket
	plays    map[meeting][]*play // what was played there: a port may be used again
	ended    []func()
}

// meeting is where a connection is known from at both ends.
type meeting struct{ client, server netip.AddrPort }

func newStage(t *testing.T, w *lab.World) *stage {
	s := &stage{accepted: map[meeting]chan *lab.Socket{}, plays: map[meeting][]*play{}}
	s.client, s.router, s.server = w.Host("client"), w.Host("router"), w.Host("server")
	w.Join(s.client.At("eth0", ways[0].client+"/24", ways[1].client+"/64"), s.server.At("eth0", ways[0].server+"/24", ways[1].server+"/64"))
	w.JoinSlowly(s.client.At("eth1", ways[2].client+"/24", ways[3].client+"/64"), s.router.At("eth0", lab.FarGateway+"/24", lab.FarGateway6+"/64"), delay)
	w.Join(s.router.At("eth1", "203.0.113.1/24", "2001:db8:2::1/64"), s.server.At("eth1", ways[2].server+"/24", ways[3].server+"/64"))
	s.router.Set("net.ipv4.ip_forward", "1")
	s.router.Set("net.ipv6.conf.all.forwarding", "1")
	s.client.Set("net.ipv4.tcp_tw_reuse", "1")
	for _, r := range []struct {
		at              *lab.Host
		prefix, gateway string
	}{
		{s.client, "203.0.113.0/24", lab.FarGateway}, {s.client, "2001:db8:2::/64", lab.FarGateway6},
		{s.server, "198.51.100.0/24", "203.0.113.1"}, {s.server, "2001:db8:1::/64", "2001:db8:2::1"},
	} {
		r.at.Route(r.prefix, r.gateway)
	}
	s.forbid()
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	s.listen(t)
	return s
}

// forbid gives the ports their fates.
func (s *stage) forbid() {
	s.router.Drop(lab.Drop{OneIn: lostOneIn}.On(lab.Forwarded).To(lossy))
	s.router.Drop(lab.Drop{OneIn: lostOneIn}.On(lab.Forwarded).From(lossy))
	const fin = 1
	s.client.Drop(lab.Drop{Flags: fin, Mask: fin}.On(lab.Outbound).To(unsent))
	s.server.Drop(lab.Drop{Flags: fin, Mask: fin}.On(lab.Inbound).To(undelivered))
	s.server.Drop(lab.Drop{}.On(lab.Inbound).To(swallowed))
}

// listen accepts on every port of every way until the stage is closed.
func (s *stage) listen(t *testing.T) {
	for _, way := range ways {
		for _, port := range []uint16{served, lossy, unsent, undelivered} {
			at := netip.AddrPortFrom(netip.MustParseAddr(way.server), port)
			listener, err := s.server.Listen(at.String(), 4096)
			if err != nil {
				t.Fatal(err)
			}
			var accepting sync.WaitGroup
			accepting.Go(func() { s.accept(listener, at, netip.MustParseAddr(way.client)) })
			s.ended = append(s.ended, func() {
				listener.Stop()
				accepting.Wait()
				listener.Close()
			})
		}
	}
}

func (s *stage) accept(listener *lab.Socket, at netip.AddrPort, from netip.Addr) {
	for {
		socket, err := listener.Accept()
		if err != nil {
			return
		}
		if socket.NonBlocking() != nil {
			socket.Close()
			continue
		}
		select {
		case s.arrivals(meeting{netip.AddrPortFrom(from, socket.PeerPort()), at}) <- socket:
		default:
			socket.Close() // nobody took the one before
		}
	}
}

// arrivals is where what is accepted of a connection comes.
func (s *stage) arrivals(at meeting) chan *lab.Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accepted[at] == nil {
		s.accepted[at] = make(chan *lab.Socket, 4)
	}
	return s.accepted[at]
}

// errNotAccepted says that a handshake did not come to its end in time.
var errNotAccepted = errors.New("was not accepted")

// await returns what the server accepts of a connection.
func (s *stage) await(at meeting) (*lab.Socket, error) {
	select {
	case socket := <-s.arrivals(at):
		return socket, nil
	case <-time.After(acceptsUntil):
		return nil, fmt.Errorf("%v to %v %w", at.client, at.server, errNotAccepted)
	}
}

func (s *stage) close() {
	for _, end := range s.ended {
		end()
	}
}
