package diagnose

import (
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestBundleOfNamespaces: one file that holds several network namespaces says what
// their reports joined say.
func TestBundleOfNamespaces(t *testing.T) {
	server, client := twoHosts()
	server.listens("0.0.0.0:80", 128, queue(0))
	for i := range 8 {
		server.stays(tcp.CloseWait, "192.0.2.1:80", clientEnd(i), server.heldBy(programPID))
		client.stays(tcp.FinWait2, clientEnd(i), "192.0.2.1:80", mini)
	}
	apart := Merge([]Report{client.diagnose(), server.diagnose()})
	whole := client.bundle()
	whole.Namespaces = []*evidence.Bundle{nil, server.bundle()}
	together := Diagnose(whole)
	if !slices.Equal(causes(together), causes(apart)) || len(together.Namespaces) != 2 || one(t, together, "peer-not-closing").BecauseOf != "app-not-closing" {
		t.Errorf("%s, not %s", causesOf(together), causesOf(apart))
	}
	hidden := Diagnose(evidence.Anonymize(whole, []byte("key")))
	if !slices.Equal(causes(hidden), causes(apart)) || one(t, hidden, "peer-not-closing").BecauseOf != "app-not-closing" {
		t.Errorf("anonymised: %s", causesOf(hidden))
	}
}

func causes(r Report) (list []Cause) {
	for _, f := range r.Findings {
		list = append(list, f.Cause)
	}
	return list
}
