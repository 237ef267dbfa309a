package explain

import "strings"

// sourceWhy says in a language why a source was not read, or a search was stopped:
// phrases that edges join.
func sourceWhy(why string, l Language) string {
	if l == English || l == "" {
		return why
	}
	parts := strings.Split(why, clauseGap)
	for i, part := range parts {
		parts[i] = l.Phrase(part)
	}
	return strings.Join(parts, l.Say("semicolon"))
}
