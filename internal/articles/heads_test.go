package articles

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
)

// head is the first line of a finding, as an article shows it.
type head struct {
	sign, severity, cause, confidence, because string
}

var headLine = regexp.MustCompile(`^ *([✖▲●○]) (\S+) ([a-z-]+)(?: \(|（)([^)）]+)[)）](?: (?:because of|起因) ([a-z-]+))?$`)

func parseHead(line string) (h head, ok bool) {
	m := headLine.FindStringSubmatch(line)
	if m == nil {
		return head{}, false
	}
	return head{m[1], m[2], m[3], m[4], m[5]}, true
}

// headsOf lists the first lines of findings in an article.
func headsOf(a Article) []head {
	var heads []head
	for _, b := range a.Looks {
		for _, line := range b.Lines {
			if h, ok := parseHead(line); ok {
				heads = append(heads, h)
			}
		}
	}
	return heads
}

// inEnglish are the words of severity and confidence in the other languages.
var inEnglish = map[string]string{
	"严重": "CRITICAL", "嚴重": "CRITICAL", "警告": "WARNING", "注意": "NOTICE", "说明": "INFO", "說明": "INFO",
	"确定": "certain", "確定": "certain", "很可能": "probable", "有可能": "possible",
}

// TestHeads: every article shows the first line of its finding, in other languages
// the same one.
func TestHeads(t *testing.T) {
	eachArticle(t, func(t *testing.T, a Article) {
		english, _ := read("en", string(a.Cause))
		want, got := headsOf(english), headsOf(a)
		if !slices.ContainsFunc(got, func(h head) bool { return h.cause == string(a.Cause) }) {
			t.Error("no line shows how the finding begins")
		}
		for i := range got {
			if a.Lang != "en" {
				got[i].severity, got[i].confidence = inEnglish[got[i].severity], inEnglish[got[i].confidence]
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the findings begin with %v, in English with %v", got, want)
		}
	})
}

// TestHeadsAreTrue: a recording of one of the scenarios that the article names has
// such a finding.
func TestHeadsAreTrue(t *testing.T) {
	words := map[diagnose.Severity]string{diagnose.Critical: "CRITICAL", diagnose.Warning: "WARNING", diagnose.Notice: "NOTICE", diagnose.Info: "INFO"}
	for _, cause := range Causes() {
		a, _ := Of(diagnose.Cause(cause), "en")
		wanted := headsOf(a)
		for _, s := range a.Scenarios {
			for _, f := range findings(t, s.Name) {
				found := head{"", words[f.Severity], string(f.Cause), f.Confidence.String(), string(f.BecauseOf)}
				wanted = slices.DeleteFunc(wanted, func(h head) bool { h.sign = ""; return h == found })
			}
		}
		if len(wanted) > 0 && cause != "unexplained" { // which no scenario shows
			t.Errorf("no recording of a scenario of %s has the findings %v", cause, wanted)
		}
	}
}

// findings diagnoses the recording of a scenario, none if it was not recorded yet.
func findings(t *testing.T, scenario string) []diagnose.Finding {
	t.Helper()
	saved, err := os.ReadFile(top + "testdata/recordings/" + scenario + ".bundle")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := evidence.Read(bytes.NewReader(saved))
	if err != nil {
		t.Fatalf("%s: %v", scenario, err)
	}
	return diagnose.Diagnose(bundle).Findings
}
