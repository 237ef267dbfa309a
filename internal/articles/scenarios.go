package articles

import (
	"slices"
	"strings"
)

// scenariosOf lists the scenarios of the lab that expect a cause. The lab runs on
// Linux only and articles are read everywhere, so what its registry says is kept
// in scenarios.txt, which a test compares: cause, name, "made" or "-", title.
func scenariosOf(lang, cause string) []Scenario {
	text, _ := files.ReadFile("scenarios.txt") // embedded: it is there
	titles := titlesIn(lang)
	var list []Scenario
	for _, line := range lines(string(text)) {
		fields := strings.SplitN(line, "\t", 4)
		if len(fields) != 4 || fields[0] != cause {
			continue
		}
		s := Scenario{Name: fields[1], Made: fields[2] == "made", Title: fields[3]}
		if title := titles[s.Name]; title != "" {
			s.Title = title
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b Scenario) int { // those that are about the cause alone come first
		return causesOf(string(text), a.Name) - causesOf(string(text), b.Name)
	})
	return list
}

// causesOf counts the causes that a scenario expects.
func causesOf(text, name string) int { return strings.Count(text, "\t"+name+"\t") }

// titlesIn returns the titles of scenarios in another language than English, by
// name.
func titlesIn(lang string) map[string]string {
	text, err := files.ReadFile(lang + "/scenarios.txt")
	if err != nil {
		return nil // English: the registry's own
	}
	list, _ := items(string(text)) // a test reads it
	titles := make(map[string]string, len(list))
	for _, i := range list {
		titles[i.Name] = i.Text
	}
	return titles
}
