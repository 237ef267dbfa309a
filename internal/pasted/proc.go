package pasted

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Columns of /proc/net/tcp.
const (
	procLocal = 1 + iota
	procRemote
	procState
	procQueues  // tx_queue:rx_queue
	procTimer   // tr:tm->when, in ticks
	procRetrans // retrnsmt
	procUID
	procProbes // timeout
	procInode
)

// tick is USER_HZ, which is 100 on every architecture that runs servers.
const tick = 10 * time.Millisecond

func isProcSlot(b []byte) bool {
	return len(b) > 1 && b[len(b)-1] == ':' && isNumber(b[:len(b)-1])
}

// isHexEnd: 8 or 32 hexadecimal digits, a colon, 4 more.
func isHexEnd(b []byte) bool {
	if len(b) != 13 && len(b) != 37 || b[len(b)-5] != ':' {
		return false
	}
	for i, c := range b {
		if i != len(b)-5 && hexDigit(c) > 15 {
			return false
		}
	}
	return true
}

// procRow reads a row of /proc/net/tcp or tcp6.
func (s *scanner) procRow() string {
	f := &s.f
	if len(f.words) <= procInode {
		return "cut short: a row of /proc/net/tcp has at least ten columns"
	}
	local, remote := f.words[procLocal], f.words[procRemote]
	if !isHexEnd(remote) || len(remote) != len(local) {
		return badAddress(remote)
	}
	number, ok := hexadecimal(f.words[procState])
	state, kind := host.StateOfLinux(uint8(number))
	if !ok || number > 255 || state == tcp.Unknown {
		return fmt.Sprintf("%q is no state number", clip(f.words[procState]))
	}
	s.row.Tool = Proc
	s.row.Socket.State, s.row.Socket.Kind = state, kind
	s.style.endianVotes += endianVote(local)
	s.setEnds(s.procEnd(local), s.procEnd(remote))
	return s.procFacts()
}

func (s *scanner) procFacts() string {
	f := &s.f
	socket := &s.row.Socket
	tx, rx, ok := hexPair(f.words[procQueues])
	timer, left, ok2 := hexPair(f.words[procTimer])
	retransmits, ok3 := hexadecimal(f.words[procRetrans])
	uid, ok4 := u32(f.words[procUID])
	probes, ok5 := decimal(f.words[procProbes], 1<<32)
	inode, ok6 := u32(f.words[procInode])
	if !ok || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
		return "a queue, timer, uid or inode is no number"
	}
	socket.SendQueue, socket.RecvQueue = uint32(tx), uint32(rx)
	socket.UID, socket.Inode = uid, inode
	socket.Timer = procTimers[min(timer, uint64(len(procTimers)-1))]
	if socket.Timer != host.TimerOff {
		socket.Expires = time.Duration(int32(max(int64(int32(left)), 0))) * tick
		socket.Retransmits = saturated(retransmits)
	}
	if socket.Timer == host.TimerKeepalive || socket.Timer == host.TimerProbe {
		socket.Retransmits = saturated(probes)
	}
	k := &s.text.Knows
	k.Timers, k.Inodes, k.UIDs = true, true, true
	k.Queues = k.Queues || socket.State != tcp.Listen
	k.AcceptQueues = k.AcceptQueues || socket.State == tcp.Listen
	return ""
}

// procTimers are the numbers of the column tr; a number to come means unknown.
var procTimers = [...]host.Timer{host.TimerOff, host.TimerRetransmit, host.TimerKeepalive, host.TimerTimeWait, host.TimerProbe, host.TimerOff}

// hexPair reads two hexadecimal numbers of 32 bits with a colon between.
func hexPair(b []byte) (first, second uint64, ok bool) {
	left, right, found := cutAt(b, ':')
	first, ok1 := hexadecimal(left)
	second, ok2 := hexadecimal(right)
	return first, second, found && ok1 && ok2 && first>>32 == 0 && second>>32 == 0
}

// procEnd reads an address that the kernel printed as numbers of its own byte
// order, 32 bits each; the port is a plain number.
func (s *scanner) procEnd(b []byte) end {
	var raw [16]byte
	hex := b[:len(b)-5]
	for i := 0; i < len(hex); i += 8 {
		word, _ := hexadecimal(hex[i : i+8])
		if s.style.bigEndian {
			binary.BigEndian.PutUint32(raw[i/2:], uint32(word))
		} else {
			binary.LittleEndian.PutUint32(raw[i/2:], uint32(word))
		}
	}
	port, _ := hexadecimal(b[len(b)-4:])
	addr := netip.AddrFrom16(raw).Unmap()
	if len(hex) == 8 {
		addr = netip.AddrFrom4([4]byte(raw[:4]))
	}
	return end{at: netip.AddrPortFrom(addr, uint16(port))}
}

// endianVote is 1 for an address that shows a big-endian host, -1 for one that
// shows a little-endian host, 0 for one that could be either. Loopback, mapped
// IPv4 and link-local addresses make no sense the other way round.
func endianVote(b []byte) int {
	hex := string(b[:len(b)-5])
	for _, known := range orders {
		switch {
		case strings.HasPrefix(hex, known.big):
			return 1
		case strings.HasPrefix(hex, known.little):
			return -1
		}
	}
	return 0
}

var orders = []struct{ big, little string }{
	{"7F000001", "0100007F"},
	{"00000000000000000000000000000001", "00000000000000000000000001000000"},
	{"00000000000000000000FFFF", "0000000000000000FFFF0000"},
	{"FE80000000000000", "000080FE00000000"},
}
