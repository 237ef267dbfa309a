package diagnose

import (
	"encoding/json"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
)

// FuzzDiagnose: whatever a file holds, a diagnosis ends and judges or lists
// every cause.
func FuzzDiagnose(f *testing.F) {
	for _, b := range []*evidence.Bundle{{}, quietHost().bundle(), fewOfEach(), everythingCaptured()} {
		seed, err := json.Marshal(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Add([]byte(`{"sources":[{"name":"sockets","ok":true},{"name":"counters","ok":true}],"snapshots":[{"states":"","sockets":[{}]}],"processes_after":{"owners":[{"pid":-1}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b evidence.Bundle
		if json.Unmarshal(text, &b) != nil {
			return
		}
		report := Diagnose(&b)
		listed := map[Cause]bool{}
		for _, n := range report.NotAssessed {
			listed[n.Cause] = true
		}
		for i := range report.Findings {
			found := &report.Findings[i]
			if listed[found.Cause] {
				t.Errorf("%s is named and not assessed", found.Cause)
			}
			if found.Confidence == Certain && len(found.Open) > 0 {
				t.Errorf("%s is certain and leaves %v open", found.Cause, found.Open)
			}
		}
	})
}

// everythingCaptured has captures that each of their rules looks at.
func everythingCaptured() *evidence.Bundle {
	some := capturedGroup(9, 9)
	side := evidence.PacketSide{Unanswered: some, Large: some, Shut: some, Standing: 9, Brief: 9000, Closed: 9000, Aborts: 90, Strays: 9}
	s := quietHost()
	s.sees(evidence.PacketServer{Once: capturedGroup(90, 90), Again: some, Acked: some, Unanswered: some, Server: side, Clients: side})
	s.b.Packets.Clients = []evidence.PacketClient{{Address: ip("198.51.100.7"), Targets: 90, Attempts: 90, Unanswered: 90}}
	return s.bundle()
}

// fewOfEach has one socket of several kinds, so that the fuzzer finds them.
func fewOfEach() *evidence.Bundle {
	s := quietHost()
	s.listens("0.0.0.0:80", 1, queue(1))
	s.waiting("192.0.2.1:80", 0, 1)
	s.leaked(1)
	s.dials(1, target)
	s.silent(1, "192.0.2.7:5432")
	s.neighbour("192.0.2.7", "FAILED")
	return s.bundle()
}
