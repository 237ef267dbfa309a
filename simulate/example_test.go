package simulate_test

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// A connection whose second SYN,ACK is the first to arrive.
func ExampleRun() {
	r := simulate.Run(simulate.Config{
		Delay: [2]time.Duration{10 * time.Millisecond, 10 * time.Millisecond},
		Network: []simulate.Rule{
			{On: simulate.Match{Sorts: simulate.SYNACKs}.Only(1), Do: simulate.Lose},
		},
		Script: []simulate.Act{
			{Side: simulate.Responder, Call: tcp.CallPassiveOpen},
			{Side: simulate.Originator, Call: tcp.CallActiveOpen},
		},
	})
	for _, h := range r.Trace {
		if h.Kind == simulate.Took && h.Row.From != h.Row.To {
			fmt.Printf("%6v %-10v %v->%v\n", h.At, h.Side, h.Row.From, h.Row.To)
		}
	}
	fmt.Println(r.Segments, "segments,", r.Lost, "lost")
	// Output:
	//     0s responder  CLOSED->LISTEN
	//     0s originator CLOSED->SYN-SENT
	//   10ms responder  LISTEN->SYN-RECEIVED
	//  1.02s originator SYN-SENT->ESTABLISHED
	//  1.03s responder  SYN-RECEIVED->ESTABLISHED
	// 6 segments, 1 lost
}

func ExampleChanges() {
	story, _ := simulate.FindStory("handshake")
	_, err := simulate.Changes{Lose: []string{"SYN-ACK:x"}}.Apply(story.Config)
	fmt.Println(err)

	config, _ := simulate.Changes{Lose: []string{"SYN-ACK:2.."}, Delay: []string{"responder=80ms"}}.Apply(story.Config)
	fmt.Println(simulate.Run(config).End)
	// Output:
	// --lose SYN-ACK:x: "x" is no sort of segment (SYN, SYN-ACK, ACK, DATA, FIN or RST), no side (originator or responder), no count (2, 2..4, 2..) and no percentage (5%)
	// 100ms
}
