package explain

// HasLabel tells whether Say knows an id.
func HasLabel(id string) bool {
	for _, f := range labelFamilies() {
		if _, ok := f.en[id]; ok {
			return true
		}
	}
	return false
}

// cardLabels are what stands around the sentences of a diagnosis.
var cardLabels = map[string]sentence{
	"card-why":       always("Why"),
	"card-excluded":  always("Ruled out"),
	"card-open":      always("Still open"),
	"card-in-time":   always("In time"),
	"card-fate":      always("If left alone"),
	"card-fix":       always("Fix"),
	"card-refuted":   always("Refuted by"),
	"card-more":      always("More"),
	"card-stacked":   always("%[1]s:"), // a label above its rows
	"card-rival":     always("%[1]s: %[2]s"),
	"card-check":     always("check: "),
	"card-risk":      always("risk: "),
	"card-undo":      always("undo: "),
	"card-keep":      always("keep: "),
	"card-because":   always("because of %[1]s"),
	"card-sure":      always("(%[1]s)"), // around the confidence
	"card-process":   always("%[1]s (pid %[2]s)"),
	"card-local":     always("local %[1]s"),
	"card-peer":      always("peer %[1]s"),
	"card-path":      always("path %[1]s"),
	"card-container": always("container %[1]s"),
	"card-netns":     always("netns %[1]s"),
	"card-events":    counting(1, "1 event in the window", "%[1]d events in the window"),
	"card-count":     always("%[1]d in %[2]s"),
	"card-forever":   always("%[1]s (never ends by itself)"),
	"card-within":    always("%[1]s (within %[2]s)"),

	"severity-critical":   always("CRITICAL"),
	"severity-warning":    always("WARNING"),
	"severity-notice":     always("NOTICE"),
	"severity-info":       always("INFO"),
	"confidence-certain":  always("certain"),
	"confidence-probable": always("probable"),
	"confidence-possible": always("possible"),

	"comma":        always(", "), // between parts of a sentence
	"semicolon":    always("; "),
	"and-list":     always(", "), // between names
	"span-seconds": always("%[1]s s"),
	"span-minutes": always("%[1]s min"),
	"span-hours":   always("%[1]s h"),
}

// verdictLabels are the head and the foot of a diagnosis.
var verdictLabels = map[string]sentence{
	"verdict-this-host":      always("this host"),
	"verdict-blind":          always("%[1]s: the sockets could not be read, so nothing can be said"),
	"verdict-fine":           always("%[1]s: no problem found"),
	"verdict-critical":       always("%[1]s needs action now: %[2]s"),
	"verdict-critical-maybe": always("%[1]s may need action now: %[2]s"),
	"verdict-warning":        always("%[1]s needs attention: %[2]s"),
	"verdict-warning-maybe":  always("%[1]s may need attention: %[2]s"),
	"verdict-notice":         always("%[1]s: no problem found; worth knowing: %[2]s"),
	"verdict-notice-maybe":   always("%[1]s: no problem found; perhaps worth knowing: %[2]s"),
	"verdict-info":           always("%[1]s: no problem found; explained: %[2]s"),
	"verdict-info-maybe":     always("%[1]s: no problem found; perhaps explained: %[2]s"),
	"verdict-counts":         always(" (%[1]s)"),
	"count-critical":         always("%[1]d critical"),
	"count-warning":          always("%[1]d warning"),
	"count-notice":           always("%[1]d notice"),
	"count-info":             always("%[1]d info"),

	"seen-connections": counting(1, "1 connection in packets", "%[1]d connections in packets"),
	"seen-sockets":     counting(1, "1 socket", "%[1]d sockets"),
	"seen-window":      always("%[1]s s from %[2]s"),
	"seen-namespaces":  counting(1, "1 network namespace", "%[1]d network namespaces"),
	"seen-kernel":      always("kernel %[1]s"),
	"seen-not":         always("not seen: "),
	"seen-partly":      always("seen in part: "),
	"seen-why":         always("%[1]s (%[2]s)"),
	"judged-not":       always("not judged: "),
	"judged-not-all":   counting(1, "1 cause; --output=json lists them", "%[1]d causes; --output=json lists them"),
	"judged-not-lack":  counting(1, "1 cause, for lack of %[2]s; --output=json lists them", "%[1]d causes, for lack of %[2]s; --output=json lists them"),
	"judged-no-rule":   always("a rule in this version"),

	"change-new":    always("new"),
	"change-gone":   always("gone"),
	"change-worse":  always("worse"),
	"change-better": always("better"),
	"change-more":   always("more"),
	"change-fewer":  always("fewer"),
	"change-before": always("%[1]s, %[2]d before"),
}
