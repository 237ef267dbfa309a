package explain

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

func document(t *testing.T, report diagnose.Report) map[string]any {
	t.Helper()
	text, err := json.Marshal(Document(report, "en"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), ":null") {
		t.Errorf("null in %s", text)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// keysAre reports keys that an object has too many or too few of; an optional
// one ends in "?".
func keysAre(t *testing.T, where string, object any, keys string) {
	t.Helper()
	left := map[string]bool{}
	for key := range object.(map[string]any) {
		left[key] = true
	}
	for key := range strings.FieldsSeq(keys) {
		name, optional := strings.CutSuffix(key, "?")
		if !left[name] && !optional {
			t.Errorf("%s lacks %q", where, name)
		}
		delete(left, name)
	}
	for key := range left {
		t.Errorf("%s has %q, which the contract does not know", where, key)
	}
}

// TestDocumentHasTheKeysOfTheContract: scripts read them.
func TestDocumentHasTheKeysOfTheContract(t *testing.T) {
	for _, scene := range scenes {
		b := bundleOf(scene)
		b.Sources = append(b.Sources, evidence.Source{Name: "packets", Why: "needs CAP_NET_RAW"})
		doc := document(t, diagnose.Diagnose(b))
		keysAre(t, "document", doc, "schema time window_seconds host sources states findings not_assessed")
		keysAre(t, "host", doc["host"], "name kernel netns")
		for _, s := range doc["sources"].([]any) {
			keysAre(t, "source", s, "name ok why?")
		}
		for _, n := range doc["not_assessed"].([]any) {
			keysAre(t, "not_assessed", n, "cause needs")
		}
		for _, f := range doc["findings"].([]any) {
			keysAre(t, "finding", f, "cause state severity confidence because_of? summary subject count evidence excluded open fate remedies refuted_by growth? oldest_seconds? age?")
			f := f.(map[string]any)
			keysAre(t, "subject", f["subject"], "local peer process netns container path")
			keysAre(t, "process", f["subject"].(map[string]any)["process"], "pid name exe")
			keysAre(t, "fate", f["fate"], "text within_seconds forever")
			each(t, f, "evidence", "source fact value unit text recheck")
			each(t, f, "excluded", "cause because")
			each(t, f, "open", "cause because")
			each(t, f, "remedies", "id text risk apply undo persist scope? fix?")
		}
	}
}

func each(t *testing.T, object map[string]any, list, keys string) {
	t.Helper()
	for _, entry := range object[list].([]any) {
		keysAre(t, list, entry, keys)
	}
}

// TestFindingsAreComplete: every finding can be acted on and refuted.
func TestFindingsAreComplete(t *testing.T) {
	sources := []string{
		"sockets", "request-sockets", "listeners", "counters", "packets", "events", "routes",
		"neighbours", "conntrack", "firewall", "processes", "settings", "probe", "history",
	}
	for _, scene := range scenes {
		for _, f := range Document(diagnose.Diagnose(bundleOf(scene)), "en").Findings {
			if f.Summary == "" || f.RefutedBy == "" || f.Fate.Text == "" || len(f.Evidence) == 0 {
				t.Errorf("%s lacks its summary, fate, evidence or what refutes it: %+v", f.Cause, f)
			}
			if f.Cause != "unexplained" && len(f.Remedies) == 0 {
				t.Errorf("%s offers nothing", f.Cause)
			}
			if f.Fate.Forever && f.Fate.WithinSeconds != 0 {
				t.Errorf("%s ends within %v s and never", f.Cause, f.Fate.WithinSeconds)
			}
			if strings.Contains(f.Fate.Text, "within 0 s") {
				t.Errorf("%s: %q", f.Cause, f.Fate.Text)
			}
			for _, e := range f.Evidence {
				if !slices.Contains(sources, e.Source) || e.Fact == "" || e.Unit == "" || e.Text == "" {
					t.Errorf("%s has evidence %+v", f.Cause, e)
				}
			}
			for _, r := range f.Remedies {
				if r.ID == "" || r.Text == "" || r.Risk == "" {
					t.Errorf("%s has the remedy %+v", f.Cause, r)
				}
			}
			for _, e := range slices.Concat(f.Open, f.Excluded) {
				if e.Cause == "" || e.Because == "" {
					t.Errorf("%s has the rival %+v", f.Cause, e)
				}
			}
		}
	}
}

func TestWordsOfTheContract(t *testing.T) {
	doc := Document(diagnose.Diagnose(bundleOf(func(l *look) { l.stalled() })), "en")
	f := doc.Findings[0]
	if f.Cause != "accept-stalled" || f.State != "LISTEN" || f.Severity != "critical" || f.Confidence != "certain" || f.Count != 3 {
		t.Errorf("%+v", f)
	}
	if want := (Subject{Local: "0.0.0.0:80", Process: Process{45678, "nginx", "/usr/sbin/nginx"}, NetNS: "4026531840"}); f.Subject != want {
		t.Errorf("%+v", f.Subject)
	}
	if want := "nginx (pid 45678) does not accept connections on 0.0.0.0:80: 3 wait in its queue and none was taken."; f.Summary != want {
		t.Errorf("%q", f.Summary)
	}
	if doc.Schema != "synoptic.diagnosis/v1" || doc.WindowSeconds != 5 || doc.Host.Name != "web-1" || doc.Time.IsZero() {
		t.Errorf("%+v", doc)
	}
}

func TestConsequenceNamesItsRoot(t *testing.T) {
	doc := Document(diagnose.Diagnose(bundleOf(func(l *look) {
		l.stalled()
		l.add(2, tcp.CloseWait, "192.0.2.1:80", "", unowned, nil)
	})), "en")
	if len(doc.Findings) != 2 || doc.Findings[0].BecauseOf != "" || doc.Findings[1].BecauseOf != "accept-stalled" {
		t.Errorf("%+v", doc.Findings)
	}
}

func TestNotAssessedJoinsWhatIsMissing(t *testing.T) {
	doc := Document(diagnose.Report{NotAssessed: []diagnose.NotAssessed{{Cause: "accept-stalled", Needs: []string{"sockets", "counters"}}}}, "en")
	if want := []NotAssessed{{"accept-stalled", "sockets, counters"}}; !slices.Equal(doc.NotAssessed, want) {
		t.Errorf("%+v", doc.NotAssessed)
	}
}

func TestStatesAreElevenWordsInOrder(t *testing.T) {
	counts := tcp.Counts{}
	counts[tcp.Listen], counts[tcp.TimeWait], counts[tcp.Unknown] = 3, 12, 99
	text, err := json.Marshal(States(counts))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"LISTEN":3,"SYN-SENT":0,"SYN-RECEIVED":0,"ESTABLISHED":0,"FIN-WAIT-1":0,"FIN-WAIT-2":0,"CLOSE-WAIT":0,"CLOSING":0,"LAST-ACK":0,"TIME-WAIT":12,"CLOSED":0}`
	if string(text) != want {
		t.Errorf("got %s", text)
	}
	var back States
	if err := json.Unmarshal(text, &back); err != nil || back[tcp.Listen] != 3 || back[tcp.TimeWait] != 12 {
		t.Errorf("%v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"SYN_RECV":1}`), &back); err == nil {
		t.Error("a word that RFC 9293 does not have was read")
	}
}

func TestHealthyHostHasEmptyLists(t *testing.T) {
	for name, b := range map[string]*evidence.Bundle{"no bundle": nil, "an empty bundle": {}, "a healthy one": bundleOf(func(*look) {})} {
		doc := document(t, diagnose.Diagnose(b))
		keysAre(t, name, doc, "schema time window_seconds host sources states findings not_assessed")
		if findings, ok := doc["findings"].([]any); !ok || len(findings) > 0 {
			t.Errorf("%s: findings %v", name, doc["findings"])
		}
	}
	doc := document(t, diagnose.Report{Findings: []diagnose.Finding{{Remedies: []diagnose.Remedy{{}}}}})
	f := doc["findings"].([]any)[0].(map[string]any)
	for _, key := range []string{"evidence", "excluded", "open", "remedies"} {
		if _, ok := f[key].([]any); !ok {
			t.Errorf("%s is no list: %v", key, f[key])
		}
	}
	if f["state"] != "" {
		t.Errorf("a finding without sockets here has the state %v", f["state"])
	}
}

func TestDocumentSurvivesJSON(t *testing.T) {
	doc := Document(diagnose.Diagnose(bundleOf(func(l *look) { l.flood(); l.rises("TcpExtTCPReqQFullDrop", 2871) })), "en")
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var back Diagnosis
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(doc, back) {
		t.Errorf("got back %+v", back)
	}
}
