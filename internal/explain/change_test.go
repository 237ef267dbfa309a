package explain

import (
	"fmt"
	"strings"
	"testing"
)

func TestChanges(t *testing.T) {
	leak := func(severity string, count int) Finding {
		return Finding{Cause: "app-not-closing", State: "CLOSE-WAIT", Severity: severity, Count: count, Subject: Subject{Process: Process{PID: 7}}}
	}
	flood := Finding{Cause: "syn-flood", State: "SYN-RECEIVED", Severity: "critical", Count: 129, Subject: Subject{Local: "0.0.0.0:80"}}
	other := leak("warning", 20)
	other.Subject.Process.PID = 8
	for name, c := range map[string]struct {
		before, after []Finding
		want          string
	}{
		"nothing":           {nil, nil, ""},
		"the same":          {[]Finding{flood, leak("warning", 20)}, []Finding{leak("warning", 20), flood}, ""},
		"a new one":         {[]Finding{flood}, []Finding{flood, leak("warning", 20)}, "new app-not-closing 0"},
		"one is gone":       {[]Finding{flood, leak("warning", 20)}, []Finding{flood}, "gone app-not-closing 20"},
		"another process":   {[]Finding{leak("warning", 20)}, []Finding{other}, "new app-not-closing 0, gone app-not-closing 20"},
		"many more":         {[]Finding{leak("warning", 20)}, []Finding{leak("warning", 25)}, "more app-not-closing 20"},
		"hardly more":       {[]Finding{leak("warning", 2000)}, []Finding{leak("warning", 2100)}, ""},
		"a few more of few": {[]Finding{leak("warning", 5)}, []Finding{leak("warning", 9)}, ""},
		"fewer":             {[]Finding{leak("warning", 40)}, []Finding{leak("warning", 20)}, "fewer app-not-closing 40"},
		"more urgent":       {[]Finding{leak("notice", 20)}, []Finding{leak("warning", 90)}, "worse app-not-closing 20"},
		"less urgent":       {[]Finding{leak("critical", 20)}, []Finding{leak("warning", 20)}, "better app-not-closing 20"},
	} {
		var got []string
		for _, change := range Changes(c.before, c.after) {
			got = append(got, fmt.Sprint(change.Kind, " ", change.Finding.Cause, " ", change.Before))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s", name, text)
		}
	}
}
