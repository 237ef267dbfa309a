// Package capture takes packets from the interfaces of this host: rings that
// the kernel fills (TPACKET_V3), behind a filter that the kernel runs, read
// without a copy and without an allocation a packet.
//
//	c, err := capture.Open(capture.Config{Interfaces: []string{"eth0"}, Filter: filter, Snap: 256})
//	defer c.Close()
//	err = c.Segments(ctx, func(f *packet.Frame, s *packet.Segment) error {
//		tracker.Add(s)
//		return nil
//	})
//
// A frame knows its time in nanoseconds, its interface, which way it went, and
// its VLAN tag, which the kernel keeps apart and which is put back. An interface
// alone gives whole Ethernet headers; "any" gives the sender's hardware address
// and the number of the interface (Linux cooked capture, version 2), for then
// the kernel takes the link headers off. What leaves on the loopback comes in
// there too, and is seen once.
//
// Open needs CAP_NET_RAW in the network namespace. Nothing is sent, and the
// interface is left as it is unless Promiscuous is asked for.
//
// Facts about the ring are from linux/if_packet.h and net/packet/af_packet.c.
package capture
