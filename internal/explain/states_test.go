package explain

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// causeCodes is the catalogue of causes, written out by hand: a page must not
// name a cause that no diagnosis will ever give.
var causeCodes = []string{
	"syn-flood", "syn-flood-from-prefix", "synack-blocked-here", "synack-lost-on-path", "asymmetric-return", "ack-lost",
	"handshake-withheld", "deferred-accept", "syn-queue-too-small", "no-return-route",
	"accept-stalled", "accept-backlog-too-small", "unexpected-listener", "exposed-listener",
	"target-dead", "target-filtered", "synack-dropped-here", "target-overloaded", "scanning", "stale-nat-entry",
	"ephemeral-ports-exhausted", "hairpin-source-dropped", "self-connect",
	"peer-vanished", "no-keepalive", "path-mtu-black-hole", "peer-not-reading", "established-dropped",
	"app-not-closing", "app-blocked", "closed-before-accept", "idle-pool", "tuple-clash",
	"fin-unacknowledged", "half-close-held", "peer-not-closing", "proxied-culprit", "simultaneous-close-stuck",
	"last-ack-lost", "orphan-limit",
	"active-close-churn", "time-wait-port-exhaustion", "bind-blocked", "time-wait-overflow",
	"conntrack-full", "neighbour-table-full", "return-path-filtered", "reset-storm", "unexplained",
}

func TestEveryStateHasEveryField(t *testing.T) {
	for _, s := range tcp.States() {
		fieldsFilled(t, s.String(), reflect.ValueOf(StateWords(s, English)))
	}
}

// fieldsFilled reports every empty string and empty list inside a value.
func fieldsFilled(t *testing.T, where string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fieldsFilled(t, where+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		if v.Len() == 0 {
			t.Errorf("%s is empty", where)
		}
		for i := range v.Len() {
			fieldsFilled(t, where, v.Index(i))
		}
	default:
		if v.IsZero() {
			t.Errorf("%s is empty", where)
		}
	}
}

func TestMachineWordsAreComplete(t *testing.T) {
	fieldsFilled(t, "machineEnglish", reflect.ValueOf(machineEnglish))
}

func TestCausesExist(t *testing.T) {
	for _, s := range tcp.States() {
		var seen []string
		for _, c := range StateWords(s, English).Causes {
			code := string(c.Code)
			if !slices.Contains(causeCodes, code) {
				t.Errorf("%v: no such cause: %s", s, code)
			}
			if slices.Contains(seen, code) {
				t.Errorf("%v: %s twice", s, code)
			}
			seen = append(seen, code)
		}
	}
}

// TestEveryCauseIsTold holds but for the two causes that belong to no state.
func TestEveryCauseIsTold(t *testing.T) {
	told := map[string]bool{"neighbour-table-full": true, "unexplained": true}
	for _, s := range tcp.States() {
		for _, c := range StateWords(s, English).Causes {
			told[string(c.Code)] = true
		}
	}
	for _, code := range causeCodes {
		if !told[code] {
			t.Errorf("no state tells of %s", code)
		}
	}
}

func TestSentencesAreSentences(t *testing.T) {
	for _, s := range tcp.States() {
		text := StateWords(s, English)
		if strings.HasSuffix(text.Summary, ".") {
			t.Errorf("%v: the summary ends with a full stop", s)
		}
		for _, sentence := range []string{text.Meaning, text.End, text.Peer, text.Linux, text.Lasts} {
			if !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, "  ") {
				t.Errorf("%v: not a sentence: %q", s, sentence)
			}
		}
	}
}

func TestCounterAndSettingNames(t *testing.T) {
	for _, s := range tcp.States() {
		for _, c := range StateWords(s, English).Counters {
			if !strings.HasPrefix(c.Name, "Tcp") && !strings.HasPrefix(c.Name, "sockstat.TCP.") {
				t.Errorf("%v: nstat prints no %s", s, c.Name)
			}
		}
		for _, setting := range StateWords(s, English).Settings {
			if !strings.HasPrefix(setting.Name, "net.") {
				t.Errorf("%v: sysctl has no %s", s, setting.Name)
			}
		}
	}
}

func TestLooksNameTheState(t *testing.T) {
	for _, s := range tcp.States() {
		for _, look := range looks(s, English)[:2] {
			fields := strings.Fields(look.Command)
			if got, err := host.ParseState(fields[len(fields)-1]); err != nil || got != s {
				t.Errorf("%q asks for %v (%v), want %v", look.Command, got, err, s)
			}
		}
	}
}

// TestMeasuredFacts guards what is often written wrongly elsewhere.
func TestMeasuredFacts(t *testing.T) {
	for _, setting := range StateWords(tcp.TimeWait, English).Settings {
		if setting.Name == "net.ipv4.tcp_fin_timeout" {
			t.Error("tcp_fin_timeout does not govern TIME-WAIT")
		}
	}
	for state, fact := range map[tcp.State]string{
		tcp.SynSent:     "About 131 s",
		tcp.SynReceived: "63 s after the SYN",
		tcp.Established: "924.6 s",
		tcp.FinWait2:    "Held by a program: for ever.",
		tcp.CloseWait:   "For ever:",
		tcp.LastAck:     "about 102 s as orphan",
		tcp.TimeWait:    "60 s, fixed.",
	} {
		if !strings.Contains(StateWords(state, English).Lasts, fact) {
			t.Errorf("%v: %q is missing in %q", state, fact, StateWords(state, English).Lasts)
		}
	}
}
