package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// numbered makes packet i of a test file; each is told by its content.
func numbered(i int) string {
	return fmt.Sprintf("packet %04d %s", i, strings.Repeat("x", i*7%90))
}

// pcapOf and pcapngOf make files of n packets and say where each record begins.
func pcapOf(n int) (file []byte, starts []int) {
	o := binary.LittleEndian
	file = pcapFile(o, magicMicro, 4, LinkRaw)
	for i := range n {
		starts = append(starts, len(file))
		file = pcapRecord(o, file, 1_700_000_000+uint32(i), uint32(i), len(numbered(i)), numbered(i))
	}
	return file, append(starts, len(file))
}

func pcapngOf(n int) (file []byte, starts []int) {
	b := &ng{order: binary.LittleEndian}
	b.section().describe(LinkRaw, 0)
	for i := range n {
		starts = append(starts, len(b.b))
		b.enhanced(0, uint64(i), uint32(len(numbered(i))), numbered(i))
	}
	return b.b, append(starts, len(b.b))
}

var formats = map[string]func(int) ([]byte, []int){"pcap": pcapOf, "pcapng": pcapngOf}

// intact returns which of the numbered packets were read whole.
func intact(frames []seen) map[int]bool {
	whole := map[int]bool{}
	for _, f := range frames {
		var i int
		if _, err := fmt.Sscanf(f.data, "packet %d", &i); err == nil && f.data == numbered(i) {
			whole[i] = true
		}
	}
	return whole
}

// TestEveryCut: a file that ends anywhere gives all whole packets, and says that
// it was cut.
func TestEveryCut(t *testing.T) {
	for name, make := range formats {
		t.Run(name, func(t *testing.T) {
			file, starts := make(6)
			whole := 0
			for n := starts[0]; n <= starts[6]; n++ {
				frames, r := readAll(t, file[:n])
				if n == starts[whole+1] {
					whole++
				}
				if len(frames) != whole || len(intact(frames)) != whole {
					t.Fatalf("%d octets: %d packets, want %d", n, len(frames), whole)
				}
				var cut *CutError
				if n == starts[whole] {
					if r.Err() != nil || r.Damage() != (Damages{}) {
						t.Errorf("%d octets end a record: %v", n, r.Err())
					}
				} else if !errors.As(r.Err(), &cut) || cut.Packets != uint64(whole) || cut.Offset != int64(starts[whole]) ||
					!errors.Is(r.Err(), io.ErrUnexpectedEOF) || r.Damage() != (Damages{CutEnd: 1}) || cut.Missing < 1 {
					t.Errorf("%d octets: %v %v", n, r.Err(), r.Damage())
				}
			}
		})
	}
}

// TestResynchronises: whatever happens to one record, those after the next are
// read. The record behind the damage may go with it: nothing vouches for it but
// the one that follows.
func TestResynchronises(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 3))
	for name, make := range formats {
		for _, c := range []struct {
			what  string
			wound func(file []byte, at, end int) []byte
		}{
			{"header overwritten", func(file []byte, at, _ int) []byte {
				for i := range 12 {
					file[at+i] = byte(random.Uint32() | 0x40)
				}
				return file
			}},
			{"huge length", func(file []byte, at, _ int) []byte {
				copy(file[at+4:], "\xf0\xff\xff\x7f\xf0\xff\xff\x7f\xf0\xff\xff\x7f")
				return file
			}},
			{"length that swallows the rest", func(file []byte, at, _ int) []byte {
				file[at+6], file[at+10], file[at+14] = 3, 3, 3
				return file
			}},
			{"octets lost", func(file []byte, at, end int) []byte { return append(file[:at+9], file[end-3:]...) }},
			{"octets too many", func(file []byte, at, end int) []byte {
				return append(file[:at:at], append([]byte("an intruder of some octets"), file[at:]...)...)
			}},
			{"zeros", func(file []byte, at, end int) []byte { clear(file[at:end]); return file }},
			{"header lost", func(file []byte, at, _ int) []byte { return append(file[:at], file[at+16:]...) }},
		} {
			t.Run(name+"/"+c.what, func(t *testing.T) {
				for wounded := 1; wounded < 40; wounded++ {
					file, starts := make(50)
					file = c.wound(file, starts[wounded], starts[wounded+1])
					frames, r := readAll(t, file)
					whole := intact(frames)
					for i := range 50 {
						if (i < wounded || i > wounded+1) && !whole[i] {
							t.Fatalf("wound at %d: packet %d is lost; damage %v", wounded, i, r.Damage())
						}
					}
					if total := r.Damage(); total.Total() == 0 || r.Err() != nil {
						t.Fatalf("wound at %d: damage %v, %v", wounded, r.Damage(), r.Err())
					}
				}
			})
		}
	}
}

// TestUnwrittenEnd: a file that was made larger beforehand ends in zeros.
func TestUnwrittenEnd(t *testing.T) {
	for name, build := range formats {
		file, _ := build(9)
		frames, r := readAll(t, append(file, make([]byte, 5000)...))
		if len(frames) != 9 || r.Skipped() != 5000 || r.Err() != nil {
			t.Errorf("%s: %d packets, skipped %d, %v", name, len(frames), r.Skipped(), r.Err())
		}
	}
}

// TestSlips of writers are forgiven.
func TestSlips(t *testing.T) {
	o := binary.LittleEndian
	file := pcapFile(o, magicMicro, 4, LinkRaw)
	file = pcapRecord(o, file, 1_700_000_000, 1_500_000, 16, "fraction too big")
	file = pcapRecord(o, file, 1_700_000_001, 0, 3, "length too small")
	file = pcapRecord(o, file, 1_700_000_002, 0, 14, "nothing wrong!")
	frames, r := readAll(t, file)
	if len(frames) != 3 || frames[0].time != 1_700_000_001*second+second/2 || frames[1].length != 16 {
		t.Errorf("%+v", frames)
	}
	if r.Damage() != (Damages{DamagedTime: 1}) || r.Skipped() != 0 {
		t.Errorf("%v", r.Damage())
	}
}

// TestDamagedBlocks are refused one by one, with their kind.
func TestDamagedBlocks(t *testing.T) {
	o := binary.LittleEndian
	for _, c := range []struct {
		what   string
		insert func(*ng)
		want   Damages
	}{
		{"packet of no interface", func(n *ng) { n.enhanced(7, 0, 1, "a") }, Damages{DamagedInterface: 1}},
		{"packet larger than its block", func(n *ng) {
			n.block(blockEnhanced, n.n32(0), n.n64(0), n.n32(100), n.n32(100), []byte("four"))
		}, Damages{DamagedPacket: 1}},
		{"packet without a header", func(n *ng) { n.block(blockEnhanced, n.n32(0)) }, Damages{DamagedPacket: 1}},
		{"old packet without a header", func(n *ng) { n.block(blockPacket, n.n32(0)) }, Damages{DamagedPacket: 1}},
		{"simple packet without a header", func(n *ng) { n.block(blockSimple) }, Damages{DamagedPacket: 1}},
		{"interface without a link type", func(n *ng) { n.block(blockInterface).enhanced(1, 0, 1, "a") }, Damages{DamagedInterface: 2}},
		{"unknown resolution", func(n *ng) { n.describe(LinkRaw, 0, n.option(9, []byte{99})) }, Damages{DamagedInterface: 1}},
		{"interface option beyond the block", func(n *ng) { n.describe(LinkRaw, 0, n.n16(2), n.n16(99)) }, Damages{DamagedInterface: 1}},
		{"second version", func(n *ng) {
			n.block(blockSection, n.n32(orderMagic), n.n16(2), n.n16(0), n.n64(0)).describe(LinkRaw, 0)
		}, Damages{DamagedSection: 1}},
		{"trailing length", func(n *ng) { n.block(blockNames, n.n32(0)).b[len(n.b)-1] ^= 1 }, Damages{DamagedBlock: 1}},
	} {
		n := &ng{order: o}
		n.section().describe(LinkRaw, 0).enhanced(0, 1, 6, "before")
		c.insert(n)
		n.enhanced(0, 1, 5, "after")
		frames, r := readAll(t, n.b)
		if len(frames) != 2 || frames[0].data != "before" || frames[1].data != "after" || r.Damage() != c.want {
			t.Errorf("%s: %+v %v", c.what, frames, r.Damage())
		}
	}
	n := &ng{order: o}
	n.section().describe(LinkRaw, 0).enhanced(0, 1, 4, "kept", n.n16(1), n.n16(99))
	if frames, r := readAll(t, n.b); len(frames) != 1 || r.Damage() != (Damages{DamagedPacket: 1}) {
		t.Errorf("damaged options: %+v %v", frames, r.Damage())
	}
}
