package detect_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

// A flood: the kernel says that a queue was full, a look says which, and of those
// who get a cookie nobody comes.
func Example() {
	web := netip.MustParseAddrPort("192.0.2.1:443")
	d := detect.New(detect.Options{})
	s := detect.Sample{Tallies: map[netip.AddrPort]detect.Tally{}}
	look := false
	for s.At < 1500*time.Millisecond {
		if s.At >= time.Second { // ten SYNs a millisecond
			n := uint64((s.At - time.Second).Milliseconds()) * 10
			s.Kernel.FullCookies, s.Kernel.CookiesSent = n, n
			s.Tallies[web] = detect.Tally{SYNs: n}
		}
		if s.Look = nil; look {
			s.Look = &detect.Look{Queues: map[netip.AddrPort]detect.Queue{web: {Half: 129, Here: 129, Limit: 128}}}
		}
		out := d.Step(s)
		for _, v := range out.Verdicts {
			fmt.Printf("%v %s %v: %s, %.0f %% come\n", v.At, v.Do, v.Listener, v.Why, 100*v.Facts.Share())
		}
		look = out.Look
		s.At += out.Next
	}
	// Output:
	// 1.1s shadow 192.0.2.1:443: queue-full, 100 % come
	// 1.225s arm 192.0.2.1:443: flood, 0 % come
}
