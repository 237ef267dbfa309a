package explain

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// idsInSource returns the message ids that package diagnose uses: what it
// passes to Say, and to those that pass it on.
func idsInSource(t *testing.T) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	add := func(e ast.Expr) bool {
		literal, ok := e.(*ast.BasicLit)
		if ok {
			id, _ := strconv.Unquote(literal.Value)
			ids[id] = true
		}
		return ok
	}
	paths, err := filepath.Glob("../../diagnose/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal("no source", err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CallExpr:
				where := files.Position(n.Pos())
				switch name := called(n.Fun); name {
				case "Say":
					if !add(n.Args[0]) && !passedOn(n.Args[0]) {
						t.Errorf("%s: an id that this test cannot follow", where)
					}
				case "counted", "heldBy":
					if last := n.Args[len(n.Args)-1]; !add(last) && !passedOn(last) {
						t.Errorf("%s: an id that this test cannot follow", where)
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "floodSummary" {
					ast.Inspect(n, func(inner ast.Node) bool {
						if r, ok := inner.(*ast.ReturnStmt); ok {
							add(r.Results[0])
						}
						return true
					})
				}
			case *ast.CompositeLit: // {counter, text} of the flood
				if len(n.Elts) == 2 {
					if counter, ok := n.Elts[0].(*ast.BasicLit); ok && strings.HasPrefix(counter.Value, `"TcpExt`) {
						add(n.Elts[1])
					}
				}
			}
			return true
		})
	}
	return ids
}

func called(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	default:
		return ""
	}
}

// passedOn knows the ids that come from elsewhere in the package.
func passedOn(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "text"
	case *ast.SelectorExpr:
		return e.Sel.Name == "text"
	case *ast.CallExpr:
		return called(e.Fun) == "floodSummary"
	default:
		return false
	}
}

func TestEveryMessageHasASentence(t *testing.T) {
	used := idsInSource(t)
	for id := range used {
		if _, ok := english()[id]; !ok {
			t.Errorf("%s is used and has no sentence", id)
		}
	}
	for id := range english() {
		if !used[id] {
			t.Errorf("%s has a sentence and is not used", id)
		}
	}
}

func TestNoIDHasTwoSentences(t *testing.T) {
	sum := 0
	for _, part := range []map[string]sentence{commonMessages, listenMessages, portMessages, textMessages, synMessages, establishedMessages, closeWaitMessages, finWaitMessages, timeWaitMessages, hostMessages} {
		sum += len(part)
	}
	if sum != len(english()) {
		t.Errorf("%d sentences for %d ids", sum, len(english()))
	}
}

// messages returns every message of a finding, those inside others too.
func messages(v reflect.Value) (found []diagnose.Message) {
	switch v.Kind() {
	case reflect.Interface:
		return messages(v.Elem())
	case reflect.Struct:
		if m, ok := v.Interface().(diagnose.Message); ok {
			found = append(found, m)
		}
		for i := range v.NumField() {
			found = append(found, messages(v.Field(i))...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			found = append(found, messages(v.Index(i))...)
		}
	}
	return found
}

// samples returns each message of the scenes.
func samples(t *testing.T) []diagnose.Message {
	t.Helper()
	var all []diagnose.Message
	for _, scene := range slices.Concat(scenes, timeWaitScenes, hostScenes) {
		report := diagnose.Diagnose(bundleOf(scene))
		if len(report.Findings) == 0 {
			t.Error("a scene without a finding")
		}
		for _, f := range report.Findings {
			all = append(all, messages(reflect.ValueOf(f))...)
		}
	}
	return all
}

func TestScenesUseEverySentence(t *testing.T) {
	said := map[string]bool{}
	for _, m := range samples(t) {
		said[m.ID] = true
	}
	for id := range english() {
		if !said[id] {
			t.Errorf("no scene makes a finding say %s", id)
		}
	}
}

func TestSentencesRender(t *testing.T) {
	say := speaker("en")
	for _, m := range samples(t) {
		if m.ID == "" {
			t.Error("a finding lacks a message")
			continue
		}
		wellFormed(t, m, say(m))
		for _, n := range []int{0, 1, 2, 1234567} {
			wellFormed(t, m, say(counts(m, n)))
		}
	}
}

func wellFormed(t *testing.T, m diagnose.Message, text string) {
	t.Helper()
	switch {
	case text == "" || text == m.ID, strings.Contains(text, "%!"), strings.Contains(text, "who-"),
		strings.Contains(text, "  "), strings.TrimSpace(text) != text, regexp.MustCompile(` [,.;:]`).MatchString(text):
		t.Errorf("%s: %q", m, text)
	}
}

// counts replaces every count of a message.
func counts(m diagnose.Message, n int) diagnose.Message {
	args := make([]any, len(m.Args))
	for i, arg := range m.Args {
		args[i] = arg
		switch a := arg.(type) {
		case int:
			args[i] = n
		case diagnose.Message:
			args[i] = counts(a, n)
		}
	}
	return diagnose.Message{ID: m.ID, Args: args}
}

var pluralOfOne = regexp.MustCompile(`\b1 (?:[a-z-]+ )?(?:connections|sockets|SYNs|SYN-ACKs|ACKs|clients|networks|packets|segments|times|descriptors|targets)\b`)

// neverOne lists sentences whose count cannot be one, and why.
var neverOne = map[string]string{
	"half-open":                  "a flood has 16 sources or more",
	"source-networks":            "a flood has 16 sources or more",
	"sources-spread":             "a flood has 16 sources or more",
	"sources-forged":             "a flood has 16 sources or more",
	"syn-flood":                  "a flood has 16 sources or more",
	"remedy-synack-retries-risk": "offered above 2 only",
}

func TestOneIsSingular(t *testing.T) {
	say := speaker("en")
	reported := map[string]bool{}
	for _, m := range samples(t) {
		if text := say(counts(m, 1)); pluralOfOne.MatchString(text) && neverOne[m.ID] == "" && !reported[m.ID] {
			reported[m.ID] = true
			t.Errorf("%s: %q", m.ID, text)
		}
	}
}

func TestNumbersAreGroupedAndNamesAreNot(t *testing.T) {
	say := speaker("en")
	for _, m := range samples(t) {
		text := say(counts(m, 1234567))
		if strings.Contains(text, "1234567") {
			t.Errorf("%s: %q", m.ID, text)
		}
	}
	who := diagnose.Say("who-process", "nginx", strconv.Itoa(1234567))
	got := say(diagnose.Say("app-not-closing-in", who, 4321, "192.0.2.1:8080"))
	if want := "nginx (pid 1234567) does not close 4,321 connections on 192.0.2.1:8080 whose clients have finished: it leaks descriptors."; got != want {
		t.Errorf("got %q", got)
	}
}

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

// scenes make findings that together say every sentence.
var scenes = []func(*look){
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
	func(l *look) { l.add(7, tcp.LastAck, "192.0.2.1:40001", "", unowned, resent(host.TimerRetransmit)) },
}
