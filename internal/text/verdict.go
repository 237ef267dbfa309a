package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// severities from the urgent to the harmless.
var severities = []string{"critical", "warning", "notice", "info"}

// verdict is the answer in one line.
type verdict struct {
	sign, text string
	tone       ansi.Style
}

func judge(doc *explain.Diagnosis, style Style) verdict {
	name := lines.Clean(doc.Host.Name)
	if name == "" {
		name = style.say("verdict-this-host")
	}
	if !saw(doc, "sockets") && !sawCaptures(doc) {
		return verdict{"?", style.say("verdict-blind", name), yellow}
	}
	worst := worstFinding(doc.Findings)
	if worst == nil {
		return verdict{"✔", style.say("verdict-fine", name), green}
	}
	id := "verdict-" + worst.Severity
	if worst.Confidence == "possible" {
		id += "-maybe"
	}
	look := severityLooks[worst.Severity]
	return verdict{look.sign, style.say(id, name, worst.Cause) + others(doc.Findings, style), look.tone}
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
			if findings[i].Severity == severity {
				return &findings[i]
			}
		}
	}
	return nil
}

// others counts the findings by severity if there is more than one.
func others(findings []explain.Finding, style Style) string {
	if len(findings) < 2 {
		return ""
	}
	var counts []string
	for _, severity := range severities {
		n := 0
		for i := range findings {
			if findings[i].Severity == severity {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, style.say("count-"+severity, n))
		}
	}
	return style.say("verdict-counts", strings.Join(counts, style.say("comma")))
}
