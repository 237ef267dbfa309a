package main

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// noted feeds so many packets of a source to notes, and returns what was said of
// each that something was said of.
func noted(n *captureNotes, source traffic.Source, packets int, apart int64) (notes []string) {
	var s packet.Segment
	for i := range packets {
		source.Next(&s)
		b := traffic.AppendFrame(nil, &s)
		f := packet.Frame{Data: b, Length: len(b), Link: packet.LinkEthernet, Number: uint64(i + 1), Time: traffic.Start + int64(i)*apart}
		if note := n.of(&f); note != nil {
			notes = append(notes, string(note))
		}
	}
	n.end()
	return notes
}

// TestNotesOfConnections: the packets of a handshake say its states, and healthy
// traffic shows no cause.
func TestNotesOfConnections(t *testing.T) {
	n := newCaptureNotes(true, explain.English)
	notes := noted(n, traffic.NewConnections(5, 4), 400, 1e6)
	all := strings.Join(notes, "\n")
	for _, want := range []string{
		"synoptic: connection 1, originator SYN-SENT, responder not heard",
		"synoptic: connection 1, originator SYN-SENT, responder SYN-RECEIVED",
		"synoptic: connection 1, originator SYN-SENT to ESTABLISHED, responder SYN-RECEIVED to ESTABLISHED",
		"ESTABLISHED to CLOSE-WAIT",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
			break
		}
	}
	if len(notes) > 300 || len(n.found()) > 0 {
		t.Errorf("%d notes of 400 packets, causes %v", len(notes), n.found())
	}
}

// TestNotesOfFlood: a flood is found while it goes on, told once, and not where
// the answers may have been left out.
func TestNotesOfFlood(t *testing.T) {
	for _, whole := range []bool{true, false} {
		n := newCaptureNotes(whole, explain.English)
		notes := noted(n, traffic.NewFlood(3), 30_000, 1e6)
		told := strings.Count(strings.Join(notes, "\n"), "synoptic: finding syn-flood (")
		if whole != (told == 1) || whole != (len(n.found()) == 1) {
			t.Errorf("whole %v: told %d times, %q", whole, told, n.found())
		}
	}
}

// TestNotesInChinese: comments are in the language, states and codes in no other.
func TestNotesInChinese(t *testing.T) {
	for l, want := range map[explain.Language][]string{
		explain.Simplified:  {"连接 1，发起方：SYN-SENT，响应方：未见", "发起方：SYN-SENT 变为 ESTABLISHED，响应方：SYN-RECEIVED 变为 ESTABLISHED", "发现项 syn-flood（"},
		explain.Traditional: {"連線 1，發起方：SYN-SENT，回應方：未見", "發起方：SYN-SENT 變為 ESTABLISHED，回應方：SYN-RECEIVED 變為 ESTABLISHED", "發現項 syn-flood（"},
	} {
		all := strings.Join(append(noted(newCaptureNotes(true, l), traffic.NewConnections(5, 4), 400, 1e6),
			noted(newCaptureNotes(true, l), traffic.NewFlood(3), 30_000, 1e6)...), "\n")
		for _, text := range want {
			if !strings.Contains(all, text) {
				t.Errorf("%s: no %q in\n%.600s", l, text, all)
			}
		}
	}
}

// TestNotesAreBounded: memory is short long before a flood ends, and the notes
// go on with what has a record.
func TestNotesAreBounded(t *testing.T) {
	n := newCaptureNotes(true, explain.English)
	n.whole = false // looking for causes is not what this is about
	if notes := noted(n, traffic.NewFlood(4), 100_000, 25_000); len(notes) == 0 || len(notes) > 60_000 {
		t.Errorf("%d notes", len(notes))
	}
}

// TestNotesSpareTheHost: comments end where packets come too fast, and the end says
// so.
func TestNotesSpareTheHost(t *testing.T) {
	n := newCaptureNotes(true, explain.English)
	notes := noted(n, traffic.NewConnections(4, 100), 200_000, 5000)
	if found := n.found(); len(notes) == 0 || len(notes) > mostNoted || len(found) != 1 || !strings.Contains(found[0], "to spare the host") {
		t.Errorf("%d notes, %q", len(notes), found)
	}
}

func BenchmarkNotes(b *testing.B) {
	n := newCaptureNotes(true, explain.English)
	source := traffic.NewConnections(5, 1000)
	var s packet.Segment
	f := packet.Frame{Link: packet.LinkEthernet}
	for i := 0; b.Loop(); i++ {
		source.Next(&s)
		f.Data = traffic.AppendFrame(f.Data[:0], &s)
		f.Length, f.Number, f.Time = len(f.Data), uint64(i+1), traffic.Start+int64(i)*25_000
		n.of(&f)
	}
}

// BenchmarkNotesOfBulk is of bulk data, with one handshake among 44 packets.
func BenchmarkNotesOfBulk(b *testing.B) {
	n := newCaptureNotes(true, explain.English)
	source := traffic.NewConnections(6, 2000)
	f := packet.Frame{Link: packet.LinkEthernet}
	bulk := packet.Segment{
		Tuple: packet.Tuple{Source: packet.Address4(0x0a000001), Destination: packet.Address4(0x0a000002), SourcePort: 9, DestinationPort: 80},
		TCP:   tcp.Segment{Seq: 1, Ack: 1, Flags: tcp.ACK, Window: 502, Data: 1448},
	}
	large := traffic.AppendFrame(nil, &bulk)[:headersOf]
	var s packet.Segment
	for i := 0; b.Loop(); i++ {
		if i%4 == 0 { // eleven packets a connection: 4,500 handshakes among 200,000 packets
			source.Next(&s)
			f.Data = traffic.AppendFrame(f.Data[:0], &s)
			f.Length = len(f.Data)
		} else {
			bulk.TCP.Seq = bulk.TCP.Seq.Add(1448)
			f.Data = append(f.Data[:0], large...)
			binary.BigEndian.PutUint32(f.Data[38:], uint32(bulk.TCP.Seq))
			f.Length = 1502
		}
		f.Number, f.Time = uint64(i+1), traffic.Start+int64(i)*25_000
		n.of(&f)
	}
}
