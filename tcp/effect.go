package tcp

import (
	"fmt"
	"net/netip"
	"time"
)

// Incident is one thing that happens to an Endpoint: an Event, with what it
// brings along.
type Incident struct {
	Event   Event
	Packet  Packet         // SegmentArrives
	Text    []byte         // CallSend: octets to be sent; they are copied
	Size    Size           // CallReceive: the most octets wanted, 0: whatever is there
	Foreign netip.AddrPort // CallActiveOpen, CallSend in LISTEN: the foreign socket
}

// EffectKind says which of the fields of an Effect are filled.
type EffectKind uint8

// What a step of an Endpoint or Listener asks of its caller, or tells it.
const (
	RowTaken     EffectKind = iota + 1 // Row was taken; the effects behind it carry it out
	SendPacket                         // Packet is to be sent
	DeliverData                        // Text goes to the user
	StartTimer                         // Timer is to fire at At; it replaces the one that runs
	StopTimer                          // Timer is not to fire any more
	TellUser                           // Word is told to the user, Count calls are concerned
	IgnorePacket                       // the arrived segment is not looked at, because of Why
)

var effectNames = [...]string{
	RowTaken: "row", SendPacket: "send", DeliverData: "deliver", StartTimer: "start",
	StopTimer: "stop", TellUser: "tell", IgnorePacket: "ignore",
}

// Effect is one outcome of a step.
type Effect struct {
	Kind  EffectKind
	Peer  netip.AddrPort // the foreign socket of the end concerned, if it has one
	Row   Row            // RowTaken: From and To are the states before and after
	Timer Event          // StartTimer, StopTimer: the event to be given to Step
	At    time.Duration  // StartTimer: when, on the scale of Step's now
	Word  Actions        // TellUser: one of the actions from SignalClosing on, AnswerClose or ReportState
	Count int            // TellUser: how many queued calls fail, else 0
	Why   string         // IgnorePacket

	Packet Packet // SendPacket: its Text is never written to again
	Text   []byte // DeliverData: good until the next step
}

// String says the effect in one line: "send <SEQ=100><CTL=SYN>".
func (f Effect) String() string {
	if int(f.Kind) >= len(effectNames) || f.Kind == 0 {
		return fmt.Sprintf("Effect(%d)", f.Kind)
	}
	return effectNames[f.Kind] + " " + f.object()
}

func (f Effect) object() string {
	switch f.Kind {
	case RowTaken:
		return f.Row.ID + ": " + Edge{f.Row.From, f.Row.To}.String()
	case SendPacket:
		return f.Packet.String()
	case DeliverData:
		return fmt.Sprintf("%q", f.Text)
	case StartTimer:
		return fmt.Sprintf("%v at %v", f.Timer, f.At)
	case StopTimer:
		return f.Timer.String()
	case TellUser:
		return f.Word.String()
	case IgnorePacket:
		return f.Why
	}
	return ""
}
