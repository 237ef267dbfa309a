package explain

import (
	"regexp"
	"strings"
)

var number = regexp.MustCompile(`\d+`)

// sourceWhy says in a language why a source was not read, or a search was stopped.
// Edges say it in English, kernels and files in words of their own: what is not
// known stays as it is.
func sourceWhy(why string, l Language) string {
	if l == English || l == "" {
		return why
	}
	parts := strings.Split(why, clauseGap)
	for i, part := range parts {
		text, ok := (*whyTexts.in(l))[number.ReplaceAllString(part, "#")]
		if !ok {
			continue
		}
		for _, n := range number.FindAllString(part, -1) {
			text = strings.Replace(text, "#", n, 1)
		}
		parts[i] = text
	}
	return strings.Join(parts, l.Say("semicolon"))
}
