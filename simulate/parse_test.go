package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestParseMatch(t *testing.T) {
	for text, want := range map[string]Match{
		"":                     {},
		"all":                  {},
		"SYN-ACK:2":            Match{Sorts: SYNACKs}.Only(2),
		"syn,ack:2":            Match{Sorts: SYNACKs}.Only(2),
		"5%":                   {Chance: 0.05},
		"originator":           {From: OfOriginator},
		"responder:ACK:50%":    {From: OfResponder, Sorts: ACKs, Chance: 0.5},
		"FIN:2..4":             {Sorts: FINs, First: 2, Last: 4},
		"DATA:2..":             {Sorts: Texts, First: 2},
		"SYN:RST":              {Sorts: SYNs | RSTs},
		"@5s":                  {Since: 5 * sec},
		"responder@500ms..10s": {From: OfResponder, Since: 500 * ms, Before: 10 * sec},
	} {
		if got, err := ParseMatch(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseRule(t *testing.T) {
	for _, test := range []struct {
		deed Deed
		text string
		want Rule
	}{
		{Lose, "SYN", Rule{On: Match{Sorts: SYNs}, Do: Lose}},
		{Duplicate, "FIN:1", Rule{On: Match{Sorts: FINs}.Only(1), Do: Duplicate}},
		{Duplicate, "FIN:1=30s", Rule{On: Match{Sorts: FINs}.Only(1), Do: Duplicate, By: 30 * sec}},
		{Delay, "50ms", Rule{Do: Delay, By: 50 * ms}},
		{Delay, "50ms..80ms", Rule{Do: Delay, By: 50 * ms, Jitter: 30 * ms}},
		{Delay, "originator=10ms", Rule{On: Match{From: OfOriginator}, Do: Delay, By: 10 * ms}},
		{Delay, "ACK@1s..2s=10ms", Rule{On: Match{Sorts: ACKs, Since: sec, Before: 2 * sec}, Do: Delay, By: 10 * ms}},
	} {
		if got, err := ParseRule(test.deed, test.text); err != nil || got != test.want {
			t.Errorf("%q is %+v, %v; want %+v", test.text, got, err, test.want)
		}
	}
}

func TestParseAct(t *testing.T) {
	for text, want := range map[string]Act{
		"originator:CLOSE":                   {Call: tcp.CallClose},
		"Responder:close@2s":                 {Side: Responder, Call: tcp.CallClose, When: at(2 * sec)},
		"originator:SEND=100@ESTABLISHED+1s": {Call: tcp.CallSend, Octets: 100, When: once(Originator, tcp.Established, sec)},
		"responder:CLOSE@close-wait":         {Side: Responder, Call: tcp.CallClose, When: once(Responder, tcp.CloseWait, 0)},
		"responder:vanish@1s":                {Side: Responder, Turn: Vanish, When: at(sec)},
	} {
		if got, err := ParseAct(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
}

// TestChangesErrors: each names the flag, what is wrong, and what is accepted.
func TestChangesErrors(t *testing.T) {
	for want, changes := range map[string]Changes{
		`--lose SNY:2: "SNY" is no sort of segment (SYN, SYN-ACK`:        {Lose: []string{"SNY:2"}},
		`--lose SYN:0: "0" is no count; write 2 for the second`:          {Lose: []string{"SYN:0"}},
		`--lose 4..2: "4..2" is no count`:                                {Lose: []string{"4..2"}},
		`--lose 101%: "101"% is no percentage`:                           {Lose: []string{"101%"}},
		`--lose NaN%: "NaN"% is no percentage`:                           {Lose: []string{"NaN%"}},
		`--lose SYN=1: "SYN=1" takes no value`:                           {Lose: []string{"SYN=1"}},
		`--lose SYN@soon: "soon" is no length of time; write 50ms`:       {Lose: []string{"SYN@soon"}},
		`--lose @2s..1s: "2s..1s" ends before it begins`:                 {Lose: []string{"@2s..1s"}},
		`--delay 5: "5" is no length of time`:                            {Delay: []string{"5"}},
		`--delay -5ms: "-5ms" is no length of time`:                      {Delay: []string{"-5ms"}},
		`--delay 5ms..4ms: "5ms..4ms" ends before it begins`:             {Delay: []string{"5ms..4ms"}},
		`--duplicate x: "x" is no sort`:                                  {Duplicate: []string{"x"}},
		`--reorder a: "a" is no sort`:                                    {Reorder: []string{"10", "a"}},
		`--for -1s: give a length of time above zero`:                    {For: -sec},
		`--rewrite back: choose there`:                                   {Rewrite: "back"},
		`--do CLOSE: "CLOSE" does not begin with a side`:                 {Do: []string{"CLOSE"}},
		`--do originator:SHUT: "SHUT" is nothing that happens`:           {Do: []string{"originator:SHUT"}},
		`--do originator:SEND: "SEND": write SEND=OCTETS`:                {Do: []string{"originator:SEND"}},
		`--do originator:CLOSE=1: "CLOSE=1": write SEND=OCTETS`:          {Do: []string{"originator:CLOSE=1"}},
		`--do originator:CLOSE@OPEN: "OPEN" is neither a length of time`: {Do: []string{"originator:CLOSE@OPEN"}},
		`--do originator:CLOSE@UNKNOWN: "UNKNOWN" is neither`:            {Do: []string{"originator:CLOSE@UNKNOWN"}},
	} {
		_, err := changes.Apply(play())
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v gives %v, want %s...", changes, err, want)
		}
	}
}

// TestChangesApply: delays of whole directions replace, rules come in front, and
// the story itself stays as it was.
func TestChangesApply(t *testing.T) {
	story, _ := FindStory("firewall-forgets")
	changes := Changes{
		Delay: []string{"50ms", "responder=20ms", "FIN=1s"}, Lose: []string{"SYN:1"}, Duplicate: []string{"RST"}, Reorder: []string{"10%"},
		Rewrite: "both", ForgetAfter: sec, TimeWait: 60 * sec, Keepalive: 9 * sec, For: 5 * sec, Seed: 3, Do: []string{"originator:ABORT"},
	}
	c, err := changes.Apply(story.Config)
	if err != nil {
		t.Fatal(err)
	}
	var deeds []Deed
	for _, rule := range c.Network {
		deeds = append(deeds, rule.Do)
	}
	want := []Deed{RewriteTarget, RewriteSource, Duplicate, Lose, Delay, Delay, Forget, Forget}
	if !slices.Equal(deeds, want) {
		t.Errorf("rules %v, want %v", deeds, want)
	}
	if c.Delay != [2]time.Duration{50 * ms, 20 * ms} || c.Network[5].By != held || c.Ends[1].TimeWait != 60*sec || c.Ends[0].Keepalive != 9*sec ||
		c.MaxTime != 5*sec || c.Seed != 3 || c.Ends[0].Foreign != PublicSocket || len(c.Script) != len(story.Config.Script)+1 {
		t.Errorf("%+v", c)
	}
	if again, _ := FindStory("firewall-forgets"); len(again.Config.Network) != 1 || again.Config.Delay != [2]time.Duration{10 * ms, 10 * ms} {
		t.Error("the story itself has changed")
	}
}
