package pasted

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// ssWord reads one word of -e or -i, "key:value" or a bare word, and returns
// what follows: a few keys have their value in the next word.
func (s *scanner) ssWord(word, after []byte) []byte {
	key, value, found := cutAt(word, ':')
	if read := identityWords[string(key)]; found && read != nil {
		read(s, value)
		return after
	}
	info := &s.row.Socket.Info
	switch {
	case found && infoWords[string(key)] != nil:
		infoWords[string(key)](info, value)
	case string(key) == "delivery_rate" && !found:
		value, after = nextWord(after)
		info.DeliveryRate = rate(value)
	case found || optionWords[string(key)] == 0:
		return after // another word
	default:
		info.Options |= optionWords[string(key)]
		return after // too common a word to prove -i
	}
	s.row.Socket.HasInfo, s.text.Knows.Info = true, true
	return after
}

// identityWords are the words of -e.
var identityWords = map[string]func(*scanner, []byte){
	"uid": func(s *scanner, v []byte) { s.row.Socket.UID, _ = u32(v) },
	"ino": func(s *scanner, v []byte) {
		inode, ok := u32(v)
		s.row.Socket.Inode = inode
		s.text.Knows.Inodes = s.text.Knows.Inodes || ok
		s.text.Knows.UIDs = s.text.Knows.UIDs || ok // root's is not printed
	},
	"sk": func(s *scanner, v []byte) {
		cookie, ok := hexadecimal(v)
		s.row.Socket.Cookie = cookie
		s.text.Knows.Cookies = s.text.Knows.Cookies || ok
	},
	"fwmark": func(s *scanner, v []byte) {
		mark, _ := hexadecimal(bytes.TrimPrefix(v, []byte("0x")))
		s.row.Socket.Mark = uint32(min(mark, math.MaxUint32))
	},
	"v6only": func(s *scanner, v []byte) { s.row.Socket.V6Only = string(v) == "1" },
}

// optionWords are the bits of tcpi_options.
var optionWords = map[string]uint8{"ts": 1, "sack": 2, "ecn": 8}

// infoWords are the words of -i that explain a state. Times without a unit are
// milliseconds.
var infoWords = map[string]func(*host.Info, []byte){
	"wscale":         func(i *host.Info, _ []byte) { i.Options |= 4 },
	"rto":            func(i *host.Info, v []byte) { i.RTO = amount(v, time.Millisecond) },
	"minrtt":         func(i *host.Info, v []byte) { i.MinRTT = amount(v, time.Millisecond) },
	"lastsnd":        func(i *host.Info, v []byte) { i.LastDataSent = amount(v, time.Millisecond) },
	"lastrcv":        func(i *host.Info, v []byte) { i.LastDataRecv = amount(v, time.Millisecond) },
	"lastack":        func(i *host.Info, v []byte) { i.LastAckRecv = amount(v, time.Millisecond) },
	"busy":           func(i *host.Info, v []byte) { i.BusyTime = amount(v, time.Millisecond) },
	"rwnd_limited":   func(i *host.Info, v []byte) { i.WindowLimited = amount(v, time.Millisecond) },
	"sndbuf_limited": func(i *host.Info, v []byte) { i.BufferLimited = amount(v, time.Millisecond) },
	"mss":            func(i *host.Info, v []byte) { i.SendMSS, _ = u32(v) },
	"rcvmss":         func(i *host.Info, v []byte) { i.RecvMSS, _ = u32(v) },
	"pmtu":           func(i *host.Info, v []byte) { i.PMTU, _ = u32(v) },
	"cwnd":           func(i *host.Info, v []byte) { i.CongestionWin, _ = u32(v) },
	"unacked":        func(i *host.Info, v []byte) { i.Unacked, _ = u32(v) },
	"sacked":         func(i *host.Info, v []byte) { i.Sacked, _ = u32(v) },
	"notsent":        func(i *host.Info, v []byte) { i.NotSent, _ = u32(v) },
	"segs_in":        func(i *host.Info, v []byte) { i.SegmentsIn, _ = u32(v) },
	"segs_out":       func(i *host.Info, v []byte) { i.SegmentsOut, _ = u32(v) },
	"bytes_sent":     func(i *host.Info, v []byte) { i.BytesSent, _ = decimal(v, math.MaxUint64) },
	"bytes_acked":    func(i *host.Info, v []byte) { i.BytesAcked, _ = decimal(v, math.MaxUint64) },
	"bytes_received": func(i *host.Info, v []byte) { i.BytesReceived, _ = decimal(v, math.MaxUint64) },
	"backoff":        func(i *host.Info, v []byte) { n, _ := decimal(v, 1<<32); i.Backoff = saturated(n) },
	"snd_wnd":        func(i *host.Info, v []byte) { i.SendWindow, i.HasSendWindow = u32(v) },
	"rtt": func(i *host.Info, v []byte) {
		mean, variance, _ := cutAt(v, '/')
		i.RTT, i.RTTVariance = amount(mean, time.Millisecond), amount(variance, time.Millisecond)
	},
	"retrans": func(i *host.Info, v []byte) { // in flight / over the connection's life
		_, total, _ := cutAt(v, '/')
		i.TotalRetrans, _ = u32(total)
	},
}

// rate reads bits a second, "11.1Mbps", as bytes a second.
func rate(v []byte) uint64 {
	v = v[:min(len(v), 32)]
	unit := strings.TrimLeft(string(v), "0123456789.")
	scale := map[string]float64{"bps": 1, "Kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9, "Tbps": 1e12}[unit]
	bits, err := strconv.ParseFloat(string(v[:len(v)-len(unit)]), 64)
	if err != nil {
		return 0
	}
	return uint64(min(bits*scale/8, 1<<62))
}

// ssMemory reads "r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0".
func (s *scanner) ssMemory(b []byte) {
	socket := &s.row.Socket
	socket.HasMemory, s.text.Knows.Memory = true, true
	for len(b) > 0 {
		var item []byte
		item, b, _ = cutAt(b, ',')
		digits := bytes.IndexAny(item, "0123456789")
		if digits < 0 {
			continue
		}
		if field := memoryField(&socket.Memory, string(item[:digits])); field != nil {
			*field, _ = u32(item[digits:])
		}
	}
}

func memoryField(m *host.Memory, key string) *uint32 {
	switch key {
	case "r":
		return &m.RecvAlloc
	case "rb":
		return &m.RecvBuffer
	case "t":
		return &m.SendAlloc
	case "tb":
		return &m.SendBuffer
	case "f":
		return &m.Forward
	case "w":
		return &m.SendQueued
	case "o":
		return &m.Options
	case "bl":
		return &m.Backlog
	case "d":
		return &m.Drops
	}
	return nil
}
