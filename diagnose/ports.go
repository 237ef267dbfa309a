package diagnose

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// needsBaseline stands under not_assessed when nobody said what is expected.
const needsBaseline = "baseline"

// unexpectedListener: a port is open that was not, is open to more than it was,
// or belongs to another program than it did.
func unexpectedListener(x *index) []Finding {
	known := x.knownListeners()
	var findings []Finding
	for _, l := range x.sorted() {
		pid := x.listenerPID(l)
		if why, unexpected := x.unlike(l, known[l.at.Port()], pid); unexpected {
			findings = append(findings, x.unexpectedFinding(l, pid, why))
		}
	}
	return findings
}

// knownListeners are those of the baseline, by port.
func (x *index) knownListeners() map[uint16][]host.KnownListener {
	known := map[uint16][]host.KnownListener{}
	if x.bundle.Baseline != nil {
		for _, k := range x.bundle.Baseline.Listeners {
			known[k.Local.Port()] = append(known[k.Local.Port()], k)
		}
	}
	return known
}

// expected tells whether there is a baseline, and the listener is in it.
func (x *index) expected(l *listener, pid int) bool {
	if x.bundle.Baseline == nil {
		return false
	}
	_, unexpected := x.unlike(l, x.knownListeners()[l.at.Port()], pid)
	return !unexpected
}

// unlike compares a listener with those that are known of its port.
func (x *index) unlike(l *listener, known []host.KnownListener, pid int) (why Message, unexpected bool) {
	if len(known) == 0 {
		return Say("listener-new", l.at.String()), true
	}
	var covering []host.KnownListener
	for _, k := range known {
		if covers(k.Local.Addr(), l.at.Addr()) {
			covering = append(covering, k)
		}
	}
	if len(covering) == 0 {
		return Say("listener-wider", l.at.String(), known[0].Local.String()), true
	}
	p := x.processes[pid]
	if p == nil {
		return Message{}, false // who it is cannot be told: nothing says that it is another
	}
	for _, k := range covering {
		if k.Exe == "" && (k.Name == "" || k.Name == p.Name) || p.Exe == "" || k.Exe == p.Exe {
			return Message{}, false
		}
	}
	return Say("listener-other-program", l.at.String(), covering[0].Exe), true
}

// covers tells whether whoever could reach the known address could reach the
// other one already.
func covers(known, now netip.Addr) bool {
	return known == now || known == netip.IPv6Unspecified() || known == netip.IPv4Unspecified() && now.Is4()
}

func (x *index) unexpectedFinding(l *listener, pid int, why Message) Finding {
	f := Finding{
		State: tcp.Listen, Severity: Warning, Count: len(l.sockets), Subject: x.subject(pid),
		Summary:   Say("unexpected-listener", x.who(pid), l.at.String()),
		RefutedBy: Say("unexpected-listener-refuted"),
		Fate:      Outlook{Text: Say("listener-fate"), Forever: true},
		Evidence: []Evidence{
			listens(l),
			{Source: evidence.SourceHistory, Fact: "baseline", Value: float64(len(x.bundle.Baseline.Listeners)), Unit: "known listeners", Text: why, Recheck: "synoptic listeners"},
		},
		Remedies: []Remedy{
			{ID: "close-the-port", Text: Say("remedy-close-port", x.who(pid)), Risk: Say("remedy-close-port-risk")},
			{ID: "extend-the-baseline", Text: Say("remedy-baseline"), Risk: Say("remedy-baseline-risk"), Apply: []string{"synoptic baseline > baseline.json"}},
		},
	}
	f.Subject.Local = l.at.String()
	if _, usuallyLocal := local[l.at.Port()]; !usuallyLocal || !l.at.Addr().IsUnspecified() {
		f.Excluded = append(f.Excluded, Exclusion{"exposed-listener", Say("not-a-local-service", l.at.String())})
	}
	f.Evidence = append(f.Evidence, x.oddProgram(pid)...)
	return f
}

func listens(l *listener) Evidence {
	return Evidence{
		Source: sourceListeners, Fact: "listens", Value: float64(len(l.sockets)), Unit: "sockets",
		Text: Say("listens-on", l.at.String()), Recheck: fmt.Sprintf("ss -ltnp '( sport = :%d )'", l.at.Port()),
	}
}

// oddProgram says what speaks against a program: its file is gone, or lies where
// anybody may write.
func (x *index) oddProgram(pid int) []Evidence {
	p := x.processes[pid]
	if p == nil {
		return nil
	}
	about := Evidence{Source: evidence.SourceProcesses, Value: 1, Unit: "processes", Recheck: fmt.Sprintf("ls -l /proc/%d/exe", pid)}
	switch {
	case p.Temporary():
		about.Fact, about.Text = "exe-in-temporary-folder", Say("exe-temporary", p.Name, p.Exe)
	case p.ExeDeleted:
		about.Fact, about.Text = "exe-deleted", Say("exe-deleted", p.Name, p.Exe)
	default:
		return nil
	}
	return []Evidence{about}
}

// local names services that nearly always belong on loopback, or behind
// something that asks who calls. The ports are those of their documentation.
var local = map[uint16]string{
	111: "rpcbind", 631: "CUPS", 2049: "NFS", 2375: "Docker without TLS", 2379: "etcd", 2380: "etcd", 3306: "MySQL", 4369: "Erlang port mapper",
	5005: "Java debugger", 5432: "PostgreSQL", 5900: "VNC", 5984: "CouchDB", 6000: "X11", 6379: "Redis", 7000: "Cassandra", 8500: "Consul", 8086: "InfluxDB",
	9000: "ClickHouse", 9042: "Cassandra", 9200: "Elasticsearch", 9229: "Node.js inspector", 9300: "Elasticsearch", 10250: "kubelet", 11211: "memcached",
	15672: "RabbitMQ management", 27017: "MongoDB", 50070: "HDFS",
}

// exposedListener: a service that is normally local is bound to all addresses, or
// led to by the firewall.
func exposedListener(x *index) []Finding {
	return append(x.boundToAll(), x.publishedServices()...)
}

func (x *index) boundToAll() []Finding {
	var findings []Finding
	for _, l := range x.sorted() {
		service, usuallyLocal := local[l.at.Port()]
		if !usuallyLocal || !l.at.Addr().IsUnspecified() {
			continue
		}
		pid := x.listenerPID(l)
		f := Finding{
			State: tcp.Listen, Severity: Notice, Count: len(l.sockets), Subject: x.subject(pid),
			Summary:   Say("exposed-listener", x.who(pid), l.at.String(), service),
			RefutedBy: Say("exposed-listener-refuted"),
			Fate:      Outlook{Text: Say("listener-fate"), Forever: true},
			Evidence:  []Evidence{listens(l)},
			Remedies: []Remedy{
				{ID: "bind-to-loopback", Text: Say("remedy-bind-loopback"), Risk: Say("remedy-bind-loopback-risk")},
				{ID: "filter-the-port", Text: Say("remedy-filter-port", fmt.Sprint(l.at.Port())), Risk: Say("remedy-filter-port-risk")},
			},
		}
		f.Subject.Local = l.at.String()
		f.Excluded = x.unlikeUnexpected(l, pid)
		findings = append(findings, f)
	}
	return findings
}
