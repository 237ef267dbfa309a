// Package packet turns captured bytes into TCP segments.
//
// A Reader takes pcap and pcapng from any io.Reader and fills a reused Frame
// with each packet. A Decoder takes the frame apart, through link layers, tags
// and tunnels, and fills a reused Segment, or says by a Reason why the frame is
// none. A Writer makes both formats.
//
//	r, err := packet.NewReader(file)
//	var (
//		d packet.Decoder
//		f packet.Frame
//		s packet.Segment
//	)
//	for r.Next(&f) {
//		if d.Decode(&f, &s) == packet.IsSegment {
//			...
//		}
//	}
//	err = r.Err()
//
// Nothing is allocated for a packet, and memory does not grow with the input.
// Any input is read without a panic; what is damaged is skipped as far as a
// next record can be found, and counted (Reader.Damage, Decoder.Counts).
// A packet that was captured in part gives what its octets prove, and Marks
// that say what is missing.
//
// The package is pure: it has no clock, opens no file and no socket, and imports
// only the standard library and package tcp. Decompression is the caller's.
package packet
