package track

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAnomaliesAreDocumented: each name has its row, in the same order.
func TestAnomaliesAreDocumented(t *testing.T) {
	rest := readText(t, "../docs/anomalies.md")
	for _, a := range AnomalyList() {
		_, behind, found := strings.Cut(rest, "\n| `"+a.String()+"` |")
		if !found {
			t.Fatalf("docs/anomalies.md has no row %v behind those before it", a)
		}
		rest = behind
	}
}

// row of the tables of other vocabularies: name, ours, remark.
var vocabularyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]*) \\| ([^|]*) ?\\|$")

// TestVocabularies: every name of the other tools stands once in its table, with an
// anomaly that exists or with a reason why there is none.
func TestVocabularies(t *testing.T) {
	_, page, found := strings.Cut(readText(t, "../docs/anomalies.md"), "\n## What others call it\n")
	if !found {
		t.Fatal("docs/anomalies.md does not say what others call it")
	}
	known := map[string]bool{}
	for _, a := range AnomalyList() {
		known["`"+a.String()+"`"] = true
	}
	for _, tool := range []string{"Wireshark", "Suricata", "Zeek"} {
		t.Run(tool, func(t *testing.T) {
			_, section, _ := strings.Cut(page, "\n### "+tool+"\n")
			section, _, _ = strings.Cut(section, "\n### ")
			missing := vocabulary(t, strings.ToLower(tool))
			for _, row := range vocabularyRow.FindAllStringSubmatch(section, -1) {
				name, ours, remark := row[1], row[2], row[3]
				if !missing[name] {
					t.Errorf("%s is not in the list, or stands twice", name)
				}
				delete(missing, name)
				checkRow(t, known, name, ours, remark)
			}
			for name := range missing {
				t.Errorf("%s has no row", name)
			}
		})
	}
}

func checkRow(t *testing.T, known map[string]bool, name, ours, remark string) {
	t.Helper()
	if ours == "-" {
		if len(strings.Fields(remark)) < 2 {
			t.Errorf("%s has neither an anomaly nor a reason", name)
		}
		return
	}
	for _, one := range strings.Split(ours, ", ") {
		if !known[one] {
			t.Errorf("%s: there is no anomaly %s", name, one)
		}
	}
}

// vocabulary reads a list of names.
func vocabulary(t *testing.T, tool string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, line := range strings.Split(readText(t, "testdata/vocabulary/"+tool+".txt"), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			names[line] = true
		}
	}
	if len(names) < 40 {
		t.Errorf("%s has only %d names", tool, len(names))
	}
	return names
}
