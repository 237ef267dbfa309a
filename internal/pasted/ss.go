package pasted

import (
	"bytes"
	"fmt"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// ssRow reads "STATE recv send local peer ..."; a Netid column was dropped.
func (s *scanner) ssRow() string {
	f := &s.f
	socket := &s.row.Socket
	if len(f.words) < 5 {
		return "cut short: a row has state, two queues and two addresses"
	}
	socket.State, _ = stateOf(f.words[0])
	var ok, ok2 bool
	socket.RecvQueue, ok = u32(f.words[1])
	socket.SendQueue, ok2 = u32(f.words[2])
	if !ok || !ok2 {
		return fmt.Sprintf("%q and %q are no queue lengths", clip(f.words[1]), clip(f.words[2]))
	}
	local, ok := s.ssEnd(f.words[3])
	if !ok {
		return badAddress(f.words[3])
	}
	remote, ok := s.ssEnd(f.words[4])
	if !ok {
		return badAddress(f.words[4])
	}
	s.row.Tool = SS
	s.setEnds(local, remote)
	s.ssQueues()
	if len(f.words) > 5 {
		s.ssMore(f.line[f.at[5]:])
	}
	return ""
}

// ssEnd reads "address:port". "*" is the IPv6 any that takes IPv4 too, except
// in old releases, which wrote it for IPv4.
func (s *scanner) ssEnd(column []byte) (end, bool) {
	f := v6
	if s.style.oldSS {
		f = v4
	}
	addr, port := splitColon(column)
	s.style.oldSS = s.style.oldSS || isIPv6Text(addr) && addr[0] != '['
	return readEnd(addr, port, f)
}

func (s *scanner) ssQueues() {
	k := &s.text.Knows
	if s.row.Socket.State == tcp.Listen {
		k.AcceptQueues, k.Backlogs = true, true
		return
	}
	k.Queues = true
}

// ssMore reads what options add, behind the addresses or on indented lines
// below: users, timer, skmem, uid, ino, sk, and the words of -i.
func (s *scanner) ssMore(rest []byte) {
	for {
		word, after := nextWord(rest)
		if len(word) == 0 {
			return
		}
		rest = rest[len(rest)-len(after)-len(word):]
		switch {
		case bytes.HasPrefix(word, []byte("users:(")):
			after = s.ssUsers(rest[len("users:("):])
		case bytes.HasPrefix(word, []byte("timer:(")):
			s.ssTimer(inside(word))
		case bytes.HasPrefix(word, []byte("skmem:(")):
			s.ssMemory(inside(word))
		case len(word) == 3 && isArrow(word):
			s.ssShutdown(word)
		default:
			after = s.ssWord(word, after)
		}
		rest = after
	}
}

// nextWord splits off the first word.
func nextWord(b []byte) (word, rest []byte) {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	j := i
	for j < len(b) && b[j] != ' ' && b[j] != '\t' {
		j++
	}
	return b[i:j], b[j:]
}

// inside returns what stands in the parentheses of "key:(...)".
func inside(word []byte) []byte {
	open := bytes.IndexByte(word, '(')
	return bytes.TrimSuffix(word[open+1:], []byte(")"))
}

// ssUsers reads `("nginx",pid=12,fd=3),("nginx",pid=13,fd=3))` and returns what
// follows. Names may hold anything but a quotation mark with a comma behind.
func (s *scanner) ssUsers(b []byte) []byte {
	s.text.Knows.Owners = true
	for bytes.HasPrefix(b, []byte(`("`)) {
		quote := bytes.Index(b, []byte(`",`))
		if quote < 0 {
			return nil
		}
		name, facts := b[2:max(quote, 2)], b[quote+2:]
		end := bytes.IndexByte(facts, ')')
		if end < 0 {
			return nil
		}
		s.ssUser(name, facts[:end])
		b = bytes.TrimPrefix(facts[end+1:], []byte(","))
	}
	return bytes.TrimPrefix(b, []byte(")"))
}

// ssUser reads "pid=12,fd=3"; releases of before 2015 wrote "12,3".
func (s *scanner) ssUser(name, facts []byte) {
	pid, fd, bare := -1, -1, 0
	for len(facts) > 0 {
		var fact []byte
		fact, facts, _ = cutAt(facts, ',')
		key, value, found := cutAt(fact, '=')
		if !found {
			key, value = oldKeys[min(bare, len(oldKeys)-1)], fact
			bare++
		}
		n, ok := decimal(value, maxPID)
		switch {
		case !ok:
		case string(key) == "pid":
			pid = int(n)
		case string(key) == "fd":
			fd = int(n)
		}
	}
	if pid > 0 {
		s.own(pid, fd, name)
	}
}

var oldKeys = [][]byte{[]byte("pid"), []byte("fd"), []byte("")}

// ssTimer reads "keepalive,119min,0".
func (s *scanner) ssTimer(b []byte) {
	word, rest, _ := cutAt(b, ',')
	left, count, _ := cutAt(rest, ',')
	n, _ := decimal(count, 1<<32)
	s.setTimer(word, ssTime(left), n, n)
}

func isArrow(b []byte) bool {
	return (b[0] == '<' || b[0] == '-') && b[1] == '-' && (b[2] == '>' || b[2] == '-')
}

// ssShutdown reads "<->": an arrow head that is missing is a direction that was
// shut down.
func (s *scanner) ssShutdown(b []byte) {
	socket := &s.row.Socket
	socket.HasShutdown, s.text.Knows.Shutdowns = true, true
	if b[0] == '-' {
		socket.Shutdown |= host.ShutdownReceive
	}
	if b[2] == '-' {
		socket.Shutdown |= host.ShutdownSend
	}
}
