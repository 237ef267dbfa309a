package remedy

import (
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// folk is a cure that is often told and was measured to harm.
type folk struct {
	why     string
	matches func(cause diagnose.Cause, c diagnose.Change) bool
	typed   []string // how people type it: no remedy may print these
}

// setTo matches a setting, by the end of its name, that is given one of the values; none
// given is any.
func setTo(name string, values ...string) func(diagnose.Cause, diagnose.Change) bool {
	return func(_ diagnose.Cause, c diagnose.Change) bool {
		if c.Kind != diagnose.ChangeSetting || !strings.HasSuffix(c.Target, name) {
			return false
		}
		for _, v := range values {
			if c.To == v {
				return true
			}
		}
		return len(values) == 0
	}
}

// limitsRate matches a rule that meters what it lets through.
func limitsRate(_ diagnose.Cause, c diagnose.Change) bool {
	return c.Kind == diagnose.ChangeRules && (strings.Contains(c.To, "limit ") || strings.Contains(c.To, "meter "))
}

// larger matches a longer queue for a program that does not take what waits.
func larger(cause diagnose.Cause, c diagnose.Change) bool {
	stalled := cause == "accept-stalled" || cause == "closed-before-accept" || cause == "app-blocked"
	return stalled && (setTo("net.core.somaxconn")(cause, c) || setTo("tcp_max_syn_backlog")(cause, c))
}

var folklore = []folk{
	{
		"a limit on SYNs turns away 93 of 100 genuine clients, with a flood and without one", limitsRate,
		[]string{"--limit ", "limit rate", "hashlimit", "--connlimit"},
	},
	{"a longer queue only makes clients wait longer for a program that does not accept", larger, nil},
	{
		"tcp_fin_timeout is for connections that no program holds: a held half-close does not feel it, and a slow peer does",
		setTo("tcp_fin_timeout"), []string{"tcp_fin_timeout"},
	},
	{
		"without reverse path filtering forged senders get in; loose mode (2) is enough where two ways are meant",
		setTo(".rp_filter", "0"), []string{"rp_filter=0"},
	},
	{
		"without cookies a flood of some thousand SYNs a second is an outage, whatever the queue's length",
		setTo("tcp_syncookies", "0"), []string{"tcp_syncookies=0"},
	},
	{
		"without timestamps TIME-WAIT cannot be reused safely, cookies lose options and wrapped sequence numbers go unnoticed",
		setTo("tcp_timestamps", "0"), []string{"tcp_timestamps=0"},
	},
	{"tcp_tw_recycle broke clients behind NAT and is gone since Linux 4.12", setTo("tcp_tw_recycle"), []string{"tcp_tw_recycle"}},
	{
		"a reset turns a wait of a second into an error for every client that comes in a burst",
		setTo("tcp_abort_on_overflow", "1"), []string{"tcp_abort_on_overflow=1"},
	},
	{
		"with rfc1337 off a stray RST ends TIME-WAIT early, and old segments reach new connections",
		setTo("tcp_rfc1337", "0"), []string{"tcp_rfc1337=0"},
	},
	{
		"fewer TIME-WAITs than there are make the kernel forget them early: old segments then reach new connections",
		func(cause diagnose.Cause, c diagnose.Change) bool {
			return setTo("tcp_max_tw_buckets")(cause, c) && shrinks(c)
		}, []string{"tcp_max_tw_buckets=0"},
	},
	{
		"a firewall that is off protects nothing else either",
		func(_ diagnose.Cause, c diagnose.Change) bool {
			return c.Kind == diagnose.ChangeRules && c.To == "" && !strings.Contains(c.Target, " position ")
		}, []string{"flush ruleset", "iptables -F", "-P INPUT ACCEPT"},
	},
}

// shrinks tells whether a number becomes smaller. What is no number does not.
func shrinks(c diagnose.Change) bool {
	return len(c.To) < len(c.From) || len(c.To) == len(c.From) && c.To < c.From
}

// Harm says why a change must not be made against a cause, "" if it may.
func Harm(cause diagnose.Cause, c diagnose.Change) string {
	for _, f := range folklore {
		if f.matches(cause, c) {
			return f.why
		}
	}
	return ""
}

// HarmTyped is Harm for a command as a person types it.
func HarmTyped(command string) string {
	for _, f := range folklore {
		for _, words := range f.typed {
			if strings.Contains(command, words) {
				return f.why
			}
		}
	}
	return ""
}
