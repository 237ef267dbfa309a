package diagnose

import (
	"fmt"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// staleEntries dials a service n times without an answer, as connection tracking
// keeps it from before a NAT rule, and through connections behind the rule.
func (s *scene) staleEntries(n, through int) {
	const service, real = "203.0.113.80:80", "192.0.2.2:8080"
	track := func(local, reply string, opening bool) {
		s.b.Conntrack = append(s.b.Conntrack, host.Tracked{From: at(local), To: at(service), ReplyFrom: at(reply), ReplyTo: at(local), Opening: opening})
	}
	for i := range n {
		local := fmt.Sprintf("192.0.2.1:4000%d", i)
		s.stays(tcp.SynSent, local, service, s.heldBy(programPID), resent(3, host.TimerRetransmit))
		track(local, service, true)
	}
	for i := range through {
		local := fmt.Sprintf("192.0.2.1:4100%d", i)
		s.stays(tcp.Established, local, service, s.heldBy(programPID))
		track(local, real, false)
	}
}

func TestStaleNATEntry(t *testing.T) {
	certain := verdict{"stale-nat-entry", Warning, Certain, 5, nil, []Cause{"target-filtered", "target-dead", "synack-dropped-here"}}
	never := []Cause{"stale-nat-entry"}
	runScenes(t, []sceneCase{
		{"attempts from before the rule", func(s *scene) { s.staleEntries(5, 3) }, certain, []Cause{"target-filtered"}},
		{"nobody gets through: the service is down", func(s *scene) { s.staleEntries(5, 0) }, verdict{}, never},
		{"translated, and without an answer all the same", func(s *scene) {
			s.staleEntries(5, 3)
			for i := range 5 {
				s.b.Conntrack[i].ReplyFrom = at("192.0.2.2:8080")
			}
		}, verdict{}, never},
		{"a sidecar: the rule leaves out the user of the proxy", func(s *scene) {
			s.staleEntries(5, 3)
			for i := range s.last {
				if s.last[i].State == tcp.Established {
					s.last[i].UID = 1001
				}
			}
		}, verdict{}, never},
		{"nobody knows any more whose the others were", func(s *scene) {
			s.staleEntries(5, 3)
			for i := range s.last {
				if s.last[i].State == tcp.Established {
					s.last[i].State, s.last[i].Kind, s.last[i].Inode = tcp.TimeWait, host.TimeWaitKind, 0
				}
			}
		}, verdict{"stale-nat-entry", Warning, Possible, 5, []Cause{"target-filtered", "target-dead", "synack-dropped-here"}, nil}, nil},
		{"connection tracking knows nothing of them", func(s *scene) { s.staleEntries(5, 3); s.b.Conntrack = s.b.Conntrack[5:] }, verdict{}, never},
	})
}
