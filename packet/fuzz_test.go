package packet

import (
	"bytes"
	"testing"
)

// FuzzRead: no input makes a reader panic, run on, or say different things about
// the same file; what it gives is inside the file, and all frames decode to
// something.
func FuzzRead(f *testing.F) {
	for _, build := range formats {
		file, starts := build(5)
		f.Add(file)
		f.Add(file[:starts[4]+7])
		f.Add(append(file[:starts[2]+9:starts[2]+9], file[starts[3]:]...))
	}
	f.Add(pcapRecord(bothOrders[1], pcapFile(bothOrders[1], magicNano, 3, LinkEthernet), 1, 2, 3, "longer than 3"))
	n := &ng{order: bothOrders[1]}
	n.section().describe(LinkRaw, 5, n.option(2, []byte("eth0")), n.option(9, []byte{0x8a})).enhanced(0, 1, 1, "a", n.option(1, []byte("b")))
	f.Add(n.block(blockSimple, n.n32(9), []byte("seven+..")).b)
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := NewReader(bytes.NewReader(file)); err != nil || len(file) == 0 {
			return
		}
		frames, r := readAll(t, file)
		total := 0
		var d Decoder
		var s Segment
		for _, frame := range frames {
			total += len(frame.data)
			if frame.length < len(frame.data) || frame.iface >= uint32(len(r.Interfaces())) {
				t.Fatalf("%+v with %d interfaces", frame, len(r.Interfaces()))
			}
			d.Decode(&Frame{Data: []byte(frame.data), Length: frame.length, Link: frame.link}, &s)
		}
		if total > len(file) || r.Skipped() > uint64(len(file)) || d.Counts.Total() != uint64(len(frames)) {
			t.Fatalf("%d octets of data and %d skipped in %d; %d decoded", total, r.Skipped(), len(file), d.Counts.Total())
		}
	})
}

// FuzzDecode: no frame makes the decoder panic; text lies inside the frame; the
// short way and the long one agree, as do the flow of the frame and that of the
// segment; and a capture that keeps less of the frame
// loses knowledge but never says another thing.
func FuzzDecode(f *testing.F) {
	g := newGenerator(3)
	for range 12 {
		f.Add(uint16(LinkEthernet), uint16(0), g.frame())
	}
	v4, v6 := whole4(), whole6()
	f.Add(uint16(LinkRaw), uint16(9), v6)
	f.Add(uint16(LinkNull), uint16(0), join([]byte{2, 0, 0, 0}, v4))
	f.Add(uint16(LinkSLL), uint16(0), cookedHeader(4, 0x800, v4))
	f.Add(uint16(LinkSLL2), uint16(0), cooked2Header(4, 0x86dd, v6))
	f.Add(uint16(LinkNFLOG), uint16(0), attributes(v4))
	f.Add(uint16(LinkPPP), uint16(0), join([]byte{0xff, 3, 0, 0x21}, v4))
	f.Add(uint16(LinkRadiotap), uint16(0), join([]byte{0, 0, 9, 0, 2, 0, 0, 0, 0}, overWifi(0x88, 2, u16(0), snap(0x800, v4))))
	f.Add(uint16(LinkRaw), uint16(0), overGTP(4, join(u16(0), []byte{0, 0x85}, []byte{1, 0, 0, 0}), v4))
	f.Add(uint16(LinkRaw), uint16(0), overUDP(50000, 3544, join([]byte{0, 1, 2, 1}, make([]byte, 12), v6)))
	f.Fuzz(func(t *testing.T, link, more uint16, data []byte) {
		frame := &Frame{Data: data, Length: len(data) + int(more), Link: LinkType(link)}
		var d Decoder
		var s, again Segment
		reason := d.Decode(frame, &s)
		checkGeneral(t, &d, frame, reason, &s, &again)
		if flow, ok := frame.Flow(); ok && reason == IsSegment && flow != s.Tuple.Flow() {
			t.Fatalf("flow %x of the frame, %x of %v", flow, s.Tuple.Flow(), s.Tuple)
		}
		if reason != IsSegment {
			return
		}
		if uint64(s.TextAt)+uint64(s.TextSize) > uint64(len(data)) || uint64(s.TextSize) > uint64(s.TCP.Data) {
			t.Fatalf("text outside the frame: %+v", s)
		}
		checkCuts(t, &d, frame, &s)
	})
}

// checkCuts compares what is said of beginnings of the frame.
func checkCuts(t *testing.T, d *Decoder, whole *Frame, want *Segment) {
	t.Helper()
	for n := range whole.Data {
		cut := *whole
		cut.Data = whole.Data[:n]
		var s Segment
		if d.Decode(&cut, &s) != IsSegment {
			continue
		}
		if s.TCP.Seq != want.TCP.Seq || s.TCP.Flags != want.TCP.Flags || s.TCP.Data != want.TCP.Data || s.Tuple != want.Tuple {
			t.Fatalf("first %d octets: %v %v\nwhole: %v %v", n, s.Tuple, s.TCP, want.Tuple, want.TCP)
		}
		if s.Options.Set&^want.Options.Set != 0 || s.Options.Set != want.Options.Set && !s.Marks.Has(OptionsTruncated) {
			t.Fatalf("first %d octets: options %b, marks %v; whole: %b", n, s.Options.Set, s.Marks, want.Options.Set)
		}
	}
}
