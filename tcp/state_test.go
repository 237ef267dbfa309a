package tcp

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestStateNamesRoundTrip(t *testing.T) {
	want := []string{
		"LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
		"CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT", "CLOSED",
	}
	states := States()
	if len(states) != len(want) {
		t.Fatalf("%d states", len(states))
	}
	for i, s := range states {
		if s.String() != want[i] {
			t.Errorf("state %d is %v, want %s", i, s, want[i])
		}
		for _, word := range []string{want[i], strings.ToLower(want[i])} {
			if got, err := ParseState(word); got != s || err != nil {
				t.Errorf("%s: got %v, %v", word, got, err)
			}
		}
	}
}

func TestUnknownIsTheZeroState(t *testing.T) {
	var s State
	if s != Unknown || s.String() != "UNKNOWN" {
		t.Errorf("the zero State is %v", s)
	}
	if got, err := ParseState("unknown"); got != Unknown || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if AllStates.Has(Unknown) {
		t.Error("Unknown is not one of the eleven")
	}
}

func TestParseStateRefusesOtherVocabularies(t *testing.T) {
	for _, word := range []string{"", "ESTAB", "SYN_RECV", "FIN-WAIT", "syn_sent", " LISTEN"} {
		if got, err := ParseState(word); err == nil {
			t.Errorf("%q: got %v", word, got)
		}
	}
}

func TestStateAsText(t *testing.T) {
	type holder struct{ State State }
	data, err := json.Marshal(holder{FinWait2})
	if err != nil || string(data) != `{"State":"FIN-WAIT-2"}` {
		t.Fatalf("got %s, %v", data, err)
	}
	var back holder
	if err := json.Unmarshal(data, &back); err != nil || back.State != FinWait2 {
		t.Errorf("got %v, %v", back.State, err)
	}
	if err := json.Unmarshal([]byte(`{"State":"ESTAB"}`), &back); err == nil || back.State != FinWait2 {
		t.Errorf("a wrong word changes nothing: got %v, %v", back.State, err)
	}
	if _, err := State(12).MarshalText(); err == nil {
		t.Error("12 is no state and has no text")
	}
	if got := State(12).String(); got != "State(12)" {
		t.Errorf("got %s", got)
	}
}

func TestStateSets(t *testing.T) {
	if got := AllStates.Len(); got != 11 {
		t.Errorf("%d states", got)
	}
	for _, c := range []struct {
		name string
		set  StateSet
		want string
	}{
		{"synchronized", Synchronized, "ESTABLISHED,FIN-WAIT-1,FIN-WAIT-2,CLOSE-WAIT,CLOSING,LAST-ACK,TIME-WAIT"},
		{"transient", Transient, "SYN-SENT,SYN-RECEIVED,FIN-WAIT-1,CLOSING,LAST-ACK"},
		{"all", AllStates, "LISTEN,SYN-SENT,SYN-RECEIVED,ESTABLISHED,FIN-WAIT-1,FIN-WAIT-2,CLOSE-WAIT,CLOSING,LAST-ACK,TIME-WAIT,CLOSED"},
		{"empty", 0, ""},
		{"two, in the RFC's order", SetOf(TimeWait, Listen), "LISTEN,TIME-WAIT"},
		{"ignorance first", SetOf(Closed, Unknown), "UNKNOWN,CLOSED"},
	} {
		if got := c.set.String(); got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
		if got := SetOf(c.set.States()...); got != c.set {
			t.Errorf("%s: got back %v", c.name, got)
		}
	}
}

func TestStatePredicates(t *testing.T) {
	for _, s := range States() {
		if s.Synchronized() != Synchronized.Has(s) || s.Transient() != Transient.Has(s) {
			t.Errorf("%v: predicate and set differ", s)
		}
	}
	if SynReceived.Synchronized() || !Established.Synchronized() {
		t.Error("ESTABLISHED is the first synchronized state")
	}
	if Unknown.Synchronized() || Unknown.Transient() {
		t.Error("nothing is known of Unknown")
	}
}

func TestCountsTotal(t *testing.T) {
	var c Counts
	c[Unknown], c[Listen], c[Closed] = 1, 20, 300
	if got := c.Total(); got != 321 {
		t.Errorf("got %d", got)
	}
}

func TestEdgeString(t *testing.T) {
	if got := (Edge{FinWait2, TimeWait}).String(); got != "FIN-WAIT-2->TIME-WAIT" {
		t.Errorf("got %s", got)
	}
}
