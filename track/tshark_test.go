package track

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// compared are the fields of Wireshark that this package answers, packet for
// packet.
var compared = []struct {
	field string
	ours  Anomalies
}{
	{"retransmission", TextAgain | GapFilled | SYNAgain | SYNACKAgain | FINAgain},
	{"fast_retransmission", FastRetransmission},
	{"spurious_retransmission", SpuriousRetransmission},
	{"out_of_order", OutOfOrder},
	{"lost_segment", Gap},
	{"ack_lost_segment", AckUnseen},
	{"duplicate_ack", DuplicateACK},
	{"keep_alive", Keepalive},
	{"keep_alive_ack", KeepaliveACK},
	{"zero_window", ZeroWindow},
	{"zero_window_probe", WindowProbe},
	{"zero_window_probe_ack", WindowProbeACK},
	{"window_full", WindowFull},
	{"window_update", WindowOpened},
	{"reused_ports", Reused | SYNInside},
}

// judgement is what both say of a packet: bits by the index in compared. The rest
// is what was known when it came.
type judgement struct {
	segment      packet.Segment
	theirs, ours uint32
	odd          Anomalies
	ends         [2]end // the sender's first
	copied       bool   // packets of its connection were captured twice
	probed       bool   // its connection had window probes
}

// judged returns what both say of each frame of a capture.
func judged(t *testing.T, path string, capture []byte) []judgement {
	t.Helper()
	r, err := packet.NewReader(bytes.NewReader(capture))
	if err != nil {
		t.Fatal(err)
	}
	tr, d := New(Config{List: true}), packet.Decoder{SkipChecksums: true}
	var f packet.Frame
	var all []judgement
	copied, probed := map[packet.Tuple]bool{}, map[packet.Tuple]bool{}
	for r.Next(&f) {
		all = append(all, judgement{})
		j := &all[len(all)-1]
		if d.Decode(&f, &j.segment) != packet.IsSegment {
			continue
		}
		s := &j.segment
		j.ends = tr.endsOf(s)
		j.odd = tr.oddOf(s)
		for _, tuple := range []packet.Tuple{s.Tuple, s.Tuple.Reverse()} {
			copied[tuple] = copied[tuple] || j.odd.Has(CapturedTwice)
			probed[tuple] = probed[tuple] || j.odd.Has(WindowProbe)
		}
		j.copied, j.probed = copied[s.Tuple], probed[s.Tuple]
		for i, c := range compared {
			if j.odd&c.ours != 0 {
				j.ours |= 1 << i
			}
		}
	}
	for number, theirs := range wireshark(t, path) {
		all[number-1].theirs = theirs
	}
	return all
}

// endsOf returns what is known of the ends of a segment.
func (t *Tracker) endsOf(s *packet.Segment) [2]end {
	side := sideOf(&s.Tuple)
	var c core
	if s.Tuple.Source.Is4() {
		k := keyOf4(&s.Tuple, side, zoneOf(s))
		c = lookup(&t.four, &k, t.keys.of4(&k))
	} else {
		k := keyOf6(&s.Tuple, side, zoneOf(s))
		c = lookup(&t.six, &k, t.keys.of6(&k))
	}
	return [2]end{c.ends[side], c.ends[1-side]}
}

// oddOf takes one segment and returns what was odd about it.
func (t *Tracker) oddOf(s *packet.Segment) (odd Anomalies) {
	before := t.totals.Anomalies
	t.Add(s)
	t.Flush()
	for i, n := range t.totals.Anomalies {
		if n != before[i] {
			odd |= 1 << i
		}
	}
	return odd
}

// wireshark runs tshark over a capture.
func wireshark(t *testing.T, path string) map[int]uint32 {
	t.Helper()
	arguments := []string{"-r", path, "-Y", "tcp.analysis.flags", "-T", "fields", "-E", "occurrence=f", "-e", "frame.number"}
	for _, c := range compared {
		arguments = append(arguments, "-e", "tcp.analysis."+c.field)
	}
	out, err := exec.Command("tshark", arguments...).Output()
	if err != nil {
		t.Fatalf("tshark %s: %v", path, err)
	}
	said := map[int]uint32{}
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		words := strings.Split(line, "\t")
		number, err := strconv.Atoi(words[0])
		if err != nil {
			continue
		}
		for i, word := range words[1:] {
			if word != "" {
				said[number] |= 1 << i
			}
		}
	}
	return said
}

func unzipped(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// lossy returns a capture of connections over a network that loses, duplicates and
// reorders.
func lossy(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := packet.NewWriter(&file, packet.LinkEthernet, 65535)
	if err != nil {
		t.Fatal(err)
	}
	var began time.Duration
	number := 0
	for seed := range uint64(300) {
		n := newTapped(t, seed)
		last := began
		n.copy = func(from, _ int, at time.Duration, p tcp.Packet) {
			number++
			last = began + at
			s := between(seed, from, p)
			s.ID = uint32(number&0x7fff + 1)
			p.Source, p.Destination = s.Tuple.SourceAddrPort(), s.Tuple.DestinationAddrPort()
			f := packet.Frame{Time: traffic.Start + int64(last), Data: traffic.AppendPacket(nil, &s, p)}
			f.Length = len(f.Data)
			if err := w.Write(&f); err != nil {
				t.Fatal(err)
			}
		}
		n.run()
		began = last + time.Minute
	}
	return file.Bytes()
}
