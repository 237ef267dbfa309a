package track

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// reason is a kind of packet that the two name differently, on purpose.
type reason struct {
	name   string
	fields []string // of compared
	theirs bool     // Wireshark names it so, and this package does not; else the other way
	fits   func(j *judgement) bool
	// most of these packets there may be, as shares of all that are compared: in
	// the recordings, and in the capture of the lossy network.
	recorded, lossy float64
}

func (j *judgement) is(a Anomalies) bool { return j.odd&a != 0 }

// again are the fields for text, SYN and FIN that are not the first.
var againFields = []string{"retransmission", "spurious_retransmission", "fast_retransmission", "out_of_order"}

// reasons why they differ. The first that fits counts.
var reasons = []reason{
	// Wireshark takes a copy for a retransmission or a duplicate acknowledgment.
	{"a copy", append(againFields, "duplicate_ack", "reused_ports", "keep_alive", "keep_alive_ack", "window_full"), true,
		func(j *judgement) bool { return j.is(CapturedTwice) }, 0.07, 0},
	// and counts copies among the duplicate acknowledgments.
	{"copies before it", []string{"fast_retransmission"}, true, func(j *judgement) bool { return j.copied }, 0.001, 0},
	// Its text, SYN or FIN was not captured before: what came before in the file was
	// sent later. Wireshark says out of order only within one round trip.
	{"late, not again", againFields, true, func(j *judgement) bool { return j.is(OutOfOrder) }, 0.012, 0.01},
	{"late, not again", againFields, false, func(j *judgement) bool { return j.is(OutOfOrder) }, 0.012, 0.01},
	// The octets were captured before, however soon they come again.
	{"again within a round trip", []string{"out_of_order"}, true, func(j *judgement) bool { return j.is(TextAgain | SYNACKAgain | SYNAgain | FINAgain) }, 0, 0.06},
	{"again within a round trip", []string{"retransmission"}, false, func(j *judgement) bool { return j.is(TextAgain|SYNACKAgain|SYNAgain|FINAgain) && j.theirs != 0 }, 0.002, 0.06},
	// Wireshark measures the round trip of the handshake; here timestamps tell, and
	// 3 ms without them. Its round trip is that to the end that acknowledges, and
	// takes for reordered what was lost and is sent again by somebody near.
	{"sent again within a round trip", []string{"out_of_order"}, true, func(j *judgement) bool { return j.is(GapFilled) }, 0, 0.06},
	{"sent again within a round trip", []string{"retransmission"}, false, func(j *judgement) bool { return j.is(GapFilled) && j.theirs != 0 }, 0, 0.06},
	{"20 ms behind another segment", []string{"fast_retransmission"}, false, func(j *judgement) bool { return true }, 0, 0.001},
	{"duplicates of another window", []string{"fast_retransmission"}, true, func(j *judgement) bool { return j.is(TextAgain | GapFilled) }, 0.001, 0.001},
	// RFC 5681 section 2 asks for text under way.
	{"nothing under way", []string{"duplicate_ack"}, true, func(j *judgement) bool { return j.ends[1].next.LessEqual(j.segment.TCP.Ack) }, 0.03, 0.03},
	{"an old acknowledgment", []string{"duplicate_ack"}, true, func(j *judgement) bool { return j.segment.TCP.Ack.Less(j.ends[0].ack) }, 0, 0.02},
	{"duplicates the largest, not the last", []string{"duplicate_ack"}, false, func(j *judgement) bool { return j.segment.TCP.Ack == j.ends[0].ack }, 0, 0.02},
	{"the last, not the latest", []string{"duplicate_ack"}, true, func(j *judgement) bool { return j.segment.TCP.Seq.Less(j.ends[0].next) }, 0, 0.01},
	// One octet that was not acknowledged is text.
	{"text of one octet", []string{"keep_alive"}, true, func(j *judgement) bool { return j.is(TextAgain | GapFilled | OutOfOrder) }, 0.006, 0},
	{"text of one octet", []string{"retransmission"}, false, func(j *judgement) bool { return j.is(TextAgain) && j.segment.TCP.Data == 1 }, 0.002, 0.001},
	{"a late acknowledgment", []string{"keep_alive"}, true, func(j *judgement) bool { return j.segment.TCP.Data == 0 && j.odd&WindowProbe == 0 }, 0, 0.001},
	{"how Linux probes", []string{"keep_alive"}, true, func(j *judgement) bool { return j.is(WindowProbe) }, 0.007, 0},
	{"how Linux probes", []string{"zero_window_probe", "zero_window_probe_ack"}, false, func(j *judgement) bool { return j.is(WindowProbe | WindowProbeACK) }, 0.007, 0.001},
	// Closed windows are counted when they close, and windows when they open.
	{"closed before", []string{"zero_window"}, true, func(j *judgement) bool { return j.ends[0].window == 0 }, 0.005, 0},
	{"a window that was not closed", []string{"window_update"}, true, func(j *judgement) bool { return j.ends[0].window != 0 }, 0.001, 0.02},
	{"opened by the answer to a probe", []string{"window_update"}, false, func(j *judgement) bool { return j.is(WindowOpened) }, 0, 0.001},
	{"filled again", []string{"window_full"}, true, func(j *judgement) bool { return j.is(TextAgain | GapFilled) }, 0.002, 0},
	// What Wireshark compares with the connection before.
	{"another connection", append(againFields, "lost_segment"), true, func(j *judgement) bool { return j.is(Reused) }, 0.013, 0},
	{"another connection", []string{"reused_ports"}, false, func(j *judgement) bool { return j.is(Reused) }, 0.001, 0},
	{"a SYN behind what follows it", append(againFields, "reused_ports", "lost_segment"), true, func(j *judgement) bool { return j.is(SYNInside) }, 0.004, 0.001},
	{"a SYN behind what follows it", []string{"reused_ports"}, false, func(j *judgement) bool { return j.is(SYNInside) }, 0, 0.001},
	// The same SYN with ACK for the first time: simultaneous open.
	{"a SYN that acknowledges now", againFields, true, func(j *judgement) bool { return j.segment.TCP.Flags.Has(tcp.SYN | tcp.ACK) }, 0.003, 0.003},
	{"a packet to itself", []string{"window_update"}, true, func(j *judgement) bool { return j.segment.Tuple.EqualEnds() }, 0.001, 0},
	{"a SYN behind its answer", againFields, true, func(j *judgement) bool { return j.segment.TCP.Flags.Has(tcp.SYN) && !j.ends[0].has(heard) }, 0.004, 0},
	{"text behind a reset", againFields, true, func(j *judgement) bool { return j.ends[0].sentAny(sentRST) }, 0, 0.001},
	// Wireshark does not count the octet of a probe, which the receiver may take.
	{"the octet of a probe", []string{"lost_segment", "ack_lost_segment"}, true, func(j *judgement) bool { return j.probed }, 0, 0.001},
	// The file has the text of another interface a little later.
	{"acknowledged before it is captured", []string{"ack_lost_segment"}, false, func(j *judgement) bool { return j.is(AckUnseen) && j.ends[1].has(heard) }, 0.001, 0},
	{"nobody was heard", []string{"ack_lost_segment"}, false, func(j *judgement) bool { return !j.ends[1].has(heard) }, 0.013, 0},
}

func (r *reason) explains(j *judgement, field int, theirs bool) bool {
	return r.theirs == theirs && slices.Contains(r.fields, compared[field].field) && r.fits(j)
}

// tally counts packets by the reasons why they are named differently.
type tally struct {
	packets, same int
	differ        map[string]int
}

func (c *tally) add(t *testing.T, name string, all []judgement) {
	for i := range all {
		j := &all[i]
		c.packets++
		for field := range compared {
			theirs, ours := j.theirs>>field&1 != 0, j.ours>>field&1 != 0
			if theirs == ours {
				c.same += index(theirs)
				continue
			}
			found := slices.IndexFunc(reasons, func(r reason) bool { return r.explains(j, field, theirs) })
			if found < 0 {
				t.Errorf("%s packet %d, %s: Wireshark says %v, here it is %v (%v, %+v)", name, i+1, compared[field].field, theirs, j.odd, j.segment.TCP, j.ends)
				continue
			}
			c.differ[fmt.Sprintf("%2d %s", found, reasons[found].name)]++
		}
	}
}

// few packets prove no share: recordings are made anew now and then.
const few = 5

// bound demands that no reason explains more than its share.
func (c *tally) bound(t *testing.T, most func(*reason) float64) {
	t.Logf("%d packets: %d times the same name", c.packets, c.same)
	for i := range reasons {
		key := fmt.Sprintf("%2d %s", i, reasons[i].name)
		n := c.differ[key]
		share := float64(n) / float64(c.packets)
		t.Logf("%5d times %s %v, %.4f of the packets", n, key, reasons[i].fields, share)
		if n > few && share > most(&reasons[i]) {
			t.Errorf("%s explains %d packets, more than %.4f of them", key, n, most(&reasons[i]))
		}
	}
}

func needsTshark(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed (Debian package tshark)")
	}
}

// TestAgainstWireshark compares every packet of the recordings.
func TestAgainstWireshark(t *testing.T) {
	needsTshark(t)
	paths, err := filepath.Glob("../testdata/recordings/*.pcapng.gz")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d recordings: %v", len(paths), err)
	}
	// Probes have numbers from nowhere, on purpose: no connection sends such.
	// On both sides of a SYN proxy two sequence spaces share one pair of sockets.
	paths = slices.DeleteFunc(paths, func(path string) bool {
		return strings.HasPrefix(filepath.Base(path), "idle-and-") || strings.HasPrefix(filepath.Base(path), "syn-proxy-ahead.router")
	})
	sum := tally{differ: map[string]int{}}
	var alone sync.Mutex
	t.Run("recordings", func(t *testing.T) {
		for i, path := range paths {
			if testing.Short() && i%10 != 0 {
				continue
			}
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				all := judged(t, path, unzipped(t, path))
				alone.Lock()
				defer alone.Unlock()
				sum.add(t, filepath.Base(path), all)
			})
		}
	})
	if !testing.Short() {
		sum.bound(t, func(r *reason) float64 { return r.recorded })
	}
}

// TestAgainstWiresharkWithLoss compares a capture of connections over a network that
// loses, duplicates and reorders.
func TestAgainstWiresharkWithLoss(t *testing.T) {
	needsTshark(t)
	path := filepath.Join(t.TempDir(), "lossy.pcap")
	capture := lossy(t)
	if err := os.WriteFile(path, capture, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := tally{differ: map[string]int{}}
	sum.add(t, "lossy.pcap", judged(t, path, capture))
	sum.bound(t, func(r *reason) float64 { return r.lossy })
}
