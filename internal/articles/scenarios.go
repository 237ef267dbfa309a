package articles

import (
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// scenariosOf lists the scenarios of the lab that expect a cause. The lab runs on
// Linux only and articles are read everywhere, so what its registry says is kept
// in scenarios.txt, which a test compares: cause, name, "made" or "-", title.
func scenariosOf(lang, cause string) []Scenario {
	text, _ := files.ReadFile("scenarios.txt") // embedded: it is there
	var list []Scenario
	for _, line := range lines(string(text)) {
		fields := strings.SplitN(line, "\t", 4)
		if len(fields) != 4 || fields[0] != cause {
			continue
		}
		s := Scenario{Name: fields[1], Made: fields[2] == "made", Title: fields[3]}
		s.Title = explain.ScenarioWords(s.Name, explain.ScenarioText{Title: s.Title}, explain.Language(lang)).Title
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b Scenario) int { // those that are about the cause alone come first
		return causesOf(string(text), a.Name) - causesOf(string(text), b.Name)
	})
	return list
}

// causesOf counts the causes that a scenario expects.
func causesOf(text, name string) int { return strings.Count(text, "\t"+name+"\t") }
