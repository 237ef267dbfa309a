package explain

// ScenarioText is what is said about a scenario of the lab.
type ScenarioText struct {
	Title string // one line without a full stop
	About string // what it shows
}

// ScenarioWords returns the text of a scenario in a language. English is the
// scenario's own, and stands for what is not translated.
func ScenarioWords(name string, english ScenarioText, l Language) ScenarioText {
	texts := translated[map[string]ScenarioText]{zhCN: scenariosZhCN, zhTW: scenariosZhTW}
	if text, ok := (*texts.in(l))[name]; ok {
		return text
	}
	return english
}
