package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// actWords are what can happen to an end, as people write it in a script.
var actWords = map[string]Act{
	"PASSIVE-OPEN": {Call: tcp.CallPassiveOpen}, "ACTIVE-OPEN": {Call: tcp.CallActiveOpen}, "OPEN": {Call: tcp.CallActiveOpen},
	"SEND": {Call: tcp.CallSend}, "RECEIVE": {Call: tcp.CallReceive}, "CLOSE": {Call: tcp.CallClose}, "ABORT": {Call: tcp.CallAbort},
	"CRASH": {Turn: Crash}, "VANISH": {Turn: Vanish}, "RETURN": {Turn: Return}, "ACCEPT": {Turn: Accept},
}

// ParseAct reads a line of a script: a side, what it does (passive-OPEN, OPEN,
// SEND=OCTETS, RECEIVE, CLOSE, ABORT) or what becomes of it (crash, vanish, return,
// accept), and when: "responder:CLOSE@2s", "originator:SEND=100@ESTABLISHED+1s".
func ParseAct(text string) (Act, error) {
	line, moment, timed := strings.Cut(text, "@")
	side, what, ok := strings.Cut(line, ":")
	sender, known := senderWords[strings.ToLower(side)]
	if !ok || !known {
		return Act{}, fmt.Errorf("%q does not begin with a side and a colon (%s)", text, sides)
	}
	word, octets, sized := strings.Cut(what, "=")
	act, known := actWords[strings.ToUpper(word)]
	if !known {
		return Act{}, fmt.Errorf("%q is nothing that happens to an end; choose passive-OPEN, OPEN, SEND=OCTETS, RECEIVE, CLOSE, ABORT, crash, vanish, return or accept", word)
	}
	act.Side = Side(sender - OfOriginator)
	if act.Call == tcp.CallSend || sized {
		const most = 1 << 20
		n, err := strconv.ParseUint(octets, 10, 32)
		if act.Call != tcp.CallSend && act.Call != tcp.CallReceive || err != nil || n < 1 || n > most {
			return Act{}, fmt.Errorf("%q: write SEND=OCTETS with 1 to %d octets; only RECEIVE takes a number too", what, most)
		}
		act.Octets = tcp.Size(n)
	}
	var err error
	if timed {
		act.When, err = parseWhen(act.Side, moment)
	}
	return act, err
}

// parseWhen reads "2s" or "ESTABLISHED" or "ESTABLISHED+1s"; the state is that of
// the end to which it happens.
func parseWhen(side Side, text string) (When, error) {
	word, later, both := strings.Cut(text, "+")
	state, err := tcp.ParseState(word)
	if err == nil && state != tcp.Unknown {
		when := When{Of: side, State: state}
		if both {
			when.After, err = parseTime(later)
		}
		return when, err
	}
	at, err := parseTime(text)
	if err != nil {
		return When{}, fmt.Errorf("%q is neither a length of time (50ms, 2s) nor a state (ESTABLISHED, CLOSE-WAIT+1s)", text)
	}
	return When{At: at}, nil
}
