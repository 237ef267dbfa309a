package sockdiag

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// numbered returns a tcp_info in which each byte tells its own offset, so that
// a wrong offset shows as a wrong number.
func numbered(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// at is the little-endian number that numbered holds at an offset; the tests
// run on little-endian machines, as the recorded messages do.
func at(offset, size int) (n uint64) {
	for i := range size {
		n |= uint64(byte(offset+i)) << (8 * i)
	}
	return n
}

func TestParseInfoOffsets(t *testing.T) {
	var got host.Info
	parseInfo(numbered(248), &got)
	us := func(offset int) time.Duration { return time.Duration(at(offset, 4)) * time.Microsecond }
	ms := func(offset int) time.Duration { return time.Duration(at(offset, 4)) * time.Millisecond }
	want := host.Info{
		Retransmits: 2, Probes: 3, Backoff: 4, Options: 5,
		RTO: us(8), SendMSS: uint32(at(16, 4)), RecvMSS: uint32(at(20, 4)), Unacked: uint32(at(24, 4)), Sacked: uint32(at(28, 4)),
		LastDataSent: ms(44), LastDataRecv: ms(52), LastAckRecv: ms(56), PMTU: uint32(at(60, 4)), RTT: us(68), RTTVariance: us(72),
		CongestionWin: uint32(at(80, 4)), TotalRetrans: uint32(at(100, 4)), BytesAcked: at(120, 8), BytesReceived: at(128, 8),
		SegmentsOut: uint32(at(136, 4)), SegmentsIn: uint32(at(140, 4)), NotSent: uint32(at(144, 4)), MinRTT: us(148),
		DeliveryRate: at(160, 8), BusyTime: longest, WindowLimited: longest, BufferLimited: longest,
		BytesSent: at(200, 8), SendWindow: uint32(at(228, 4)), HasSendWindow: true,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// longest is the largest whole number of microseconds in a Duration.
const longest = time.Duration(1<<63-1) / time.Microsecond * time.Microsecond

// Old kernels wrote less: what is missing stays zero.
func TestParseInfoOfOldKernels(t *testing.T) {
	for _, test := range []struct {
		kernel string
		size   int
		check  func(host.Info) bool
	}{
		{"2.6.32", 104, func(i host.Info) bool { return i.TotalRetrans != 0 && i.BytesAcked == 0 && i.MinRTT == 0 }},
		{"4.1", 136, func(i host.Info) bool { return i.BytesReceived != 0 && i.SegmentsOut == 0 }},
		{"4.6", 160, func(i host.Info) bool { return i.MinRTT != 0 && i.DeliveryRate == 0 }},
		{"4.19", 224, func(i host.Info) bool { return i.BytesSent != 0 && !i.HasSendWindow && i.SendWindow == 0 }},
		{"5.4", 232, func(i host.Info) bool { return i.HasSendWindow && i.SendWindow != 0 }},
		{"nothing", 0, func(i host.Info) bool { return i == host.Info{} }},
		{"cut inside tcpi_snd_wnd", 231, func(i host.Info) bool { return !i.HasSendWindow }},
	} {
		var info host.Info
		parseInfo(numbered(test.size), &info)
		if !test.check(info) {
			t.Errorf("%s: %+v", test.kernel, info)
		}
	}
}

func TestParseInfoWithoutMinRTT(t *testing.T) {
	b := numbered(232)
	copy(b[148:], []byte{0xff, 0xff, 0xff, 0xff})
	var info host.Info
	parseInfo(b, &info)
	if info.MinRTT != 0 {
		t.Errorf("the absence of a sample became %v", info.MinRTT)
	}
}

func TestParseMemory(t *testing.T) {
	var got host.Memory
	word := func(i int) uint32 { return uint32(at(4*i, 4)) }
	parseMemory(numbered(36), &got)
	want := host.Memory{RecvAlloc: word(0), RecvBuffer: word(1), SendAlloc: word(2), SendBuffer: word(3), Forward: word(4),
		SendQueued: word(5), Options: word(6), Backlog: word(7), Drops: word(8)}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got = host.Memory{}
	parseMemory(numbered(32), &got) // before 4.7 without drops
	if want.Drops = 0; got != want {
		t.Errorf("old kernel: got %+v, want %+v", got, want)
	}
}
