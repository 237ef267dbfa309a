package guard

import (
	"strconv"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/tcp"
)

// The settings of the first rung.
const (
	cookies = "net.ipv4.tcp_syncookies"
	longest = "net.core.somaxconn"
	backlog = "net.ipv4.tcp_max_syn_backlog"
	retries = "net.ipv4.tcp_synack_retries"
)

// always is the value of tcp_syncookies with which no connection is half-open:
// each SYN is answered by a cookie.
const always = 2

// roomy is a queue that clients of a busy server do not fill: the kernel's own
// default of net.core.somaxconn since Linux 5.4.
const roomy = 4096

// How often a SYN-ACK is sent again. The kernel's own default is 5, which keeps a
// half-open connection for 63 s; 3 is 15 s, and 2 is 7 s, to which the kernel
// itself comes down once the queue is half full.
const (
	fewRetries   = 2
	peaceRetries = 3
)

// preventive are the settings that help should a flood come, and harm nobody who
// comes before it.
func preventive(s host.Settings) []remedy.Change {
	changes := settle(s, peaceRetries)
	for i := range changes {
		changes[i].Preventive = true
	}
	return changes
}

// Running is what a guard needs while it runs: without cookies of its own the
// kernel makes no connection of ours.
func Running(s host.Settings) (p remedy.Plan) {
	p.Remedy = RunName
	if now, ok := number(s, cookies); ok && now == 0 {
		p.Changes = append(p.Changes, setting("syncookies", cookies, s[cookies], "1", diagnose.Say("remedy-cookies"), diagnose.Say("remedy-cookies-risk")))
	}
	return p
}

// underFlood are the settings that help now.
func underFlood(report *diagnose.Report, flood *diagnose.Finding) []remedy.Change {
	s := report.Bundle.Settings
	changes := settle(s, fewRetries)
	if s[cookies] == "1" && wavers(report.Bundle, flood) {
		changes = append([]remedy.Change{setting("syncookies", cookies, s[cookies], strconv.Itoa(always),
			diagnose.Say("guard-cookies-always"), diagnose.Say("guard-cookies-always-cost"))}, changes...)
	}
	for i := range changes {
		changes[i].Preventive = changes[i].Target == longest // programs get it when they listen again
	}
	return changes
}

// settle proposes what is not so already. A setting that this kernel does not
// have, or that could not be read, is left alone.
func settle(s host.Settings, most int) (changes []remedy.Change) {
	propose := func(id, name, to string, effect, cost diagnose.Message) {
		changes = append(changes, setting(id, name, s[name], to, effect, cost))
	}
	value, hasCookies := number(s, cookies)
	if hasCookies && value == 0 {
		propose("syncookies", cookies, "1", diagnose.Say("remedy-cookies"), diagnose.Say("remedy-cookies-risk"))
	}
	if now, ok := number(s, longest); ok && now < roomy {
		propose("somaxconn", longest, strconv.Itoa(roomy), diagnose.Say("remedy-somaxconn"), diagnose.Say("remedy-listen-risk"))
	}
	if now, ok := number(s, backlog); ok && now < roomy && !hasCookies { // with cookies the kernel does not look at it
		propose("max-syn-backlog", backlog, strconv.Itoa(roomy), diagnose.Say("remedy-syn-backlog"), diagnose.Say("remedy-listen-risk"))
	}
	if now, ok := number(s, retries); ok && now > most && value != always { // else nothing is half-open
		propose("synack-retries", retries, strconv.Itoa(most),
			diagnose.Say("guard-retries", kept(most), kept(now)), diagnose.Say("guard-retries-cost", most, now))
	}
	return changes
}

// kept is how many seconds a half-open connection stays: the first timeout is
// one second, and each doubles it, to two minutes at most (RFC 6298, sections 2
// and 5.5).
func kept(retries int) (seconds int) {
	wait := 1
	for range retries + 1 {
		seconds += wait
		wait = min(2*wait, 120)
	}
	return seconds
}

func setting(id, name, from, to string, effect, cost diagnose.Message) remedy.Change {
	c := diagnose.Change{Kind: diagnose.ChangeSetting, Target: name, From: from, To: to}
	return remedy.Change{ID: id, Change: c, Scope: remedy.ScopeOf(c), Effect: effect, Cost: cost}
}

func number(s host.Settings, name string) (n int, ok bool) {
	n, err := strconv.Atoi(s[name])
	return n, err == nil
}

// wavers tells whether the queue of a flooded listener was full at times and had
// room at others: with tcp_syncookies=1 the clients that come between lose their
// place to the flood and wait a second.
func wavers(b *evidence.Bundle, flood *diagnose.Finding) bool {
	met, known := host.Delta(b.CountersBefore, b.CountersAfter, "TcpExtTCPReqQFullDoCookies")
	if !known || met <= 0 {
		return false
	}
	for i := range b.Snapshots {
		for _, s := range listenersOf(&b.Snapshots[i]) {
			if s.Local.String() == flood.Subject.Local && s.Inner != nil && s.Inner.SynQueue < s.SendQueue {
				return true
			}
		}
	}
	return false
}

// listeners are those of the last look.
func listeners(b *evidence.Bundle) []*host.Socket {
	if last := b.Last(); last != nil {
		return listenersOf(last)
	}
	return nil
}

func listenersOf(s *host.Snapshot) (list []*host.Socket) {
	for i := range s.Sockets {
		if s.Sockets[i].State == tcp.Listen {
			list = append(list, &s.Sockets[i])
		}
	}
	return list
}
