package walk

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Place is where a connection is: a state, and which object of the kernel stands
// for it. CLOSED is the absence of any, or a socket that is only bound.
type Place struct {
	State tcp.State
	Kind  host.Kind
}

// full, request and minisocket are the places of the three kinds.
func full(s tcp.State) Place       { return Place{s, host.Full} }
func minisocket(s tcp.State) Place { return Place{s, host.TimeWaitKind} }

var (
	closed  = full(tcp.Closed)
	request = Place{tcp.SynReceived, host.Request}
)

// Edge is one way from a place to another one.
type Edge struct {
	From, To Place
	Kind     host.Kind     // which objects the edge concerns
	Way      string        // what makes the connection go: "RST", "close()"
	Slow     time.Duration // about how long it takes where that is more than a few seconds
	Never    string        // why Linux does not take it; the script then shows where it goes instead

	in     setting
	reach  []step // lead to From
	act    []step // take the edge
	ending *Place // where an edge that Linux never takes ends; nil: at From
}

// Result is an edge that was tried.
type Result struct {
	Edge
	Seen        bool
	ConfirmedBy []string // who saw both ends of it: "sockets"
	Why         string   // if it was not seen
	Failed      bool     // it was not seen and should have been, or the other way round
	Took        time.Duration
}

// way makes an edge. Its kind is that of the smaller object at its ends.
func way(from, to Place, how string, reach, act []step) Edge {
	e := Edge{From: from, To: to, Way: how, reach: reach, act: act, Kind: host.Full}
	for _, kind := range []host.Kind{host.Request, host.TimeWaitKind} {
		if from.Kind == kind || to.Kind == kind {
			e.Kind = kind
		}
	}
	return e
}

// with puts the edge into a namespace with other settings.
func (e Edge) with(s setting) Edge { e.in = s; return e }

// slow marks an edge that takes so long.
func (e Edge) slow(d time.Duration) Edge { e.Slow = d; return e }

// asRequest counts the edge among those of half-open requests.
func (e Edge) asRequest() Edge { e.Kind = host.Request; return e }

// never marks an edge of RFC 9293 that Linux does not take. The script must end
// at the given place instead.
func (e Edge) never(why string, ending Place) Edge {
	e.Never, e.ending = why, &ending
	return e
}

// goal is the place where the script must end.
func (e *Edge) goal() Place {
	if e.ending != nil {
		return *e.ending
	}
	return e.To
}

// setting names a namespace by what is different in it.
type setting string

// The namespaces of a walk, with their settings beyond Linux's defaults.
const (
	usual   setting = ""        // defaults
	hasty   setting = "hasty"   // gives up soon
	cookies setting = "cookies" // SYN cookies for every SYN
	fast    setting = "fast"    // TCP Fast Open without a cookie
	patient setting = "patient" // FIN-WAIT-2 lasts longer than a minisocket can
)

var settings = map[setting][][2]string{
	usual: nil,
	hasty: {
		{"net.ipv4.tcp_syn_retries", "1"},
		{"net.ipv4.tcp_syn_linear_timeouts", "0"},
		{"net.ipv4.tcp_synack_retries", "1"},
		{"net.ipv4.tcp_orphan_retries", "1"},
		{"net.ipv4.tcp_retries2", "1"},
		{"net.ipv4.tcp_fin_timeout", "1"},
	},
	cookies: {{"net.ipv4.tcp_syncookies", "2"}},
	fast:    {{"net.ipv4.tcp_fastopen", "1539"}}, // client, server, no cookie asked for (0x603)
	patient: {{"net.ipv4.tcp_fin_timeout", "61"}},
}
