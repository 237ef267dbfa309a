package verdict

import (
	"compress/gzip"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// agreement counts ends of connections that both the kernel and the packets tell
// of.
type agreement struct{ ends, certain, likely int }

// TestPacketsAgreeWithTheKernel: whatever host a capture was made at, the state
// of a socket at the end of the window is one that the packets until then allow,
// and nearly always the one that they make likely.
func TestPacketsAgreeWithTheKernel(t *testing.T) {
	var sum agreement
	for _, expected := range index(t) {
		bundle := recorded(t, expected.Scenario)
		captures, err := filepath.Glob(filepath.Join(recordings, expected.Scenario+".*.pcapng.gz"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range captures {
			t.Run(filepath.Base(path), func(t *testing.T) { sum.compare(t, expected.Scenario, bundle.Last(), path) })
		}
	}
	t.Logf("%d ends: %d certain, %d likely as the kernel says", sum.ends, sum.certain, sum.likely)
	if sum.ends < 700 || sum.likely*100 < sum.ends*90 { // packets that are dropped behind a capture are most of the rest
		t.Errorf("the packets tell too little: %+v", sum)
	}
}

// unshown are scenarios in which an end has closed and no packet shows it, with
// the reason.
var unshown = map[string]string{
	"fin-behind-zero-window": "the FIN waits unsent behind text that a closed window holds back",
	"fin-unacknowledged":     "the FIN is dropped before it comes to where the capture is made",
}

// recordedPackets is how many packets of a capture were recorded at most.
const recordedPackets = 300

// dump is how long the kernel may take to come to a socket once the dump has
// begun.
const dump = 50 * time.Millisecond

type pair struct{ local, remote netip.AddrPort }

func (a *agreement) compare(t *testing.T, scenario string, shot *host.Snapshot, path string) {
	began, packets := endsAt(t, path, shot.Time)
	if packets >= recordedPackets {
		t.Skip("the capture was full before the window was over")
	}
	over, _ := endsAt(t, path, shot.Time.Add(dump))
	for i := range shot.Sockets {
		s := &shot.Sockets[i]
		before, heard := began[pair{s.Local, s.Remote}]
		after := over[pair{s.Local, s.Remote}]
		if !heard || !before.Heard {
			continue
		}
		a.ends++
		if before.State == s.State || after.State == s.State {
			a.likely++
		}
		if before.Certain() {
			a.certain++
		}
		if !before.Possible.Has(s.State) && !after.Possible.Has(s.State) && !(s.State == tcp.FinWait1 && unshown[scenario] != "") {
			t.Errorf("%v to %v: the kernel says %v, the packets allow %v, and then %v", s.Local, s.Remote, s.State, before.Possible.States(), after.Possible.States())
		}
	}
}

// endsAt returns the ends of the latest connections between all addresses, as
// the packets until a time show them.
func endsAt(t *testing.T, path string, until time.Time) (ends map[pair]track.End, packets int) {
	ends = map[pair]track.End{}
	tracker, packets := tracked(t, path, until.UnixNano())
	tracker.Each(func(c *track.Conn) bool {
		o := netip.AddrPortFrom(c.Tuple.Source.Addr(), c.Tuple.SourcePort)
		r := netip.AddrPortFrom(c.Tuple.Destination.Addr(), c.Tuple.DestinationPort)
		ends[pair{o, r}], ends[pair{r, o}] = c.Originator, c.Responder
		return true
	})
	return ends, packets
}

// tracked follows the packets of a capture until a time.
func tracked(t *testing.T, path string, until int64) (*track.Tracker, int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := packet.NewReader(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	tracker := track.New(track.Config{List: true})
	var (
		d packet.Decoder
		f packet.Frame
		s packet.Segment
	)
	packets := 0
	for ; r.Next(&f); packets++ {
		if f.Time <= until && d.Decode(&f, &s) == packet.IsSegment {
			tracker.Add(&s)
		}
	}
	tracker.Expire(until)
	return tracker, packets
}
