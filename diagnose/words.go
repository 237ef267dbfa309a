package diagnose

import (
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// fact is a piece of evidence from a counter: its movement in the window.
func (x *index) counted(counter, text string) Evidence {
	moved := x.rose(counter)
	return Evidence{
		Source: counters, Fact: strings.TrimPrefix(strings.TrimPrefix(counter, "TcpExt"), "Ip"), Value: float64(moved), Unit: "in window",
		Text: Say(text, moved), Recheck: "nstat -az " + counter,
	}
}

// who names the program in a sentence, or says why it cannot be named.
func (x *index) who(pid int) Message {
	p := x.processes[pid]
	switch {
	case p != nil:
		return Say("who-process", p.Name, strconv.Itoa(pid))
	case pid != 0: // it ended between two readings
		return Say("who-process", "process", strconv.Itoa(pid))
	case x.hidden():
		return Say("who-hidden")
	default:
		return Say("who-kernel")
	}
}

func (x *index) subject(pid int) Subject {
	s := Subject{PID: pid}
	if p := x.processes[pid]; p != nil {
		s.Name, s.Exe, s.Container = p.Name, p.Exe, p.Container
	}
	return s
}

// whoDials names the program that holds connections now, or says that none of
// them shows it: TIME-WAIT and connections that are over have no owner.
func (x *index) whoDials(pid int) Message {
	if pid == 0 {
		return Say("who-gone")
	}
	return x.who(pid)
}

// restart is the remedy that ends whatever a program holds. The command names
// the systemd unit when the program's cgroup shows one.
func (x *index) restart(pid int, risk Message) Remedy {
	r := Remedy{ID: "restart-program", Text: Say("remedy-restart", x.who(pid)), Risk: risk}
	p := x.processes[pid]
	if p == nil {
		return r
	}
	if unit := path.Base(p.Cgroup); strings.HasSuffix(unit, ".service") && plainWord(unit) {
		r.Apply = []string{"systemctl restart " + unit}
	}
	return r
}

// plainWord tells whether a name can stand in a shell command as it is: names
// come from the host and are not to be trusted.
func plainWord(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@:-") == "" && name[0] != '-'
}

// sysctl is a remedy that sets one setting.
func (x *index) sysctl(id, name, value string, text, risk Message) Remedy {
	return typed(id, text, risk, x.settingChange(id, name, value))
}

// quoted protects a value of several words from the shell.
func quoted(value string) string {
	if plainWord(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "") + "'"
}

// recheck is an ss command for the sockets of a state, on a local port unless 0.
func recheck(state string, port uint16) string {
	if port == 0 {
		return "ss -tnpo state " + state
	}
	return fmt.Sprintf("ss -tnpo state %s '( sport = :%d )'", state, port)
}

// bracketed writes an address for an ss filter: ss wants brackets around IPv6.
func bracketed(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	return "[" + addr.WithZone("").String() + "]"
}

// endOf is bracketed with a port.
func endOf(at netip.AddrPort) string { return bracketed(at.Addr()) + ":" + portText(at) }

// ssHost and ssTarget are bracketed and endOf in a shell, which must not take
// brackets for a pattern.
func ssHost(addr netip.Addr) string     { return shellWord(bracketed(addr)) }
func ssTarget(at netip.AddrPort) string { return shellWord(endOf(at)) }

func shellWord(word string) string {
	if strings.ContainsAny(word, "[]() ") {
		return "'" + word + "'"
	}
	return word
}

// shellFilter writes an ss filter in a shell. ss takes its states only as words
// of their own.
func shellFilter(filter string) string {
	words := strings.Fields(filter)
	if len(words) > 2 && words[0] == "state" {
		return "state " + words[1] + " " + shellFilter(strings.Join(words[2:], " "))
	}
	if strings.Contains(filter, "(") {
		return shellWord(filter)
	}
	for i := range words {
		words[i] = shellWord(words[i])
	}
	return strings.Join(words, " ")
}

// stay is the longest stay that fate foretells for the sockets.
func (x *index) stay(list []seen) (within time.Duration, forever bool) {
	for _, s := range list {
		o := x.forecast.Of(s.now)
		forever = forever || o.Forever
		within = max(within, o.Within)
	}
	if forever {
		within = 0
	}
	return within, forever
}

// wholeSeconds rounds up, for sentences.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// network is what an address is counted by when it matters how widely sources
// are spread: /24 of IPv4, /48 of IPv6.
func network(addr netip.Addr) netip.Prefix {
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, _ := addr.Prefix(bits) // an address that is not valid counts as one network
	return prefix
}

// distinct counts different values.
func distinct[K comparable](list []seen, key func(*host.Socket) K) int {
	different := make(map[K]struct{}, len(list))
	for _, s := range list {
		different[key(s.now)] = struct{}{}
	}
	return len(different)
}

// kebab is the word of ss for a state of closing, which is that of RFC 9293 in
// lower case.
func kebab(state tcp.State) string { return strings.ToLower(state.String()) }

// busiestOf returns the key that most sockets have, the first one of several.
func busiestOf[K comparable](list []seen, key func(*host.Socket) K) (best K, most int) {
	counts := map[K]int{}
	for _, s := range list {
		counts[key(s.now)]++
	}
	for _, s := range list {
		if k := key(s.now); counts[k] > most {
			best, most = k, counts[k]
		}
	}
	return best, most
}
