package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// scene builds a synthetic bundle: two looks at every socket 5 s apart and four
// looks at the listeners between.
type scene struct {
	b             *evidence.Bundle
	first, last   []host.Socket
	between       [4][]host.Socket
	cookie, inode int
	window        time.Duration
}

const programPID = 812

// quietHost is a host on which every source was read and nothing happens.
func quietHost() *scene {
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	s := &scene{window: 5 * time.Second, inode: 5000, b: &evidence.Bundle{
		Schema: evidence.Schema, Start: start,
		Host:           host.Identity{Name: "web-1", Kernel: "6.18.44", NetNS: "4026531840"},
		CountersBefore: host.Counters{Values: map[string]int64{}}, CountersAfter: host.Counters{Values: map[string]int64{}},
		Settings: host.Settings{
			"net.core.somaxconn": "4096", "net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_synack_retries": "5",
			"net.ipv4.tcp_max_orphans": "8192", "net.ipv4.tcp_syn_retries": "6", "net.ipv4.tcp_retries2": "15", "net.netfilter.nf_conntrack_count": "0",
		},
		Routes: []host.Route{
			{Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: ip("192.0.2.254"), Interface: "eth0", Table: 254},
			{Destination: netip.MustParsePrefix("192.0.2.0/24"), Interface: "eth0", Table: 254},
			{Destination: netip.MustParsePrefix("192.0.2.1/32"), Interface: "eth0", Table: 255, Type: "local"},
		},
	}}
	for _, name := range []string{
		evidence.SourceSockets, evidence.SourceCounters, evidence.SourceSettings,
		evidence.SourceRoutes, evidence.SourceNeighbours, evidence.SourceProcesses, evidence.SourceConntrack,
	} {
		s.b.Sources = append(s.b.Sources, evidence.Source{Name: name, OK: true})
	}
	s.neighbour("192.0.2.254", "REACHABLE")
	s.runs(programPID, "nginx")
	return s
}

// bundle ends the scene.
func (s *scene) bundle() *evidence.Bundle {
	start := s.b.Start
	s.b.End = start.Add(s.window)
	s.b.Snapshots = []host.Snapshot{{Time: start, States: tcp.AllStates, Sockets: s.first}}
	for i, list := range s.between {
		s.b.Snapshots = append(s.b.Snapshots, host.Snapshot{Time: start.Add(time.Duration(i+1) * time.Second), States: tcp.SetOf(tcp.Listen), Sockets: list})
	}
	s.b.Snapshots = append(s.b.Snapshots, host.Snapshot{Time: s.b.End, States: tcp.AllStates, Sockets: s.last})
	return s.b
}

func (s *scene) diagnose() Report { return Diagnose(s.bundle()) }

// oneLook leaves only the last look.
func (s *scene) oneLook() *evidence.Bundle {
	b := s.bundle()
	b.Snapshots, b.Start = b.Snapshots[len(b.Snapshots)-1:], b.End
	return b
}

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }
func ip(text string) netip.Addr       { return netip.MustParseAddr(text) }
func at(text string) netip.AddrPort   { return netip.MustParseAddrPort(text) }

// client is the n-th of many clients, each in a network of its own.
func client(n int) string {
	return fmt.Sprintf("%d.%d.%d.9:%d", 11+n/65536, n/256%256, n%256, 40000)
}

// client6 is the same in IPv6: each in a /48 of its own.
func client6(n int) string { return fmt.Sprintf("[2001:%x:%x::9]:40000", 0xdb8+n/65536, n%65536) }

// runs adds a process at both looks.
func (s *scene) runs(pid int, name string) *host.Process {
	p := host.Process{PID: pid, Name: name, Exe: "/usr/sbin/" + name, State: "S", Cgroup: "/system.slice/" + name + ".service"}
	s.b.ProcessesBefore.List = append(s.b.ProcessesBefore.List, p)
	s.b.ProcessesAfter.List = append(s.b.ProcessesAfter.List, p)
	return &s.b.ProcessesAfter.List[len(s.b.ProcessesAfter.List)-1]
}

// rises moves a counter within the window.
func (s *scene) rises(counter string, by int64) {
	s.b.CountersBefore.Values[counter], s.b.CountersAfter.Values[counter] = 1000, 1000+by
}

func (s *scene) neighbour(addr, state string) {
	s.b.Neighbours = append(s.b.Neighbours, host.Neighbour{Address: ip(addr), Interface: "eth0", State: state})
}

// lose marks a source as not read.
func (s *scene) lose(source string) {
	for i := range s.b.Sources {
		if s.b.Sources[i].Name == source {
			s.b.Sources[i].OK = false
		}
	}
}

// edit changes a socket before it is added.
type edit func(*host.Socket)

// heldBy gives a socket an inode and an owner.
func (s *scene) heldBy(pid int) edit {
	return func(sk *host.Socket) {
		s.inode++
		sk.Inode = uint32(s.inode)
		owner := host.Owner{Inode: sk.Inode, PID: pid, FD: 5}
		s.b.ProcessesBefore.Owners = append(s.b.ProcessesBefore.Owners, owner)
		s.b.ProcessesAfter.Owners = append(s.b.ProcessesAfter.Owners, owner)
	}
}

// unseenHolder gives a socket an inode and nobody who is seen to hold it.
func (s *scene) unseenHolder() edit {
	return func(sk *host.Socket) { s.inode++; sk.Inode = uint32(s.inode) }
}

func half(sk *host.Socket)         { sk.Kind = host.Request; sk.Cookie = 0 }
func mini(sk *host.Socket)         { sk.Kind, sk.Timer = host.TimeWaitKind, host.TimerTimeWait }
func v6only(sk *host.Socket)       { sk.V6Only = true }
func unread(n uint32) edit         { return func(sk *host.Socket) { sk.RecvQueue = n } }
func unsent(n uint32) edit         { return func(sk *host.Socket) { sk.SendQueue = n } }
func becomes(state tcp.State) edit { return func(sk *host.Socket) { sk.State = state } }
func resent(n uint8, t host.Timer) edit {
	return func(sk *host.Socket) { sk.Retransmits, sk.Timer = n, t }
}
func backoff(n uint8) edit   { return func(sk *host.Socket) { sk.Info.Backoff = n } }
func received(n uint64) edit { return func(sk *host.Socket) { sk.Info.BytesReceived = n } }
func acked(n uint64) edit    { return func(sk *host.Socket) { sk.Info.BytesAcked = n } }

// lasts sets how long the running timer has to go.
func lasts(d time.Duration) edit { return func(sk *host.Socket) { sk.Expires = d } }

// shut closes the window of the peer, which answered a probe just now.
func shut(sk *host.Socket) {
	sk.HasInfo, sk.Timer, sk.Retransmits, sk.SendQueue = true, host.TimerProbe, 0, 45000
	sk.Info.RTO, sk.Info.Backoff, sk.Info.LastAckRecv, sk.Info.HasSendWindow = 200*time.Millisecond, 4, 2*time.Second, true
}

// heard says when the last segment of the peer came.
func heard(ago time.Duration) edit {
	return func(sk *host.Socket) {
		sk.HasInfo, sk.Info.LastAckRecv, sk.Info.LastDataRecv, sk.Info.SendMSS = true, ago, ago, 1448
	}
}

func (s *scene) socket(state tcp.State, local, remote string, edits []edit) host.Socket {
	s.cookie++
	sk := host.Socket{State: state, Local: at(local), Remote: at(remote), Cookie: uint64(s.cookie)}
	for _, e := range edits {
		e(&sk)
	}
	return sk
}

// stays adds a socket that is the same at both looks.
func (s *scene) stays(state tcp.State, local, remote string, edits ...edit) {
	sk := s.socket(state, local, remote, edits)
	s.first, s.last = append(s.first, sk), append(s.last, sk)
}

// comes adds a socket that the first look does not have.
func (s *scene) comes(state tcp.State, local, remote string, edits ...edit) {
	s.last = append(s.last, s.socket(state, local, remote, edits))
}

// goes adds a socket that the last look does not have; the later reading of the
// processes does not have its owner either.
func (s *scene) goes(state tcp.State, local, remote string, edits ...edit) {
	sk := s.socket(state, local, remote, edits)
	s.first = append(s.first, sk)
	s.b.ProcessesAfter.Owners = slices.DeleteFunc(s.b.ProcessesAfter.Owners, func(o host.Owner) bool { return o.Inode == sk.Inode })
}

// turns adds a socket that the window changes.
func (s *scene) turns(state tcp.State, local, remote string, before []edit, during ...edit) {
	sk := s.socket(state, local, remote, before)
	s.first = append(s.first, sk)
	for _, e := range during {
		e(&sk)
	}
	s.last = append(s.last, sk)
}

// listens adds a listener with the lengths of its accept queue at the six
// looks; a single length stands for all.
func (s *scene) listens(local string, limit uint32, lengths []uint32, edits ...edit) {
	sk := s.socket(tcp.Listen, local, "0.0.0.0:0", edits)
	if sk.Inode == 0 {
		s.heldBy(programPID)(&sk)
	}
	sk.SendQueue = limit
	for look := range 6 {
		sk.RecvQueue = lengths[min(look, len(lengths)-1)]
		switch look {
		case 0:
			s.first = append(s.first, sk)
		case 5:
			s.last = append(s.last, sk)
		default:
			s.between[look-1] = append(s.between[look-1], sk)
		}
	}
}

// refuses sets how many SYNs the last added listener dropped in the window.
func (s *scene) refuses(n uint32) {
	before, after := &s.first[len(s.first)-1], &s.last[len(s.last)-1]
	before.HasMemory, after.HasMemory = true, true
	after.Memory.Drops = before.Memory.Drops + n
}

func queue(lengths ...uint32) []uint32 { return lengths }

// of returns the findings of a cause.
func (r Report) of(cause Cause) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Cause != cause })
}

// only returns the one finding that a report must have.
func only(t *testing.T, r Report, cause Cause) Finding {
	t.Helper()
	if len(r.Findings) != 1 || r.Findings[0].Cause != cause {
		t.Fatalf("want one finding %s, got %s", cause, causesOf(r))
	}
	return r.Findings[0]
}

// one returns the one finding of a cause, whatever else was found.
func one(t *testing.T, r Report, cause Cause) Finding {
	t.Helper()
	found := r.of(cause)
	if len(found) != 1 {
		t.Fatalf("want one %s, got %s", cause, causesOf(r))
	}
	return found[0]
}

func causesOf(r Report) (codes []string) {
	for _, f := range r.Findings {
		codes = append(codes, fmt.Sprintf("%s(%s, %s, %d)", f.Cause, f.Severity, f.Confidence, f.Count))
	}
	return codes
}

func has(list []Exclusion, rival Cause) bool {
	return slices.ContainsFunc(list, func(e Exclusion) bool { return e.Cause == rival })
}

func fact(f Finding, name string) (Evidence, bool) {
	i := slices.IndexFunc(f.Evidence, func(e Evidence) bool { return e.Fact == name })
	if i < 0 {
		return Evidence{}, false
	}
	return f.Evidence[i], true
}

// verdict is what a table of scenes expects: a cause with the confidence and
// severity given, or, with no cause, nothing at all.
type verdict struct {
	cause      Cause
	severity   Severity
	confidence Confidence
	count      int
	open       []Cause // rivals left open
	excluded   []Cause // rivals that must be out
}

type sceneCase struct {
	name  string
	make  func(*scene)
	want  verdict
	never []Cause
}

func runScenes(t *testing.T, cases []sceneCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := quietHost()
			c.make(s)
			report := s.diagnose()
			for _, cause := range c.never {
				if len(report.of(cause)) > 0 {
					t.Errorf("%s was named: %s", cause, causesOf(report))
				}
			}
			if c.want.cause == "" {
				if len(c.never) == 0 && len(report.Findings) > 0 {
					t.Errorf("a healthy scene has findings: %s", causesOf(report))
				}
				return
			}
			c.want.check(t, one(t, report, c.want.cause))
		})
	}
}

func (v verdict) check(t *testing.T, f Finding) {
	t.Helper()
	if f.Severity != v.severity || f.Confidence != v.confidence || f.Count != v.count {
		t.Errorf("got %s, %s, %d sockets; want %s, %s, %d", f.Severity, f.Confidence, f.Count, v.severity, v.confidence, v.count)
	}
	for _, rival := range v.open {
		if !has(f.Open, rival) {
			t.Errorf("%s is not left open: %v", rival, f.Open)
		}
	}
	if len(v.open) != len(f.Open) {
		t.Errorf("open: %v, want %v", f.Open, v.open)
	}
	for _, rival := range v.excluded {
		if !has(f.Excluded, rival) {
			t.Errorf("%s is not excluded: %v", rival, f.Excluded)
		}
	}
}

func TestQuietHostIsHealthy(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.stays(tcp.Established, "192.0.2.1:80", client(1), s.heldBy(programPID), heard(time.Hour))
	s.stays(tcp.TimeWait, "192.0.2.1:80", client(2), mini)
	if report := s.diagnose(); len(report.Findings) > 0 {
		t.Error(causesOf(report))
	}
}
