package text

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// severities from the urgent to the harmless, with what each asks of a person.
var severities = []struct{ word, sure, unsure string }{
	{"critical", " needs action now: ", " may need action now: "},
	{"warning", " needs attention: ", " may need attention: "},
	{"notice", ": no problem found; worth knowing: ", ": no problem found; perhaps worth knowing: "},
	{"info", ": no problem found; explained: ", ": no problem found; perhaps explained: "},
}

// verdict is the answer in one line.
type verdict struct {
	sign, text string
	tone       ansi.Style
}

func judge(doc *explain.Diagnosis) verdict {
	name := clean(doc.Host.Name)
	if name == "" {
		name = "this host"
	}
	if !saw(doc, "sockets") && !sawCaptures(doc) {
		return verdict{"?", name + ": the sockets could not be read, so nothing can be said", yellow}
	}
	worst := worstFinding(doc.Findings)
	if worst == nil {
		return verdict{"✔", name + ": no problem found", green}
	}
	look := severityLooks[worst.Severity]
	return verdict{look.sign, name + asks(worst) + worst.Cause + others(doc.Findings), look.tone}
}

// sawCaptures tells whether captures are all there is.
func sawCaptures(doc *explain.Diagnosis) bool { return !saw(doc, "sockets") && saw(doc, "packets") }

// saw tells whether a source was read; one that is not spoken of was.
func saw(doc *explain.Diagnosis, name string) bool {
	for _, source := range doc.Sources {
		if source.Name == name {
			return source.OK
		}
	}
	return name == "sockets"
}

// worstFinding is the first of the gravest severity; the order puts roots
// before their consequences.
func worstFinding(findings []explain.Finding) *explain.Finding {
	for _, severity := range severities {
		for i := range findings {
			if findings[i].Severity == severity.word {
				return &findings[i]
			}
		}
	}
	return nil
}

func asks(f *explain.Finding) string {
	for _, severity := range severities {
		if severity.word == f.Severity && f.Confidence == "possible" {
			return severity.unsure
		}
		if severity.word == f.Severity {
			return severity.sure
		}
	}
	return f.Severity
}

// others counts the findings by severity if there is more than one.
func others(findings []explain.Finding) string {
	if len(findings) < 2 {
		return ""
	}
	var counts []string
	for _, severity := range severities {
		n := 0
		for i := range findings {
			if findings[i].Severity == severity.word {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, severity.word))
		}
	}
	return " (" + strings.Join(counts, ", ") + ")"
}
