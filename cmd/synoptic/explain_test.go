package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// explainRun runs "synoptic explain" with the given arguments.
func explainRun(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(append([]string{"explain"}, args...), strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

func TestExplainText(t *testing.T) {
	tests := map[string][]string{
		"The eleven states":         nil,
		"TIME-WAIT  finished":       {"timewait"},
		"SYN-SENT -> ESTABLISHED\n": {"syn_sent", "ESTAB"},
		"FIN-WAIT-1 -> CLOSING\n":   {"FIN-WAIT-1->CLOSING"},
		"CLOSED: ":                  {"transitions"},
		"“A client that gets":       {"myths"},
	}
	for want, args := range tests {
		stdout, stderr, code := explainRun(args...)
		if code != exitDone || stderr != "" || !strings.HasPrefix(stdout, want) {
			t.Errorf("explain %q: code %d, error %q, output %.60q, want %q first", args, code, stderr, stdout, want)
		}
	}
}

func TestExplainFormats(t *testing.T) {
	for _, subject := range []string{"", "CLOSE-WAIT", "CLOSE-WAIT->LAST-ACK", "transitions"} {
		out, _, _ := explainRun(subject, "-o", "json")
		if !json.Valid([]byte(out)) {
			t.Errorf("explain %q -o json is no JSON", subject)
		}
		out, _, _ = explainRun(subject, "-o", "svg")
		if err := xml.Unmarshal([]byte(out), new(struct{})); err != nil {
			t.Errorf("explain %q -o svg: %v", subject, err)
		}
		if out, _, _ = explainRun(subject, "-o", "dot"); !strings.HasPrefix(out, "digraph tcp {") {
			t.Errorf("explain %q -o dot gives %.40q", subject, out)
		}
		if out, _, _ = explainRun(subject, "-o", "mermaid"); !strings.HasPrefix(out, "stateDiagram-v2\n") {
			t.Errorf("explain %q -o mermaid gives %.40q", subject, out)
		}
	}
}

func TestExplainUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"LISTEN leads to SYN-SENT, SYN-RECEIVED or CLOSED": {"LISTEN->TIME-WAIT"},
		"did you mean CLOSE-WAIT?":                         {"CLOSE-WIAT"},
		"quote the arrow":                                  {"SYN-SENT-"},
		"myths have no picture":                            {"myths", "-o", "svg"},
		"choose one of":                                    {"LISTEN", "-o", "png"},
	} {
		stdout, stderr, code := explainRun(args...)
		if code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) {
			t.Errorf("explain %q: code %d, output %q, error %q, want one line with %q", args, code, stdout, stderr, want)
		}
	}
}

func TestExplainCompletion(t *testing.T) {
	first, directive := completeExplain(nil, nil, "")
	if len(first) < 14 || first[12] != "myths" || first[13] != "causes" || !slices.Contains(first, "TIME-WAIT") || first[11] != "transitions" || directive != cobra.ShellCompDirectiveNoFileComp {
		t.Errorf("the first argument completes to %q", first)
	}
	if second, _ := completeExplain(nil, []string{"syn-sent"}, ""); !slices.Equal(second, []string{"SYN-RECEIVED", "ESTABLISHED", "CLOSED"}) {
		t.Errorf("SYN-SENT completes to %q", second)
	}
	if third, _ := completeExplain(nil, []string{"SYN-SENT", "CLOSED"}, ""); len(third) != 0 {
		t.Errorf("a third argument completes to %q", third)
	}
}
