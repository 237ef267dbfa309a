package ssfilter

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/sockdiag"
)

// cookies identify sockets.
type cookies map[uint64]bool

// ask lets the kernel run the whole filter.
func (w *world) ask(f *Filter) cookies {
	w.Helper()
	code, exact := f.Bytecode()
	if !exact {
		w.Errorf("%s is not exact", f)
	}
	set, _ := f.States()
	found := make(cookies)
	for _, s := range w.dump(sockdiag.Options{States: set, Filter: code}) {
		found[s.Cookie] = true
	}
	return found
}

// judge applies the filter to sockets; certain are those of Match, possible
// also those that it cannot judge.
func judge(f *Filter, sockets []host.Socket) (certain, possible cookies) {
	certain, possible = make(cookies), make(cookies)
	for i := range sockets {
		view := OfSocket(&sockets[i], true)
		judged := f.Judge(&view)
		if judged == Yes {
			certain[sockets[i].Cookie] = true
		}
		if judged != No {
			possible[sockets[i].Cookie] = true
		}
	}
	return certain, possible
}

// ss runs the real one.
func (w *world) ss(filter string) (found cookies, complaint string) {
	w.Helper()
	var out, said bytes.Buffer
	cmd := exec.Command("ss", append([]string{"-HtanOe"}, strings.Fields(filter)...)...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := w.Do(cmd.Run); err != nil {
		return nil, fmt.Sprint(err, ": ", strings.TrimSpace(said.String()))
	}
	found = make(cookies)
	for line := range strings.Lines(out.String()) {
		_, rest, _ := strings.Cut(line, " sk:")
		number, _, _ := strings.Cut(rest, " ")
		cookie, err := strconv.ParseUint(strings.TrimSpace(number), 16, 64)
		if err != nil {
			w.Fatalf("line of ss without a cookie: %s", line)
		}
		found[cookie] = true
	}
	return found, strings.TrimSpace(said.String())
}

// ssFilters makes filters that this ss understands and reads as the kernel
// does. Left out are address conditions where ss contradicts itself under
// "not": it compares the first bits of addresses in user space once more, there
// without regard to the family, so that 0.0.0.0 also means [::].
func ssFilters(seed uint64) *generator {
	return &generator{
		Rand: rand.New(rand.NewPCG(seed, 2)),
		addresses: []string{
			"127.0.0.1", "127.0.0.2", "127/8", "127.0.0.0/30", "127.0.0.0/255.255.0.0", "10.1.2.3", "10/8", "192.0.2.0/24",
			"[::1]", "[2001:db8::1]", "[2001:db8::/32]", "2001:db8::/32", "[fe80::/10]", "*",
		},
		ports: []string{":0", ":8001", ":8003", ":8006", ":8008", ":8100", ":0x1f45", ":32768", ":50000"},
		other: []string{
			"dev lo", "dev = 1", "dev != lo", "dev 0", "fwmark 1", "fwmark != 0x1", "fwmark = 0/0xff", "fwmark 0x100/0x100",
			"src *:8005", "dst :8006", "sport *", "sport 8007", "dport 8004",
		},
	}
}

func lo(name string) (uint32, bool) { return 1, name == "lo" }

func TestThreeWays(t *testing.T) {
	w := newWorld(t)
	all := w.dump(sockdiag.Options{})
	_, err := exec.LookPath("ss")
	g := ssFilters(11)
	sizes, compared := make(map[int]int), 0
	for range 300 {
		text := g.filter()
		f, parseErr := Parse(text, Names{Device: lo})
		if parseErr != nil {
			t.Fatalf("%s: %v", text, parseErr)
		}
		matched, _ := judge(f, all)
		sizes[len(matched)]++
		if asked := w.ask(f); !maps.Equal(asked, matched) {
			t.Errorf("%s: the kernel selects %d sockets, Match %d", text, len(asked), len(matched))
			w.explain(all, asked, matched)
		}
		set, given := f.States()
		if err != nil || given && set == 0 { // then ss goes by its flags
			continue
		}
		compared++
		for _, spelling := range []string{text, f.String()} {
			if listed, complaint := w.ss(spelling); complaint != "" || !maps.Equal(listed, matched) {
				t.Errorf("%s: ss lists %d sockets, Match %d; %s", spelling, len(listed), len(matched), complaint)
				w.explain(all, listed, matched)
			}
		}
	}
	if len(sizes) < 20 {
		t.Errorf("the filters select only these numbers of sockets: %v", slices.Sorted(maps.Keys(sizes)))
	}
	t.Logf("%d sockets, %d filters compared with ss, %d different numbers of sockets selected", len(all), compared, len(sizes))
	if err != nil {
		t.Skipf("kernel and Match agree; nothing to compare with: %v", err)
	}
}

// explain shows a few sockets that only one side selects.
func (w *world) explain(all []host.Socket, got, want cookies) {
	shown := 0
	for i := range all {
		if s := &all[i]; got[s.Cookie] != want[s.Cookie] && shown < 3 {
			w.Logf("  %v %v %v %v: %v, Match %v", s.State, s.Kind, s.Local, s.Remote, got[s.Cookie], want[s.Cookie])
			shown++
		}
	}
}

// The kernel knows more than its description of a socket tells: it may decide
// what Judge leaves open, and nothing else. cgroup and autobound are such.
func TestKernelDecidesWhatIsOpen(t *testing.T) {
	w := newWorld(t)
	all := w.dump(sockdiag.Options{})
	var own uint64
	for i := range all {
		own = max(own, all[i].Cgroup)
	}
	groups := func(path string) (uint64, bool) { return map[string]uint64{"/a": own, "/b": own + 1}[path], true }
	g := anyFilters(13)
	g.ports = ssFilters(0).ports
	for range 300 {
		text := g.filter()
		f, err := Parse(text, Names{Cgroup: groups})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		certain, possible := judge(f, all)
		asked := w.ask(f)
		for i := range all {
			if c := all[i].Cookie; certain[c] && !asked[c] || asked[c] && !possible[c] {
				t.Errorf("%s: kernel %v, certain %v, possible %v: %v %v %v", text, asked[c], certain[c], possible[c], all[i].State, all[i].Local, all[i].Remote)
			}
		}
	}
	if bound := w.ask(must(t, "autobound state listening")); len(bound) != 0 {
		t.Errorf("%d listeners count as autobound", len(bound))
	}
	if bound := w.ask(must(t, "autobound state established")); len(bound) != 23 {
		t.Errorf("%d of 23 established sockets count as autobound: accepted ones do, too", len(bound))
	}
}
