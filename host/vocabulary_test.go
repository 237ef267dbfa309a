package host

import (
	"errors"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// The spellings are written out by hand, so that the table cannot vouch for
// itself.
var spellings = map[tcp.State][]string{
	tcp.Listen:      {"LISTEN", "listen", "LISTENING", "listening", "TCP_LISTEN", "Listen"},
	tcp.SynSent:     {"SYN-SENT", "syn-sent", "SYN_SENT", "syn_sent", "SYN_SEND", "TCP_SYN_SENT", "SynSent", "synSent"},
	tcp.SynReceived: {"SYN-RECEIVED", "syn-recv", "SYN-RECV", "syn_recv", "SYN_RECV", "SYN_RCVD", "SYN_RECEIVED", "syn_received", "syn-rcv", "TCP_SYN_RECV", "TCP_NEW_SYN_RECV", "NEW_SYN_RECV", "SynReceived", "synReceived"},
	tcp.Established: {"ESTABLISHED", "established", "ESTAB", "estab", "TCP_ESTABLISHED", "Established"},
	tcp.FinWait1:    {"FIN-WAIT-1", "fin-wait-1", "FIN_WAIT1", "fin_wait1", "FIN_WAIT_1", "fin_wait_1", "FINWAIT1", "TCP_FIN_WAIT1", "FinWait1", "finWait1"},
	tcp.FinWait2:    {"FIN-WAIT-2", "fin-wait-2", "FIN_WAIT2", "fin_wait2", "FIN_WAIT_2", "fin_wait_2", "FINWAIT2", "TCP_FIN_WAIT2", "FinWait2", "finWait2"},
	tcp.CloseWait:   {"CLOSE-WAIT", "close-wait", "CLOSE_WAIT", "close_wait", "CLOSEWAIT", "TCP_CLOSE_WAIT", "CloseWait"},
	tcp.Closing:     {"CLOSING", "closing", "TCP_CLOSING", "Closing"},
	tcp.LastAck:     {"LAST-ACK", "last-ack", "LAST_ACK", "last_ack", "LASTACK", "TCP_LAST_ACK", "LastAck"},
	tcp.TimeWait:    {"TIME-WAIT", "time-wait", "TIME_WAIT", "time_wait", "TIMEWAIT", "TCP_TIME_WAIT", "TimeWait"},
	tcp.Closed:      {"CLOSED", "closed", "CLOSE", "close", "UNCONN", "unconnected", "TCP_CLOSE", "IDLE", "BOUND", "bound-inactive", "DeleteTCB", "DELETE_TCB"},
}

func TestParseState(t *testing.T) {
	for _, state := range tcp.States() {
		if len(spellings[state]) == 0 {
			t.Errorf("no spellings of %v", state)
		}
		for _, word := range spellings[state] {
			for _, form := range []string{word, strings.ToLower(word), strings.ToUpper(word), " " + word + "\n"} {
				if got, err := ParseState(form); got != state || err != nil {
					t.Errorf("ParseState(%q) = %v, %v; want %v", form, got, err, state)
				}
			}
		}
	}
}

func TestParseStateRefuses(t *testing.T) {
	for _, test := range []struct{ word, nearest string }{
		{"ESTABLISHD", "ESTABLISHED"},
		{"syn-recieved", "SYN-RECEIVED"},
		{"time_wiat", "TIME-WAIT"},
		{"closewait2", "CLOSE-WAIT"},
		{"lisen", "LISTEN"},
		{"FIN-WAIT", "FIN-WAIT-1"}, // conntrack's word stands for two states: not guessed
		{"banana", ""},
		{"", ""},
		{"_", ""},
		{"TCP_", ""},
		{"unknown", ""},
	} {
		state, err := ParseState(test.word)
		var unknown *UnknownStateError
		if state != tcp.Unknown || !errors.As(err, &unknown) {
			t.Errorf("ParseState(%q) = %v, %v", test.word, state, err)
			continue
		}
		if unknown.Nearest != test.nearest {
			t.Errorf("ParseState(%q) suggests %q, want %q", test.word, unknown.Nearest, test.nearest)
		}
		if !strings.Contains(err.Error(), `"`+test.word+`"`) || !strings.Contains(err.Error(), test.nearest) {
			t.Errorf("error does not name word and suggestion: %v", err)
		}
	}
}

// No folded spelling may stand for two states.
func TestVocabularyIsUnambiguous(t *testing.T) {
	seen := map[string]tcp.State{}
	for i := range vocabulary {
		for _, word := range vocabulary[i].spellings() {
			if other, ok := seen[fold(word)]; ok && other != vocabulary[i].state {
				t.Errorf("%q means %v and %v", word, other, vocabulary[i].state)
			}
			seen[fold(word)] = vocabulary[i].state
		}
	}
}

func TestVocabulary(t *testing.T) {
	for _, want := range []struct {
		state                                             tcp.State
		rfc, linux, ss, exporter, telemetry, linuxNetstat string
	}{
		{tcp.Established, "ESTABLISHED", "TCP_ESTABLISHED", "established", "established", "established", "ESTABLISHED"},
		{tcp.SynSent, "SYN-SENT", "TCP_SYN_SENT", "syn-sent", "syn_sent", "syn_sent", "SYN_SENT"},
		{tcp.SynReceived, "SYN-RECEIVED", "TCP_SYN_RECV", "syn-recv", "syn_recv", "syn_received", "SYN_RECV"},
		{tcp.FinWait1, "FIN-WAIT-1", "TCP_FIN_WAIT1", "fin-wait-1", "fin_wait1", "fin_wait_1", "FIN_WAIT1"},
		{tcp.FinWait2, "FIN-WAIT-2", "TCP_FIN_WAIT2", "fin-wait-2", "fin_wait2", "fin_wait_2", "FIN_WAIT2"},
		{tcp.TimeWait, "TIME-WAIT", "TCP_TIME_WAIT", "time-wait", "time_wait", "time_wait", "TIME_WAIT"},
		{tcp.Closed, "CLOSED", "TCP_CLOSE", "unconnected", "close", "closed", "CLOSE"},
		{tcp.CloseWait, "CLOSE-WAIT", "TCP_CLOSE_WAIT", "close-wait", "close_wait", "close_wait", "CLOSE_WAIT"},
		{tcp.LastAck, "LAST-ACK", "TCP_LAST_ACK", "last-ack", "last_ack", "last_ack", "LAST_ACK"},
		{tcp.Listen, "LISTEN", "TCP_LISTEN", "listening", "listen", "listen", "LISTEN"},
		{tcp.Closing, "CLOSING", "TCP_CLOSING", "closing", "closing", "closing", "CLOSING"},
	} {
		got := Vocabulary(want.state)
		if got.RFC != want.rfc || got.Linux != want.linux || got.SS != want.ss || got.NodeExporter != want.exporter ||
			got.OpenTelemetry != want.telemetry || got.Netstat[0] != want.linuxNetstat {
			t.Errorf("Vocabulary(%v) = %+v", want.state, got)
		}
		if got.RFC != want.state.String() {
			t.Errorf("the RFC word of %v is %q", want.state, got.RFC)
		}
	}
	if got := Vocabulary(tcp.Unknown); got.RFC != "UNKNOWN" || got.Linux != "" || got.Netstat != nil {
		t.Errorf("Vocabulary(Unknown) = %+v", got)
	}
	Vocabulary(tcp.Listen).Netstat[0] = "changed"
	if Vocabulary(tcp.Listen).Netstat[0] != "LISTEN" {
		t.Error("a caller can change the table")
	}
}

func TestLinuxNumbers(t *testing.T) {
	numbers := map[uint8]struct {
		state tcp.State
		kind  Kind
	}{
		0:   {tcp.Unknown, Full},
		1:   {tcp.Established, Full},
		2:   {tcp.SynSent, Full},
		3:   {tcp.SynReceived, Full},
		4:   {tcp.FinWait1, Full},
		5:   {tcp.FinWait2, Full},
		6:   {tcp.TimeWait, TimeWaitKind},
		7:   {tcp.Closed, Full},
		8:   {tcp.CloseWait, Full},
		9:   {tcp.LastAck, Full},
		10:  {tcp.Listen, Full},
		11:  {tcp.Closing, Full},
		12:  {tcp.SynReceived, Request},
		13:  {tcp.Closed, Full},
		14:  {tcp.Unknown, Full},
		255: {tcp.Unknown, Full},
	}
	for number, want := range numbers {
		if state, kind := StateOfLinux(number); state != want.state || kind != want.kind {
			t.Errorf("StateOfLinux(%d) = %v, %v", number, state, kind)
		}
		if number >= 1 && number <= 11 && LinuxNumber(want.state) != number {
			t.Errorf("LinuxNumber(%v) = %d, want %d", want.state, LinuxNumber(want.state), number)
		}
	}
	if LinuxNumber(tcp.Unknown) != 0 {
		t.Error("Unknown has a number")
	}
}

func FuzzParseState(f *testing.F) {
	for _, words := range spellings {
		f.Add(words[0])
	}
	f.Fuzz(func(t *testing.T, word string) {
		state, err := ParseState(word)
		if (err == nil) != (state != tcp.Unknown) {
			t.Errorf("ParseState(%q) = %v, %v", word, state, err)
		}
	})
}
