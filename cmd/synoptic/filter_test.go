package main

import (
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestParseFilter(t *testing.T) {
	for filter, want := range map[string]tcp.StateSet{
		"":                                   tcp.AllStates,
		"sport = :80 or dst 10.0.0.0/8":      tcp.AllStates,
		"state close-wait":                   tcp.SetOf(tcp.CloseWait),
		"state CLOSE_WAIT state TimeWait":    tcp.SetOf(tcp.CloseWait, tcp.TimeWait),
		"exclude established":                tcp.AllStates &^ tcp.SetOf(tcp.Established),
		"exclude estab excl listening":       tcp.AllStates &^ tcp.SetOf(tcp.Established, tcp.Listen),
		"state all exclude time-wait":        tcp.AllStates &^ tcp.SetOf(tcp.TimeWait),
		"state big":                          tcp.AllStates &^ tcp.SetOf(tcp.SynReceived, tcp.TimeWait),
		"state Connected exclude bucket":     tcp.AllStates &^ tcp.SetOf(tcp.Listen, tcp.Closed, tcp.SynReceived, tcp.TimeWait),
		"state synchronized":                 tcp.AllStates &^ tcp.SetOf(tcp.Listen, tcp.Closed, tcp.SynSent),
		"state fin-wait-1 exclude time-wait": tcp.SetOf(tcp.FinWait1),
	} {
		sel, err := newSelection(strings.Fields(filter), false)
		if err != nil {
			t.Errorf("%q: %v", filter, err)
			continue
		}
		if got := sel.states; got != want {
			t.Errorf("%q: %v, %v, want %v", filter, got, err, want)
		}
	}
}

// TestFilterErrors holds for the caret: it stands below the wrong word.
func TestFilterErrors(t *testing.T) {
	for filter, wrong := range map[string]string{
		"dport = :x":               ":x",
		"state estab sport = :1 )": ")",
		"state CLOSEWEIT":          "CLOSEWEIT",
		"state estab exclude nope": "nope",
		"src 10.0.0.0/33":          "10.0.0.0/33",
		"not":                      "",
	} {
		_, err := parseFilter([]string{filter})
		if exitCode(err) != exitUsage {
			t.Fatalf("%q: %v is no usage error", filter, err)
		}
		shown := strings.Split(err.Error(), "\n")
		if len(shown) != 3 {
			t.Fatalf("%q: %q has not three lines", filter, err)
		}
		at := strings.Index(shown[2], "^")
		if marked := shown[1][min(at, len(shown[1])):]; !strings.HasPrefix(marked, wrong) || len(shown[2]) != at+max(1, len(wrong)) {
			t.Errorf("%q: the caret is wrong\n%v", filter, err)
		}
	}
}

func TestWindow(t *testing.T) {
	for word, want := range map[string]time.Duration{"5": 5 * time.Second, "0": 0, "1.5": 1500 * time.Millisecond, "1m30s": 90 * time.Second} {
		var w window
		if err := w.Set(word); err != nil || time.Duration(w) != want {
			t.Errorf("--for %s: %v, %v", word, time.Duration(w), err)
		}
	}
	for _, word := range []string{"", "x", "-1s", "-1", "NaN", "Inf", "1e300", "5 s"} {
		var w window
		if err := w.Set(word); err == nil {
			t.Errorf("--for %q was taken as %v", word, time.Duration(w))
		}
	}
}
