package packet_test

import (
	"bytes"
	"fmt"

	"github.com/synoptic-net/synoptic/packet"
)

// A capture is read frame by frame; those that hold a segment are printed.
func Example() {
	r, err := packet.NewReader(bytes.NewReader(capture()))
	if err != nil {
		fmt.Printf("no capture: %v\n", err)
		return
	}
	var (
		d packet.Decoder
		f packet.Frame
		s packet.Segment
	)
	for r.Next(&f) {
		if d.Decode(&f, &s) == packet.IsSegment {
			fmt.Printf("%d %v %v\n", s.Number, s.Tuple, s.TCP)
		}
	}
	fmt.Println(d.Counts[packet.IsSegment], "segments,", d.Counts[packet.UDP], "of UDP,", r.Err())
	// Output:
	// 1 192.0.2.1:40000 > 198.51.100.7:80 <SEQ=1000><CTL=SYN>
	// 1 segments, 1 of UDP, <nil>
}

// capture makes a file of two packets.
func capture() []byte {
	var file bytes.Buffer
	w, err := packet.NewWriter(&file, packet.LinkRaw, 65535)
	if err != nil {
		panic(err)
	}
	ip := []byte{0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7}
	syn := []byte{0x9c, 0x40, 0, 80, 0, 0, 3, 0xe8, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0}
	query := []byte{0x9c, 0x40, 0, 53, 0, 20, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for _, rest := range [][]byte{syn, query} {
		if err := w.Write(&packet.Frame{Data: append(bytes.Clone(ip), rest...)}); err != nil {
			panic(err)
		}
		ip[9] = 17
	}
	return file.Bytes()
}
