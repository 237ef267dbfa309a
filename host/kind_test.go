package host

import (
	"encoding"
	"encoding/json"
	"testing"
)

func TestKindWords(t *testing.T) {
	for kind, word := range map[Kind]string{Full: "full", Request: "request", TimeWaitKind: "time-wait"} {
		roundTrip(t, word, kind, new(Kind))
		if kind.String() != word {
			t.Errorf("%d prints %q, want %q", kind, kind, word)
		}
	}
	if _, err := Kind(3).MarshalText(); err == nil || Kind(3).String() != "Kind(3)" {
		t.Error("a kind that does not exist has a word")
	}
	if err := new(Kind).UnmarshalText([]byte("half")); err == nil {
		t.Error(`"half" is read as a kind`)
	}
}

func TestTimerWords(t *testing.T) {
	words := map[Timer]string{
		TimerOff: "off", TimerRetransmit: "on", TimerKeepalive: "keepalive", TimerTimeWait: "timewait",
		TimerProbe: "probe", TimerDelayedAck: "delack", Timer(6): "timer-6", Timer(255): "timer-255",
	}
	for timer, word := range words {
		roundTrip(t, word, timer, new(Timer))
		if timer.String() != word {
			t.Errorf("%d prints %q, want %q", timer, timer, word)
		}
	}
	var timer Timer
	if err := timer.UnmarshalText([]byte("persist")); err != nil || timer != TimerProbe {
		t.Errorf("persist is read as %v, %v", timer, err)
	}
	for _, word := range []string{"", "timer-", "timer-256", "6", "ON"} {
		if err := timer.UnmarshalText([]byte(word)); err == nil {
			t.Errorf("%q is read as a timer", word)
		}
	}
}

func roundTrip[T comparable, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, word string, value T, back P) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil || string(text) != `"`+word+`"` {
		t.Errorf("%v is written %s, %v; want %q", value, text, err, word)
	}
	if err := json.Unmarshal(text, back); err != nil || *back != value {
		t.Errorf("%s is read as %v, %v", text, *back, err)
	}
}

func TestSocketJSON(t *testing.T) {
	text, err := json.Marshal(Socket{Kind: Request, Timer: TimerRetransmit})
	if err != nil {
		t.Fatal(err)
	}
	var back Socket
	if err := json.Unmarshal(text, &back); err != nil || back.Kind != Request || back.Timer != TimerRetransmit {
		t.Errorf("%s is read as %+v, %v", text, back, err)
	}
}
