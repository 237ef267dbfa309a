// Package correlate joins two captures of the same connections, made at two
// points of their way, and says of every segment what became of it between them.
//
// The captures may come from hosts whose clocks differ, and gateways between them
// may have changed addresses, ports and sequence numbers. Connections are joined
// by what survives: initial sequence numbers, timestamps options (RFC 7323), the
// options of the SYN, and where no SYN was captured by numbers that both captures
// show. The clocks are aligned by the segments themselves: what travels one way
// bounds the difference from above, what travels the other way from below.
//
//	c := correlate.New(correlate.Config{})
//	for reader.Next(&frame) {
//		c.Watch(correlate.A, &frame)
//		if decoder.Decode(&frame, &segment) == packet.IsSegment {
//			c.Add(correlate.A, &segment)
//		}
//	}
//	... the same for correlate.B
//	report := c.Correlate()
//
// A Verdict is never more certain than the captures are. A segment that passed
// one point vanished only if the capture of the other point went on at that time,
// takes segments of its kind and direction, tells of no packets that it dropped,
// and lacks nothing that demonstrably arrived; it did arrive, whatever the capture
// lacks, if its receiver acknowledged it. Everything else is Unknown, with the
// reason. What cannot be seen from two captures is a capture that lost packets
// without any trace.
//
// Memory is bounded by Config.Memory; what was cut is told in Report.Points.
//
// The package is pure: its only clock is the time of capture, it opens nothing,
// and any sequence of segments is taken without a panic. Units: times are
// nanoseconds since 1970, sizes octets.
package correlate
