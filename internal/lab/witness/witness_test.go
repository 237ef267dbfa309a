package witness

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func ends(port uint16) Ends {
	return Ends{netip.MustParseAddrPort("192.0.2.1:80"), netip.AddrPortFrom(netip.MustParseAddr("198.51.100.7"), port)}
}

func in(states ...tcp.State) tcp.StateSet { return tcp.SetOf(states...) }

var serves = Listener{There: true}

// TestReasons: each reason with what proves it, and the same without its proof.
func TestReasons(t *testing.T) {
	rule := host.Mishap{Kind: host.Dropped, Reason: host.DropNetfilter}
	old := host.Mishap{Kind: host.Dropped, Reason: "TCP_OLD_ACK"}
	for _, c := range []struct {
		name            string
		c               Connection
		events, packets Reason
	}{
		{"all agree", Connection{Socket: tcp.Established, Events: []tcp.State{tcp.Established}, Packets: in(tcp.Established, tcp.CloseWait)}, Agree, Agree},
		{"over for all", Connection{Socket: tcp.Closed, Events: []tcp.State{tcp.Closed}, Packets: in(tcp.Closed)}, Agree, Agree},
		{"refused: a port that listens, or nobody", Connection{Socket: tcp.Closed, Packets: in(tcp.Listen)}, Agree, Agree},
		{"who listens sends nothing", Connection{Socket: tcp.Listen, Events: []tcp.State{tcp.Listen}}, Agree, Agree},
		{"it closed while the sockets were read", Connection{Socket: tcp.Established, Events: []tcp.State{tcp.Closed}, Packets: in(tcp.Closed), Moved: true}, MovedMeanwhile, MovedMeanwhile},
		{"it was in the state before it went on", Connection{Socket: tcp.Established, Events: []tcp.State{tcp.Established, tcp.CloseWait}, Packets: in(tcp.CloseWait), Moved: true}, Agree, MovedMeanwhile},
		{"a request that came behind the last look", Connection{Socket: tcp.SynReceived, Kind: host.Request, Looked: true, Packets: in(tcp.SynReceived)}, BetweenTwoLooks, Agree},
		{"a full socket of which nothing was told", Connection{Socket: tcp.Established, Packets: in(tcp.Established)}, Unexplained, Agree},
		{"a new connection of the same ends, of which nothing was told", Connection{Socket: tcp.Established, Events: []tcp.State{tcp.Closed}, Ended: "reset", Packets: in(tcp.Established)}, NotTold, Agree},
		{"its ACKs are dropped by a rule", Connection{Socket: tcp.SynReceived, Events: []tcp.State{tcp.SynReceived}, Packets: in(tcp.Established), Mishaps: []host.Mishap{rule}}, Agree, DroppedHere},
		{"TCP itself drops an old ACK", Connection{Socket: tcp.SynReceived, Events: []tcp.State{tcp.SynReceived}, Packets: in(tcp.Established), Mishaps: []host.Mishap{old}}, Agree, Unexplained},
		{"the SYN waits for the link layer", Connection{Socket: tcp.SynSent, Events: []tcp.State{tcp.SynSent}}, Agree, NothingOnWire},
		{"an open connection without a packet", Connection{Socket: tcp.Established, Events: []tcp.State{tcp.Established}}, Agree, Unexplained},
		{"the FIN stands behind a closed window", Connection{Socket: tcp.FinWait1, Events: []tcp.State{tcp.FinWait1}, Packets: in(tcp.Established), Unsent: true}, Agree, FINNotSent},
		{"the FIN was captured", Connection{Socket: tcp.FinWait1, Events: []tcp.State{tcp.FinWait1}, Packets: in(tcp.Established), Unsent: true, FINSent: true}, Agree, Unexplained},
		{"answered with a cookie", Connection{Socket: tcp.Closed, Packets: in(tcp.SynReceived), SYNCame: true, Listener: serves}, Agree, NotKept},
		{"nobody listens there", Connection{Socket: tcp.Closed, Packets: in(tcp.SynReceived), SYNCame: true}, Agree, Unexplained},
		{"the accept queue is full", Connection{Socket: tcp.SynReceived, Kind: host.Request, Events: []tcp.State{tcp.SynReceived}, Packets: in(tcp.Established), ACKCame: true, Listener: Listener{There: true, Full: true}}, Agree, ACKSetAside},
		{"the accept queue has room", Connection{Socket: tcp.SynReceived, Kind: host.Request, Events: []tcp.State{tcp.SynReceived}, Packets: in(tcp.Established), ACKCame: true, Listener: serves}, Agree, Unexplained},
		{"both ends are one socket", Connection{Ends: Ends{ends(1).Local, ends(1).Local}, Socket: tcp.Established, Events: []tcp.State{tcp.Established}}, Agree, OneSocket},
		{"the host translates it", Connection{Socket: tcp.Established, Events: []tcp.State{tcp.Established}, Translated: true}, Agree, Translated},
		{"a timer gave it up", Connection{Socket: tcp.Closed, Events: []tcp.State{tcp.Closed}, Packets: in(tcp.SynSent), Ended: "timer ETIMEDOUT"}, Agree, EndedInSilence},
		{"TIME-WAIT was not kept", Connection{Socket: tcp.Closed, Events: []tcp.State{tcp.TimeWait}, Packets: in(tcp.TimeWait), Looked: true}, BetweenTwoLooks, EndedInSilence},
		{"it is gone, and nobody knows how", Connection{Socket: tcp.Closed, Events: []tcp.State{tcp.Established}, Packets: in(tcp.Established)}, Unexplained, Unexplained},
	} {
		if c.c.Local == (netip.AddrPort{}) {
			c.c.Ends = ends(1)
		}
		if got := c.c.AgainstEvents().Reason; got != c.events {
			t.Errorf("%s: events %q, not %q", c.name, got, c.events)
		}
		if got := c.c.AgainstPackets().Reason; got != c.packets {
			t.Errorf("%s: packets %q, not %q", c.name, got, c.packets)
		}
	}
}

// TestEveryReasonHasASentence and is given by some row.
func TestEveryReasonHasASentence(t *testing.T) {
	given := map[Reason]bool{Unexplained: true}
	for _, table := range [][]row{eventReasons, packetReasons} {
		for _, r := range table {
			given[r.reason] = true
		}
	}
	for r := range given {
		if Sentences[r] == "" {
			t.Errorf("%s has no sentence", r)
		}
	}
	if len(Sentences) != len(given) {
		t.Errorf("%d sentences for %d reasons", len(Sentences), len(given))
	}
}

// TestReport: equal differences are one, and what is unexplained is counted.
func TestReport(t *testing.T) {
	lost := Connection{Socket: tcp.Established, Packets: in(tcp.Established)}
	waits := Connection{Socket: tcp.SynSent, Events: []tcp.State{tcp.SynSent}}
	r := Compare([]Connection{
		{Socket: tcp.Established, Events: []tcp.State{tcp.SynReceived, tcp.Established}, Packets: in(tcp.Established, tcp.CloseWait)}, lost, lost, waits,
	})
	if r.Sockets[tcp.Established] != 3 || r.Events[tcp.Established] != 1 || r.Packets[tcp.Established] != 3 || r.Sockets[tcp.SynSent] != 1 {
		t.Errorf("%+v", r)
	}
	if r.Unexplained() != 2 || len(r.Differences) != 2 {
		t.Errorf("%+v", r.Differences)
	}
	if d := r.Differences[0]; d.Witness != "events" || d.Count != 2 || d.Socket != tcp.Established || len(d.Other) != 0 || d.Reason != Unexplained {
		t.Errorf("%+v", d)
	}
}
