package explore_test

import (
	"fmt"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/simulate/explore"
)

// What happens if a RST may end TIME-WAIT: RFC 1337 figure 1, found by search.
func ExampleRun() {
	bound, err := explore.Find("assassination")
	if err != nil {
		fmt.Println(err)
		return
	}
	bound.Breaks = explore.FullTimeWait
	report, err := explore.Run(bound, explore.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("breaks", report.Broken())
	trace := report.Violations[0].Trace
	for _, h := range trace[len(trace)-10:] {
		switch h.Kind {
		case simulate.Arrived:
			fmt.Println("arrives", h.Packet)
		case simulate.Sent:
			fmt.Println("sends", h.Packet)
		case simulate.Took:
			fmt.Println("   ", h.Row.ID)
		}
	}
	// Output:
	// breaks full-time-wait
	// sends <SEQ=102><ACK=304><CTL=ACK>
	// arrives <SEQ=102><ACK=304><CTL=ACK>
	//     last-ack-acked
	// arrives <SEQ=102><ACK=304><CTL=ACK>
	//     closed-ack
	// sends <SEQ=304><CTL=RST>
	// arrives <SEQ=304><CTL=RST>
	//     time-wait-rst
}
