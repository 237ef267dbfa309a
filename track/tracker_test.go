package track

import (
	"bytes"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestSizes: a connection fills one line of the cache, an attempt a quarter.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		value any
		want  uintptr
	}{{line[key4]{}, 64}, {line[key6]{}, 96}, {core{}, 48}, {attempt{}, 16}, {bucket{}, 64}} {
		if got := reflect.TypeOf(c.value).Size(); got != c.want {
			t.Errorf("%T takes %d octets, want %d", c.value, got, c.want)
		}
	}
	if got := int(reflect.TypeOf(record{}).Size()); got > recordSize {
		t.Errorf("a record takes %d octets, more than recordSize", got)
	}
	if got := mostSteps * int(reflect.TypeOf(step{}).Size()); got > stepsSize {
		t.Errorf("the steps of a record take %d octets, more than stepsSize", got)
	}
}

func feed(tr *Tracker, source traffic.Source, packets int) {
	var s packet.Segment
	for range packets {
		source.Next(&s)
		tr.Add(&s)
	}
}

// TestSummary: every connection of the generator is found, with the end it had.
func TestSummary(t *testing.T) {
	for _, six := range []bool{false, true} {
		source := traffic.NewConnections(1, 500)
		source.Six = six
		tr := New(Config{})
		const packets = 300_000
		feed(tr, source, packets)
		sum := tr.Summary()
		if sum.Segments != packets || sum.Untracked != 0 {
			t.Errorf("%d segments, %d not followed", sum.Segments, sum.Untracked)
		}
		// The live ones that have sent nothing are not known.
		if sum.Connections > source.Began || sum.Connections < source.Began-500 {
			t.Errorf("%d connections, %d were made", sum.Connections, source.Began)
		}
		ended := source.Began - 500 - source.Reset
		if got := sum.Words[SF]; got < ended || got > ended+500 {
			t.Errorf("%d SF, %d ended", got, ended)
		}
		if sum.Words[RSTO] != source.Reset || sum.Words[OTH]+sum.Words[REJ] != 0 {
			t.Errorf("words %v, %d resets", sum.Words, source.Reset)
		}
		for i, n := range sum.Anomalies {
			if n != 0 {
				t.Errorf("%d times %v in traffic without a fault", n, Anomalies(1<<i))
			}
		}
		if sum.Completed < ended || sum.Answers.Count() != sum.Answered || sum.Attempts != sum.Connections {
			t.Errorf("%d connections, %d attempts, %d answered, %d completed of %d", sum.Connections, sum.Attempts, sum.Answered, sum.Completed, ended)
		}
	}
}

// TestListAgrees: the list and the summary tell the same, for a mix of
// connections and attempts, also after TIME-WAIT.
func TestListAgrees(t *testing.T) {
	for _, later := range []time.Duration{0, time.Hour} {
		plain, listing := New(Config{}), New(Config{List: true, Transitions: true})
		for _, tr := range []*Tracker{plain, listing} {
			feed(tr, traffic.NewConnections(5, 300), 40_000)
			feed(tr, traffic.NewFlood(5), 3000)
			tr.Expire(traffic.Start + int64(later))
		}
		var words [words]uint64
		var pairs [states][states]uint64
		var segments uint64
		listing.Each(func(c *Conn) bool {
			words[c.Word]++
			pairs[c.Originator.State][c.Responder.State]++
			segments += c.Originator.Segments + c.Responder.Segments
			return true
		})
		sum, same := plain.Summary(), listing.Summary()
		if words != sum.Words || words != same.Words {
			t.Errorf("listed %v, counted %v and %v", words, sum.Words, same.Words)
		}
		if pairs != sum.States || pairs != same.States {
			t.Errorf("listed %v, counted %v and %v", pairs, sum.States, same.States)
		}
		if segments != sum.Segments || listing.Unlisted() != 0 {
			t.Errorf("%d of %d segments, %d unlisted", segments, sum.Segments, listing.Unlisted())
		}
	}
}

// TestNothingIsAllocated for a packet without a list.
func TestNothingIsAllocated(t *testing.T) {
	tr := New(Config{Memory: 4 << 20})
	source, flood := traffic.NewConnections(2, 1000), traffic.NewFlood(2)
	feed(tr, source, 100_000)
	feed(tr, flood, 200_000) // beyond the table: the sketch is there
	var s packet.Segment
	if n := testing.AllocsPerRun(100, func() {
		for range 1000 {
			source.Next(&s)
			tr.Add(&s)
			flood.Next(&s)
			tr.Add(&s)
		}
	}); n != 0 {
		t.Errorf("%v allocations in 2000 packets", n)
	}
}

// TestFlood: no connection is lost in a flood, memory stays below the cap, and
// the count of the SYNs is right within 1 %.
func TestFlood(t *testing.T) {
	const connections, limit = 10_000, 64 << 20
	syns := 20_000_000
	if testing.Short() {
		syns = 4_000_000
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tr := New(Config{Memory: limit, Seed: 7})
	establish(tr, connections)
	feed(tr, traffic.NewFlood(7), syns)
	sum := tr.Summary()
	runtime.ReadMemStats(&after)
	if got := sum.States[tcp.Established][tcp.Established]; got != connections {
		t.Errorf("%d of %d connections survived", got, connections)
	}
	if used := after.Sys - before.Sys; used > limit+8<<20 {
		t.Errorf("%d MiB taken, %d allowed", used>>20, limit>>20)
	}
	counted := float64(sum.Unanswered + sum.UnansweredBeyond)
	if off := counted/float64(syns) - 1; off < -0.01 || off > 0.01 {
		t.Errorf("%d SYNs counted as %.0f: %.2f %%", syns, counted, 100*off)
	}
	runtime.KeepAlive(tr)
}

// establish opens connections that stay open: a handshake and text from either
// end.
func establish(tr *Tracker, n int) {
	for i := range n {
		tuple := packet.Tuple{
			Source: packet.Address4(0x0a000000 + uint32(i)), Destination: packet.Address4(0xcb007107),
			SourcePort: 5000, DestinationPort: 80,
		}
		for _, segment := range []tcp.Segment{
			{Seq: 100, Flags: tcp.SYN},
			{Seq: 300, Ack: 101, Flags: tcp.SYN | tcp.ACK},
			{Seq: 101, Ack: 301, Flags: tcp.ACK, Data: 9},
			{Seq: 301, Ack: 110, Flags: tcp.ACK, Data: 9},
		} {
			segment.Window = 65535
			s := packet.Segment{Tuple: tuple, TCP: segment, Time: traffic.Start}
			if segment.Seq >= 300 {
				s.Tuple = tuple.Reverse()
			}
			tr.Add(&s)
		}
	}
}

// TestTimeWaitEnds by the clock of the capture.
func TestTimeWaitEnds(t *testing.T) {
	for after, want := range map[time.Duration]string{
		59 * time.Second: "TIME-WAIT CLOSED?", 62 * time.Second: "CLOSED? CLOSED?",
	} {
		tr := New(Config{List: true})
		c := speak(t, tr, handshake+`
> FIN,ACK 101 301
< FIN,ACK 301 102
> ACK 102 302       | TIME-WAIT CLOSED?`)
		tr.Expire(c.Last.Add(after).UnixNano())
		tr.Each(func(c *Conn) bool {
			if got := describe(&c.Originator) + " " + describe(&c.Responder); got != want {
				t.Errorf("%v later: %s, want %s", after, got, want)
			}
			return true
		})
	}
}

// TestShards: both directions of a connection go to one Tracker, no Tracker gets
// much more than its share, and the summaries add up.
func TestShards(t *testing.T) {
	const n, packets = 4, 100_000
	var trackers [n]*Tracker
	for i := range trackers {
		trackers[i] = New(Config{})
	}
	one := New(Config{})
	source := traffic.NewConnections(3, 300)
	var s packet.Segment
	for range packets {
		source.Next(&s)
		one.Add(&s)
		trackers[Config{}.Shard(&s, n)].Add(&s)
	}
	var sum Summary
	for _, tr := range trackers {
		part := tr.Summary()
		if part.Segments < packets/n*8/10 || part.Segments > packets/n*12/10 {
			t.Errorf("%d of %d segments went to one of %d", part.Segments, packets, n)
		}
		sum.Merge(&part)
	}
	want := one.Summary()
	sum.Sources, want.Sources = nil, nil // each Tracker has its own places for them
	if !reflect.DeepEqual(sum, want) {
		t.Errorf("together %+v, alone %+v", sum, want)
	}
}

// TestParallel: several Trackers at the same time count what one counts, with
// TIME-WAIT by the clock of the whole capture, and every frame once.
func TestParallel(t *testing.T) {
	const packets = 200_000
	config := Config{TimeWait: 300 * time.Millisecond, List: true}
	capture, err := traffic.Capture(traffic.NewConnections(3, 300), packets)
	if err != nil {
		t.Fatal(err)
	}
	one := NewParallel(config, 1)
	share(t, one, capture)
	want := one.Summary()
	if want.Segments != packets || want.States[tcp.TimeWait] == want.States[tcp.Closed] {
		t.Fatalf("%+v", want)
	}
	want.Sources = nil // each Tracker has its own places for them
	for _, n := range []int{0, 2, 5} {
		several := NewParallel(config, n)
		share(t, several, capture)
		sum := several.Summary()
		if again := several.Summary(); !reflect.DeepEqual(again, sum) {
			t.Errorf("asked again: %+v", again)
		}
		sum.Sources = nil
		if !reflect.DeepEqual(sum, want) {
			t.Errorf("%d together %+v, one %+v", n, sum, want)
		}
		if got := several.Reasons(); got != one.Reasons() || got[packet.IsSegment] != packets {
			t.Errorf("%d together decoded %v, one %v", n, got, one.Reasons())
		}
	}
}

// TestParallelForms: one connection whose segments come in frames of several
// forms has one share, and frames that hold none are counted once.
func TestParallelForms(t *testing.T) {
	var syn, answer packet.Segment
	traffic.NewFlood(5).Next(&syn)
	answer = syn
	answer.Tuple, answer.TCP.Flags, answer.TCP.Ack = syn.Tuple.Reverse(), tcp.SYN|tcp.ACK, syn.TCP.Seq.Add(1)
	plain, labelled := traffic.AppendFrame(nil, &syn), traffic.AppendFrame(nil, &answer)
	tagged := slices.Concat(plain[:12], []byte{0x81, 0, 0, 0}, plain[12:])
	label := slices.Concat(labelled[:12], []byte{0x88, 0x47, 0, 0, 1, 64}, labelled[14:])
	datagram := slices.Clone(plain)
	datagram[23] = 17
	capture := pcapOf(t, plain, tagged, label, datagram)
	for _, n := range []int{1, 2, 7} {
		p := NewParallel(Config{}, n)
		share(t, p, capture)
		sum, reasons := p.Summary(), p.Reasons()
		if sum.Segments != 3 || sum.Answered == 0 || reasons[packet.IsSegment] != 3 || reasons.Total() != 4 {
			t.Errorf("%d shares: %+v, %v", n, sum, reasons)
		}
	}
}

// pcapOf makes a capture of frames, a second apart.
func pcapOf(t *testing.T, frames ...[]byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := packet.NewWriter(&file, packet.LinkEthernet, 65535)
	for i, b := range frames {
		if err == nil {
			err = w.Write(&packet.Frame{Data: b, Length: len(b), Time: traffic.Start + int64(i)*1e9})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestCrowded: when memory is short, connections that are over and those with one
// end unheard go, and what both ends take part in stays.
func TestCrowded(t *testing.T) {
	tr := New(Config{Memory: smallestMemory})
	establish(tr, 2000)
	s := packet.Segment{TCP: tcp.Segment{Seq: 1, Ack: 1, Flags: tcp.ACK, Window: 9}, Time: traffic.Start}
	for i := range 200_000 {
		s.Tuple = packet.Tuple{
			Source: packet.Address4(0x0b000000 + uint32(i)), Destination: packet.Address4(0xcb007107), SourcePort: 9, DestinationPort: 80,
		}
		tr.Add(&s)
	}
	sum := tr.Summary()
	if sum.Words[S1] != 2000 || sum.Connections+sum.Untracked != 202_000 {
		t.Errorf("%d connections survived of 2000; %d in all, %d not followed", sum.Words[S1], sum.Connections, sum.Untracked)
	}
	if size := tr.size(); size > smallestMemory {
		t.Errorf("the tables take %d octets", size)
	}
}

// TestCrowdsStayShort: however long a table has been full, a line is found after
// few looks; and a flood takes half of the records at most.
func TestCrowdsStayShort(t *testing.T) {
	listing, acks := New(Config{Memory: smallestMemory, List: true}), New(Config{Memory: smallestMemory})
	feed(listing, traffic.NewFlood(1), 300_000)
	if n := len(listing.records); n > listing.most/2 {
		t.Errorf("%d of %d records are of a flood", n, listing.most)
	}
	source := traffic.NewFlood(2)
	var s packet.Segment
	for range 300_000 {
		source.Next(&s)
		s.TCP.Flags = tcp.ACK
		acks.Add(&s)
	}
	for name, tr := range map[string]*Tracker{"SYNs, listing": listing, "ACKs": acks} {
		if n := longestRun(tr.four.tags); n > 400 {
			t.Errorf("%s: %d lines in a row, %d of %d used", name, n, tr.four.used, len(tr.four.tags))
		}
	}
}

func longestRun(tags []uint16) int {
	longest, run := 0, 0
	for _, tag := range tags {
		if run++; tag == 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// TestDropped: what a receiver would not look at changes nothing.
func TestDropped(t *testing.T) {
	tr := New(Config{})
	s := packet.Segment{TCP: tcp.Segment{Flags: tcp.SYN}}
	s.Tuple = packet.Tuple{Source: packet.Address4(1), Destination: packet.Address4(1), SourcePort: 7, DestinationPort: 7}
	tr.Add(&s)
	s.Tuple.SourcePort = 8
	s.Checksum = packet.ChecksumBad
	tr.Add(&s)
	if sum := tr.Summary(); sum.EqualEnds != 1 || sum.BadChecksum != 1 || sum.Connections != 0 || sum.Segments != 0 {
		t.Errorf("%+v", sum)
	}
}

// TestZones: equal addresses in two VLANs are two connections.
func TestZones(t *testing.T) {
	tr := New(Config{List: true})
	for _, tag := range []uint16{10, 20} {
		s := packet.Segment{TCP: tcp.Segment{Flags: tcp.SYN}, VLANCount: 1, VLANs: [4]uint16{tag}}
		s.Tuple = packet.Tuple{Source: packet.Address4(1), Destination: packet.Address4(2), SourcePort: 7, DestinationPort: 80}
		tr.Add(&s)
	}
	if got := tr.Summary().Connections; got != 2 {
		t.Errorf("%d connections in two networks", got)
	}
}

// TestSources: the network that sends most SYNs is named first.
func TestSources(t *testing.T) {
	for _, six := range []bool{false, true} {
		tr := New(Config{})
		want := "198.51.100.0/24"
		source := packet.Address4(0xc6336400)
		if six {
			want, source = "2001:db8:7::/48", packet.Address{Hi: 0x20010db80007 << 16}
		}
		for i := range 500 {
			s := packet.Segment{TCP: tcp.Segment{Flags: tcp.SYN}}
			s.Tuple = packet.Tuple{Source: source, Destination: packet.Address{Hi: source.Hi, Lo: source.Lo ^ 1<<20}, SourcePort: uint16(i), DestinationPort: 80}
			tr.Add(&s)
		}
		feed(tr, traffic.NewFlood(3), 50_000)
		if top := tr.Summary().Sources; len(top) == 0 || top[0].Network.String() != want || top[0].Attempts < 300 {
			t.Errorf("%v, want %s first", top, want)
		}
	}
}

// TestTransitionsOfReusedPorts: what the connection before was in is no state of
// the next one.
func TestTransitionsOfReusedPorts(t *testing.T) {
	c := speak(t, New(Config{Transitions: true}), handshake+`
> FIN,ACK 101 301
< FIN,ACK 301 102
> ACK 102 302
> SYN 900000 +1
< SYN,ACK 800000 900001`)
	var got []string
	for _, x := range c.Transitions {
		got = append(got, x.From.String()+" "+x.To.String())
	}
	want := []string{"CLOSED SYN-SENT", "LISTEN SYN-RECEIVED"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
