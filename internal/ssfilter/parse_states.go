package ssfilter

import (
	"errors"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// groups are the words of ss for several states (scan_state in ss.c).
var groups = map[string]tcp.StateSet{
	"all":          tcp.AllStates,
	"connected":    tcp.AllStates &^ tcp.SetOf(tcp.Closed, tcp.Listen),
	"synchronized": tcp.AllStates &^ tcp.SetOf(tcp.Closed, tcp.Listen, tcp.SynSent),
	"bucket":       minisockets,
	"big":          tcp.AllStates &^ minisockets,
}

// minisockets are the states whose sockets are small kernel objects.
var minisockets = tcp.SetOf(tcp.SynReceived, tcp.TimeWait)

// stateWord reads the name of a state, in any vocabulary, or of a group.
func (p *parser) stateWord(word token) (tcp.StateSet, error) {
	if word.symbol || word.last() {
		return 0, p.fail(word, "expected the name of a state; %s", describe(word))
	}
	if set, ok := groups[strings.ToLower(word.text)]; ok {
		return set, nil
	}
	state, err := host.ParseState(word.text)
	if err == nil {
		return tcp.SetOf(state), nil
	}
	var unknown *host.UnknownStateError
	if errors.As(err, &unknown) {
		return 0, p.unknownState(word, unknown)
	}
	return 0, p.fail(word, "%v", err)
}
