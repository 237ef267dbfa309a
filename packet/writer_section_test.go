package packet

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestSectionIsTold writes a section with all that can be said of it and reads
// it back, by our own reader and by octets.
func TestSectionIsTold(t *testing.T) {
	var file bytes.Buffer
	w, err := NewSectionWriter(&file, Section{Host: "web-1", System: "Linux 6.18", Program: "synoptic", Comment: "why"})
	if err != nil {
		t.Fatal(err)
	}
	number, err := w.AddFiltered(Interface{Name: "eth0", Link: LinkEthernet, SnapLength: 96}, "tcp port 80")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(&Frame{Data: make([]byte, 61), Length: 70, Time: 5, Interface: number, Direction: Outbound, Comment: []byte("syn-flood")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Count(InterfaceCounts{Interface: number, Time: 1<<33 + 7, Seen: 3, Lost: 2, Delivered: 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Count(InterfaceCounts{Time: -1}); err == nil {
		t.Error("a time before 1970 was taken")
	}
	checkBlocks(t, file.Bytes(), []uint32{blockSection, blockInterface, blockEnhanced, blockCounters})
	for _, text := range []string{"web-1", "Linux 6.18", "synoptic", "why", "\x00tcp port 80", "syn-flood"} {
		if !bytes.Contains(file.Bytes(), []byte(text)) {
			t.Errorf("%q is not there", text)
		}
	}
	r, err := NewBytesReader(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if !r.Next(&f) || string(f.Comment) != "syn-flood" || f.Direction != Outbound || f.Length != 70 || r.Next(&f) || r.Err() != nil {
		t.Errorf("%+v, %v", f, r.Err())
	}
	if got := r.Interfaces()[0]; got.Name != "eth0" || got.SnapLength != 96 || r.Damage() != (Damages{}) {
		t.Errorf("%+v, %v", got, r.Damage())
	}
}

// checkBlocks walks over a section: each block tells its length at both ends.
func checkBlocks(t *testing.T, b []byte, kinds []uint32) {
	t.Helper()
	for _, kind := range kinds {
		if len(b) < 12 {
			t.Fatalf("%d octets where block %d should be", len(b), kind)
		}
		size := int(binary.LittleEndian.Uint32(b[4:]))
		if got := binary.LittleEndian.Uint32(b); got != kind || size%4 != 0 || size > len(b) || binary.LittleEndian.Uint32(b[size-4:]) != uint32(size) {
			t.Fatalf("block %d of %d octets, want %d", got, size, kind)
		}
		b = b[size:]
	}
	if len(b) > 0 {
		t.Errorf("%d octets too many", len(b))
	}
}
