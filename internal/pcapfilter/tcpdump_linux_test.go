package pcapfilter

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

var linkNames = map[Link]string{Ethernet: "EN10MB", Raw: "RAW", SLL2: "LINUX_SLL2"}

// compiledByTcpdump asks tcpdump for the program of a filter. It must be there.
func compiledByTcpdump(link Link, filter string, more ...string) (Program, error) {
	var said bytes.Buffer
	dump := exec.Command("tcpdump", append(more, "-ddd", "-y", linkNames[link], filter)...)
	dump.Stderr = &said
	out, err := dump.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, &said)
	}
	var n int
	numbers := bytes.NewReader(out)
	if _, err := fmt.Fscan(numbers, &n); err != nil {
		return nil, err
	}
	p := make(Program, n)
	for i := range p {
		if _, err := fmt.Fscan(numbers, &p[i].Code, &p[i].JT, &p[i].JF, &p[i].K); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func needTcpdump(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("tcpdump is not installed")
	}
}

// TestLikeTcpdump compiles filters with both and runs both programs over the
// same frames. The frames are long enough to be read wherever a filter looks:
// on a short one both refuse, unless the reading was optimized away, by one
// optimizer or the other.
func TestLikeTcpdump(t *testing.T) {
	needTcpdump(t)
	filters := 150
	if testing.Short() {
		filters = 30
	}
	for link := range linkNames {
		t.Run(linkNames[link], func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, uint64(link)))
			ours, theirs := 0, 0
			for range filters {
				a, b := compareWithTcpdump(t, r, link, randomFilter(r, link, 3))
				ours, theirs = ours+a, theirs+b
			}
			t.Logf("%d filters: %d instructions, %d by tcpdump", filters, ours, theirs)
		})
	}
}

// compareWithTcpdump returns how many instructions the two programs have.
func compareWithTcpdump(t *testing.T, r *rand.Rand, link Link, filter string) (ours, theirs int) {
	t.Helper()
	want, err := compiledByTcpdump(link, filter)
	if err != nil && strings.Contains(err.Error(), "expression rejects all packets") {
		want = Program{{Code: opReturn}}
	} else if err != nil {
		t.Fatalf("%s: tcpdump: %v", filter, err)
	}
	parsed, err := Parse(filter, Names{})
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	got, err := parsed.Compile(link, MaxSnap)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	a, b := machine(t, got), machine(t, want)
	for range 400 {
		f := append(frame(r, link), make([]byte, 400)...)
		if x, y := passes(t, a, f), passes(t, b, f); x != y {
			t.Fatalf("%s\nframe %x: ours %v, tcpdump %v\nours:\n%v\ntcpdump:\n%v", filter, f, x, y, got, want)
		}
	}
	return len(got), len(want)
}

// TestSizeLikeTcpdump holds for filters that people write: ours may be two
// instructions longer than libpcap's optimizer makes them.
func TestSizeLikeTcpdump(t *testing.T) {
	needTcpdump(t)
	r := rand.New(rand.NewPCG(3, 3))
	for _, filter := range []string{
		"tcp", "tcp port 80", "port 53", "host 10.0.0.1", "host 2001:db8::1", "net 10.0.0.0/8", "tcp port 80 or 443",
		"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "tcp port 443 and host 10.0.0.1", "not port 22", "src net 10 and dst port 8080",
		"tcp[13] & 7 != 0 and not host 10.0.0.2", "icmp or icmp6", "portrange 8000-8080", "less 100 and udp",
	} {
		ours, theirs := compareWithTcpdump(t, r, Ethernet, filter)
		t.Logf("%3d instructions, tcpdump %3d: %s", ours, theirs, filter)
		if ours > theirs+2 {
			t.Errorf("%s: %d instructions, tcpdump needs %d", filter, ours, theirs)
		}
	}
}
