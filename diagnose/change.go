package diagnose

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"strings"
)

// ChangeKind says what sort of thing a change touches. The word is that of the
// contract and is never translated.
type ChangeKind string

// The kinds.
const (
	ChangeSetting ChangeKind = "sysctl"    // a kernel setting
	ChangeRules   ChangeKind = "nft"       // rules of the packet filter
	ChangeRoute   ChangeKind = "route"     // one entry of the main routing table
	ChangeSocket  ChangeKind = "socket"    // connections that are ended; no way back
	ChangeEntry   ChangeKind = "conntrack" // an entry of connection tracking that is deleted; no way back
	ChangeProcess ChangeKind = "process"   // a program that is stopped or runs
	ChangeFile    ChangeKind = "file"      // a file of our own
	ChangeLink    ChangeKind = "link"      // a symbolic link of our own
	ChangeMount   ChangeKind = "mount"     // a filesystem
	ChangeXDP     ChangeKind = "xdp"       // a program on an interface
	ChangeTC      ChangeKind = "tc"        // a program at the traffic control hook
)

// Change is one step of a remedy: a place on the system that holds a value, the
// value that was seen there, and the one that it shall have. What a person may
// type instead is rendered from it, so that what is printed is what is done.
//
//	kind       target                          from, to
//	sysctl     "net.ipv4.tcp_syncookies"       values as sysctl(8) prints them
//	nft        "inet synoptic-mss"             "" is no such table, else "type ... ; rule": one chain with one rule, in a table of our own
//	nft        "inet synoptic-synproxy"        "" or "chain ... {", what stands between the braces of a table of our own
//	nft        "inet fw out position 7"        "" or a rule that stands before the rule with that handle, in a table of somebody else
//	route      "10.9.0.0/16"                   "" or "via 192.0.2.1 dev eth0"
//	socket     "state established dst ADDRESS" an ss filter: what it matches is ended
//	conntrack  "-p tcp --orig-src ..."         the words of conntrack(8)
//	process    "812", "812@48211"              "stopped", "running"; behind @ its starting time
//	file       "/etc/sysctl.d/..."             "" is no such file, else its text
//	link       "/etc/systemd/system/..."       "" is no such link, else where it leads
//	mount      "/sys/fs/bpf"                   "" is no filesystem of its own, else its type
//	xdp        "eth0", "eth0@2"                "", "disarmed" or "armed 192.0.2.1:80 ...", with "dropping 198.18.7.0/24 ..." behind; @ its index
type Change struct {
	Kind     ChangeKind
	Target   string
	From, To string
	Keep     string // file that makes it outlive a reboot, "" when none does
	unknown  bool   // From was not read
}

// Reversible tells whether writing From again is the exact way back.
func (c Change) Reversible() bool {
	return c.Kind != ChangeSocket && c.Kind != ChangeEntry
}

// Lasts tells whether what a change of this kind made outlives a reboot.
func (k ChangeKind) Lasts() bool { return k == ChangeFile || k == ChangeLink }

// Known tells whether the present value was read when the change was made.
func (c Change) Known() bool { return !c.unknown }

// Apply returns the commands that make the change, for a shell.
func (c Change) Apply() []string { return c.commands(c.To) }

// Undo returns the commands that take it back, none where there is no way back or
// the value before was not read.
func (c Change) Undo() []string {
	if !c.Reversible() || c.unknown {
		return nil
	}
	return c.commands(c.From)
}

// Persist returns the commands that make it outlive a reboot, none where no file
// of our own does.
func (c Change) Persist() []string {
	file, ok := c.File()
	if !ok {
		return nil
	}
	return file.Apply()
}

// File is the change that makes this one outlive a reboot.
func (c Change) File() (file Change, ok bool) {
	if c.Keep == "" || c.Kind != ChangeSetting {
		return Change{}, false
	}
	return Change{Kind: ChangeFile, Target: c.Keep, To: c.Target + " = " + c.To + "\n"}, true
}

// commands set the target to a value.
func (c Change) commands(value string) []string {
	switch c.Kind {
	case ChangeSetting:
		if value != "" {
			value = quoted(value)
		}
		return []string{"sysctl -w " + c.Target + "=" + value}
	case ChangeRules:
		return c.ruleCommands(value)
	case ChangeRoute:
		if value == "" {
			return []string{"ip route del " + c.Target + " " + c.To}
		}
		return []string{"ip route add " + c.Target + " " + value}
	case ChangeSocket:
		return []string{"ss -tK " + shellFilter(c.Target)}
	case ChangeEntry:
		return []string{"conntrack -D " + c.Target}
	case ChangeProcess:
		pid, _, _ := strings.Cut(c.Target, "@")
		return []string{"kill -" + map[string]string{"running": "CONT", "stopped": "STOP"}[value] + " " + pid}
	case ChangeFile:
		return []string{c.writing(value)}
	case ChangeLink:
		if value == "" {
			return []string{"rm " + c.Target}
		}
		return []string{"ln -s " + quoted(value) + " " + c.Target}
	case ChangeMount:
		if value == "" {
			return []string{"umount " + c.Target}
		}
		return []string{"mount -t " + value + " " + value + " " + c.Target}
	case ChangeXDP:
		if value == "" {
			return []string{"synoptic guard revert"}
		}
		name, _, _ := strings.Cut(c.Target, "@")
		command := "synoptic guard apply --xdp --interface " + quoted(name)
		return []string{command + armourFlags(value)}
	default: // what only we can do
		return nil
	}
}

// writing is the command that gives a file its text, on lines of its own where
// it has several.
func (c Change) writing(text string) string {
	text, _ = strings.CutSuffix(text, "\n")
	switch {
	case text == "":
		return "rm " + c.Target
	case strings.Contains(text, "\n"):
		return fmt.Sprintf("cat > %s <<'END'\n%s\nEND", c.Target, text)
	default:
		return fmt.Sprintf("echo %s > %s", quoted(text), c.Target)
	}
}

// armourFlags are the flags by which an interface gets this value.
func armourFlags(value string) (flags string) {
	flag := " --listener "
	for i, word := range strings.Fields(value) {
		switch {
		case i == 0: // "armed"
		case word == "dropping":
			flag = " --drop "
		default:
			flags += flag + quoted(word)
		}
	}
	return flags
}

// RuleMark is the comment by which a rule of ours is found again in a chain of
// somebody else.
func (c Change) RuleMark() string {
	sum := fnv.New32a()
	fmt.Fprint(sum, c.Target, "\n", c.To)
	return fmt.Sprintf("synoptic %08x", sum.Sum32())
}

func (c Change) ruleCommands(value string) []string {
	chain, position, foreign := strings.Cut(c.Target, " position ")
	hook, rule, _ := strings.Cut(c.To, "; ")
	switch {
	case foreign && value == "":
		return []string{fmt.Sprintf(`nft delete rule %s handle $(nft -a list chain %s | sed -n 's/.*comment "%s" # handle //p')`, chain, chain, c.RuleMark())}
	case foreign:
		return []string{fmt.Sprintf(`nft 'insert rule %s position %s %s comment "%s"'`, chain, position, value, c.RuleMark())}
	case value == "":
		return []string{"nft delete table " + c.Target}
	case strings.HasPrefix(value, "chain "):
		return []string{fmt.Sprintf("nft -f - <<'END'\ntable %s {\n%s}\nEND", c.Target, value)}
	default:
		return []string{
			"nft add table " + c.Target,
			fmt.Sprintf("nft 'add chain %s %s { %s; }'", c.Target, OwnChain, hook),
			fmt.Sprintf("nft 'add rule %s %s %s'", c.Target, OwnChain, rule),
		}
	}
}

// OwnChain is the name of the chain in a table of our own.
const OwnChain = "only"

// typed is a remedy whose commands are those of its changes.
func typed(id string, text, risk Message, changes ...Change) Remedy {
	r := Remedy{ID: id, Text: text, Risk: risk, Changes: changes}
	for _, c := range changes {
		r.Apply, r.Persist = append(r.Apply, c.Apply()...), append(r.Persist, c.Persist()...)
		r.Undo = append(c.Undo(), r.Undo...)
	}
	return r
}

// settingChange sets one setting, exact about the way back.
func (x *index) settingChange(id, name, value string) Change {
	old, known := x.bundle.Settings[name]
	return Change{Kind: ChangeSetting, Target: name, From: old, To: value, Keep: "/etc/sysctl.d/90-synoptic-" + id + ".conf", unknown: !known}
}

// ownTable is one rule in a table of our own, so that the way back is one step
// and touches nobody else's.
func ownTable(name, hook, rule string) Change {
	return Change{Kind: ChangeRules, Target: "inet synoptic-" + name, To: hook + "; " + rule}
}

// dropFrom drops what comes from a network.
func dropFrom(prefix netip.Prefix) Change {
	family := "ip"
	if prefix.Addr().Is6() {
		family = "ip6"
	}
	name := "drop-" + strings.ReplaceAll(prefix.String(), ":", "_")
	return ownTable(name, "type filter hook input priority -10", family+" saddr "+prefix.String()+" counter drop")
}
