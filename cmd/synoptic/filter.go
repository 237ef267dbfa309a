package main

import (
	"errors"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// groups are the words of ss for several states at once. What ss calls
// synchronized has SYN-RECEIVED, unlike RFC 9293 and tcp.Synchronized.
var groups = map[string]tcp.StateSet{
	"all":          tcp.AllStates,
	"connected":    tcp.AllStates &^ tcp.SetOf(tcp.Listen, tcp.Closed),
	"synchronized": tcp.AllStates &^ tcp.SetOf(tcp.Listen, tcp.Closed, tcp.SynSent),
	"bucket":       tcp.SetOf(tcp.SynReceived, tcp.TimeWait),
	"big":          tcp.AllStates &^ tcp.SetOf(tcp.SynReceived, tcp.TimeWait),
}

// parseFilter reads "state X" and "exclude X", in any number. As in ss the
// states add up, and an exclude without a state before it starts from all.
func parseFilter(args []string) (tcp.StateSet, error) {
	words := strings.Fields(strings.Join(args, " "))
	var set tcp.StateSet
	for i := 0; i < len(words); i += 2 {
		verb := words[i]
		if verb != "state" && verb != "exclude" && verb != "excl" {
			return 0, filterError(words, i, "this version understands only \"state X\" and \"exclude X\"")
		}
		if i+1 == len(words) {
			return 0, filterError(append(words, "?"), i+1, "a state must follow "+verb)
		}
		states, err := parseStates(words[i+1])
		switch {
		case err != nil:
			return 0, filterError(words, i+1, err.Error())
		case verb == "state":
			set |= states
		case set == 0 && i == 0:
			set = tcp.AllStates &^ states
		default:
			set &^= states
		}
	}
	if set == 0 && len(words) > 0 {
		return 0, filterError(words, len(words)-1, "nothing is left to show")
	}
	if set == 0 {
		set = tcp.AllStates
	}
	return set, nil
}

// parseStates reads a state in any spelling, or a group of ss.
func parseStates(word string) (tcp.StateSet, error) {
	if set, ok := groups[strings.ToLower(word)]; ok {
		return set, nil
	}
	state, err := host.ParseState(word)
	if err == nil {
		return tcp.SetOf(state), nil
	}
	var unknown *host.UnknownStateError
	if errors.As(err, &unknown) && unknown.Nearest == "" {
		return 0, errors.New("that is no TCP state, nor a group (all, connected, synchronized, bucket, big)")
	}
	return 0, err
}

// filterError shows the filter and points at the word that is wrong.
func filterError(words []string, wrong int, why string) error {
	before := ansi.StringWidth(strings.Join(words[:wrong], " "))
	if wrong > 0 {
		before++
	}
	return usagef("filter: %s\n  %s\n  %s%s", why, strings.Join(words, " "),
		strings.Repeat(" ", before), strings.Repeat("^", max(ansi.StringWidth(words[wrong]), 1)))
}
