package live

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// abandon closes the server's end with text unread, which resets the other one.
func (s *stage) abandon() (client int) {
	s.t.Helper()
	client, server, _ := s.open()
	_, err := unix.Write(client, []byte("unread"))
	s.must(err)
	var waiting [1]unix.PollFd
	waiting[0] = unix.PollFd{Fd: int32(server), Events: unix.POLLIN}
	if n, err := unix.Poll(waiting[:], 5000); n != 1 || err != nil {
		s.t.Fatal("nothing came", err)
	}
	s.must(unix.Close(server))
	return client
}

// TestMishapsAreTold: what goes wrong is told beside transitions, in its order,
// with the reason that the kernel names; and the end of a connection says why it
// was reset, also where nobody asks for mishaps.
func TestMishapsAreTold(t *testing.T) {
	for _, asked := range []bool{true, false} {
		w := lab.NewWorld(t.Context())
		s := newStage(t, w)
		o := Options{NetNS: inodeOf(t, s.server), Visit: visiting(w)}
		var wrong []string
		o.Tell = func(m *Mishap) error {
			wrong = append(wrong, fmt.Sprintf("%s %s %s %s %v %s", m.Kind, m.State, m.Reason, m.Segment, m.Outgoing, m.Hook))
			return nil
		}
		if asked {
			o.Mishaps = MishapKinds("all")
		}
		seen := watched(t, o, func() {
			s.must(errors.Join(unix.Close(s.abandon()), unix.Close(s.abandon())))
			s.server.Drop(lab.SYNACK.On(lab.Outbound).From(8080))
			s.must(s.client.Do(func() error {
				fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
				if err != nil {
					return err
				}
				if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: s.at.Addr().As4(), Port: int(s.at.Port())}); !errors.Is(err, unix.EINPROGRESS) {
					return err
				}
				return unix.Close(fd)
			}))
		})
		want := []string{
			"reset-sent ESTABLISHED TCP_ABORT_ON_CLOSE  true ",
			"drop SYN-RECEIVED NETFILTER_DROP SYN,ACK true output",
		}
		if !asked {
			want = nil
		}
		if wrong = slices.Compact(wrong); !slices.Equal(wrong, want) { // a slow machine sees the SYN-ACK sent again
			t.Errorf("asked %v: told %q, not %q", asked, wrong, want)
		}
		ends := 0
		for i := range seen {
			if x := &seen[i]; x.From == tcp.Established && x.To == tcp.Closed {
				if ends++; x.Cause != BySystemCall || x.Reason != "TCP_ABORT_ON_CLOSE" {
					t.Errorf("it ended by %s, %q", x.Cause, x.Reason)
				}
			}
		}
		if ends != 2 {
			t.Errorf("%d ends", ends)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestMishapSummary: the kernel counts by reason and state.
func TestMishapSummary(t *testing.T) {
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	sum, err := OpenSummary(Options{NetNS: inodeOf(t, s.server), Mishaps: MishapKinds("resets"), Filter: parse(t, "sport = :8080")})
	if err != nil {
		t.Fatal(err)
	}
	defer sum.Close()
	for range 3 {
		s.must(unix.Close(s.abandon()))
	}
	got, err := sum.Mishaps()
	want := []host.MishapCount{{Mishap: host.Mishap{Kind: host.ResetSent, Reason: "TCP_ABORT_ON_CLOSE", State: tcp.Established, Outgoing: true}, Count: 3}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestHooksAreTold: how far a segment had come says which hook dropped it.
func TestHooksAreTold(t *testing.T) {
	for way, want := range map[bpf.Way]host.Hook{1: host.Output, 3: host.Output, 7: host.Postrouting, 0: host.Prerouting, 2: host.Forward, 10: host.Input} {
		if got := hookOf(way); got != want {
			t.Errorf("%b: %q, not %q", way, got, want)
		}
	}
}
