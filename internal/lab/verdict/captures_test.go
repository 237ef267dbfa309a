package verdict

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/track"
)

// captures lists what the lab captured at its hosts.
func captures(t *testing.T) []string {
	paths, err := filepath.Glob(filepath.Join(recordings, "*.pcapng.gz"))
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d captures: %v", len(paths), err)
	}
	return paths
}

// captured reads a capture as "read --diagnose" does.
func captured(t *testing.T, path string) *evidence.Bundle {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := packet.NewReader(plain)
	if err != nil {
		t.Fatal(err)
	}
	tracker := track.New(track.Config{Efforts: true})
	var (
		d packet.Decoder
		f packet.Frame
		s packet.Segment
	)
	for r.Next(&f) {
		if d.Decode(&f, &s) == packet.IsSegment {
			tracker.Add(&s)
		}
	}
	return evidence.OfCaptures(tracker)
}

// settled says what each capture must name first, and how surely. Most of the
// lab's captures hold 300 packets: of the floods 0.2 s, in which no client has had
// the time to send its SYN again, so that they are no more than possible.
var settled = []struct {
	capture, cause string
	confidence     diagnose.Confidence
}{
	{"syn-flood-cookies-on.server", "syn-flood", diagnose.Possible},
	{"syn-flood-cookies-on.client", "syn-flood", diagnose.Possible},
	{"syn-flood-cookies-off.server", "syn-flood", diagnose.Possible},
	{"syn-flood-cookies-always.server", "syn-flood", diagnose.Possible},
	{"syn-flood-ipv6.server", "syn-flood", diagnose.Possible},
	{"syn-flood-among-clients.server", "syn-flood", diagnose.Possible},
	{"flood-over-leak.server", "syn-flood", diagnose.Possible},
	{"flood-and-stall.server", "syn-flood", diagnose.Possible},
	{"syn-flood-from-prefix.server", "syn-flood-from-prefix", diagnose.Possible},
	{"syn-flood-from-host.server", "syn-flood-from-prefix", diagnose.Possible},
	{"synack-lost-on-path.server", "synack-lost-on-path", diagnose.Probable},
	{"synack-lost-on-path.router", "synack-lost-on-path", diagnose.Possible},
	{"synack-lost-ipv6.server", "synack-lost-on-path", diagnose.Probable},
	{"synack-lost-ipv6.router", "synack-lost-on-path", diagnose.Possible},         // both ends' segments have passed it
	{"synack-lost-many-clients.server", "synack-lost-on-path", diagnose.Possible}, // on one link: no TTL tells the place
	{"dnat-without-snat-silent.server", "asymmetric-return", diagnose.Possible},
	{"dnat-without-snat-reset.server", "asymmetric-return", diagnose.Probable},
	{"second-gateway.server", "asymmetric-return", diagnose.Possible},
	{"synack-dropped-by-rp-filter.client", "synack-dropped-here", diagnose.Possible},
	{"ack-lost-here.server", "ack-lost", diagnose.Possible}, // a full accept queue looks the same
	{"ack-lost-on-path.client", "ack-lost", diagnose.Possible},
	{"ack-lost-on-path.router", "ack-lost", diagnose.Possible},
	{"ack-lost-on-path.server", "ack-lost", diagnose.Possible},
	{"scanning-hosts.client", "scanning", diagnose.Probable},
	{"scanning-hosts.server", "scanning", diagnose.Probable},
	{"scanning-ports.client", "scanning", diagnose.Probable},
	{"scanning-ports.server", "scanning", diagnose.Probable},
	{"path-mtu-black-hole.client", "path-mtu-black-hole", diagnose.Probable},
	{"path-mtu-black-hole.router", "path-mtu-black-hole", diagnose.Probable},
	{"peer-not-reading.server", "peer-not-reading", diagnose.Probable},
	{"peer-not-reading.client", "peer-not-reading", diagnose.Probable},
	{"reset-storm.server", "reset-storm", diagnose.Probable},
	{"reset-storm.client", "reset-storm", diagnose.Probable},
	{"reset-injection.server", "reset-storm", diagnose.Probable},
}

func TestCapturesThatSettle(t *testing.T) {
	for _, s := range settled {
		t.Run(s.capture, func(t *testing.T) {
			report := diagnose.Diagnose(captured(t, filepath.Join(recordings, s.capture+".pcapng.gz")))
			if len(report.Findings) == 0 || string(report.Findings[0].Cause) != s.cause || report.Findings[0].Confidence != s.confidence {
				t.Errorf("%v", essence(report))
			}
		})
	}
}

// A capture at the server cannot tell an ACK that is
// lost before it from one that is withheld, so it names both, as possible.
func TestCaptureThatLeavesTwoCauses(t *testing.T) {
	for _, name := range []string{"handshake-withheld.server", "ack-lost-on-path.server"} {
		report := diagnose.Diagnose(captured(t, filepath.Join(recordings, name+".pcapng.gz")))
		named := map[diagnose.Cause]diagnose.Confidence{}
		for _, f := range report.Findings {
			named[f.Cause] = f.Confidence
		}
		_, lost := named["ack-lost"]
		if _, withheld := named["handshake-withheld"]; !lost || !withheld || len(named) != 2 {
			t.Errorf("%s: %v", name, essence(report))
		}
	}
}

// alsoTrue are causes that a capture shows rightly beside the one that its
// scenario is about: behind a window of zero a FIN waits unseen, and what is seen
// is the window; a host that forgot its connections answers every probe with RST.
var alsoTrue = map[string]string{"fin-behind-zero-window": "peer-not-reading", "idle-and-forgotten": "reset-storm"}

// TestNoCaptureIsMisread reads every capture of the lab, healthy ones too: what
// is not so is never more than possible, and a healthy one shows nothing.
func TestNoCaptureIsMisread(t *testing.T) {
	expected := map[string]Expected{}
	for _, e := range index(t) {
		expected[e.Scenario] = e
	}
	for _, path := range captures(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".pcapng.gz")
		scenario, _, _ := strings.Cut(name, ".")
		e, known := expected[scenario]
		if !known {
			t.Fatalf("%s is of no scenario", name)
		}
		report := diagnose.Diagnose(captured(t, path))
		for _, f := range report.Findings {
			so := slices.ContainsFunc(e.Expects, func(want Expectation) bool { return want.Cause == string(f.Cause) }) ||
				slices.Contains(e.Beside, string(f.Cause)) || alsoTrue[scenario] == string(f.Cause)
			if !so && (f.Confidence > diagnose.Possible || len(e.Expects) == 0) {
				t.Errorf("%s: %s is named, %v", name, f.Cause, f.Confidence)
			}
		}
		if len(report.NotAssessed) == 0 || report.States.Total() != report.Bundle.Packets.Connections {
			t.Errorf("%s: %d not assessed, %d connections, states %v", name, len(report.NotAssessed), report.Bundle.Packets.Connections, report.States)
		}
	}
}

// TestCapturesAnonymized: what is saved without names is judged the same.
func TestCapturesAnonymized(t *testing.T) {
	for _, s := range settled {
		b := captured(t, filepath.Join(recordings, s.capture+".pcapng.gz"))
		hidden := again(t, evidence.Anonymize(b, []byte("key")))
		if got, want := essence(diagnose.Diagnose(hidden)), essence(diagnose.Diagnose(b)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, it was %v", s.capture, got, want)
		}
	}
}
