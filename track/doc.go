// Package track rebuilds the states of both ends of a TCP connection from its
// captured segments, as RFC 9293 names them.
//
// An observer cannot know a state, only what fits the evidence. So each end has
// a set of possible states (tcp.StateSet) and a likely one, which is where it
// would be had every captured segment arrived; a FIN behind octets that are
// missing waits for them. The set is widened by segments that may have arrived,
// and narrowed by what the end sends: nobody acknowledges a FIN that did not
// come. A set of one state is certain. What an
// end has not shown is not counted: a CLOSE whose FIN waits unsent, a program
// that died in silence. The one silent change that is counted is the end of
// TIME-WAIT, by the time of capture.
//
//	tracker := track.New(track.Config{List: true})
//	for reader.Next(&frame) {
//		if decoder.Decode(&frame, &segment) == packet.IsSegment {
//			tracker.Add(&segment)
//		}
//	}
//	summary := tracker.Summary()
//	tracker.Each(func(c *track.Conn) bool { ... })
//
// Memory is bounded by Config.Memory whatever comes in. A SYN that nobody
// answered waits in a table of its own, and beyond that is only counted, so a
// flood takes no place from connections. A connection takes 66 octets between
// IPv4 addresses and 98 between IPv6 ones; nothing is allocated a segment.
//
// What may follow from what is not written here: it is read off tcp.Rows when
// the program starts.
//
// The package is pure: its only clock is the time of capture, it opens nothing,
// and any sequence of segments is taken without a panic. Units: times are
// nanoseconds since 1970, sizes octets.
package track
