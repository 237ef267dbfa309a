// Package capture takes packets from the interfaces of this host: a ring that
// the kernel fills (TPACKET_V3) behind a filter that the kernel runs, read
// without copies.
//
//	ring, err := capture.Open(capture.Config{Interface: "eth0", Snap: 256, Filter: filter})
//	defer ring.Close()
//	for {
//		packets, err := ring.Next(&frame)
//		...
//	}
package capture
