package pasted

import (
	"bytes"
	"fmt"

	"github.com/synoptic-net/synoptic/tcp"
)

// unixRow reads "tcp 0 0 local remote STATE ..." of Linux, BSD or macOS. The
// families differ in how they join address and port: Linux with a colon, BSD
// with a dot.
func (s *scanner) unixRow() string {
	f := &s.f
	socket := &s.row.Socket
	if len(f.words) < 6 {
		return "cut short: a row has protocol, two queues, two addresses and a state"
	}
	var ok, ok2 bool
	socket.RecvQueue, ok = u32(f.words[1])
	socket.SendQueue, ok2 = u32(f.words[2])
	if !ok || !ok2 {
		return fmt.Sprintf("%q and %q are no queue lengths", clip(f.words[1]), clip(f.words[2]))
	}
	state, used := s.stateAt(5)
	if used == 0 {
		return unknownState(f.words[5])
	}
	socket.State = state
	if bytes.LastIndexByte(f.words[3], '.') > bytes.LastIndexByte(f.words[3], ':') {
		return s.bsdRow(5 + used)
	}
	return s.linuxRow(5 + used)
}

// stateAt reads the state in word i and says how many words it took: Czech
// writes LAST_ACK as two.
func (s *scanner) stateAt(i int) (tcp.State, int) {
	if state, ok := stateOf(s.f.word(i)); ok {
		return state, 1
	}
	if state, ok := stateOf(s.f.between(i, i+2)); ok {
		return state, 2
	}
	return tcp.Unknown, 0
}

func unknownState(word []byte) string {
	return fmt.Sprintf("%q is no state in any known language", clip(word))
}

func badAddress(word []byte) string { return fmt.Sprintf("%q is no address with a port", clip(word)) }

// clip bounds what a message repeats of the text.
func clip(word []byte) []byte { return word[:min(len(word), 64)] }
