package tcp

import "net/netip"

// emit sends a segment of the connection, with the options that belong to it.
func (e *Endpoint) emit(seg Segment, text []byte) {
	if e.silent(&seg, text) {
		return
	}
	seg.Data, seg.Window = Size(len(text)), e.windowField(seg.Flags)
	if seg.Flags.Has(ACK) {
		e.stamps.lastACK = seg.Ack
	}
	p := Packet{Source: e.local, Destination: e.foreign, Segment: seg, Text: text}
	e.addOptions(&p)
	e.put(p)
}

// silent does what NeverACK and OldACK say to SEG.ACK, and tells whether nothing
// is to be sent at all.
func (e *Endpoint) silent(seg *Segment, text []byte) bool {
	m := e.cfg.Misbehaviour
	if !seg.Flags.Has(ACK) {
		return false
	}
	if m.NeverACK || m.OldACK {
		seg.Ack = e.receive.frozen
	}
	return m.NeverACK && len(text) == 0 && !seg.Flags.Any(SYN|FIN)
}

// windowField is RCV.WND as the header carries it.
func (e *Endpoint) windowField(f Flags) Size {
	switch {
	case f.Has(RST):
		return 0
	case f.Has(SYN):
		return min(e.v.RCV.WND, 65535)
	default:
		return min(e.v.RCV.WND>>e.receive.shift, 65535)
	}
}

// addOptions offers on a SYN what the configuration says and answers on a
// SYN,ACK only what the peer offered.
func (e *Endpoint) addOptions(p *Packet) {
	flags := p.Segment.Flags
	first := flags.Has(SYN) && !flags.Has(ACK)
	if flags.Has(RST) {
		return
	}
	if flags.Has(SYN) {
		p.Options = Options{MSS: e.cfg.MSS, SACKPermitted: e.cfg.SACK && (first || e.send.sack)}
		if e.cfg.WindowScaling && (first || e.send.scaling) {
			p.Options.WindowScale = WindowScale{true, e.offeredShift()}
		}
	}
	if e.stamps.agreed || first && e.cfg.Timestamps {
		p.Segment.Timestamp = Timestamp{true, e.stamps.clock(e.now)}
	}
	if e.stamps.agreed && flags.Has(ACK) {
		p.Options.Echo = e.stamps.recent.Value
	}
}

// offeredShift is the smallest with which the header can say the whole buffer.
func (e *Endpoint) offeredShift() (shift uint8) {
	for e.cfg.ReceiveBuffer>>shift > 65535 {
		shift++
	}
	return shift
}

// reply answers the arrived segment itself, between the sockets that it names.
func (e *Endpoint) reply(seg Segment) {
	e.put(Packet{Source: e.in.Packet.Destination, Destination: e.in.Packet.Source, Segment: seg})
}

func (e *Endpoint) put(p Packet) {
	p.Source = e.sourceOf(p)
	e.note(Effect{Kind: SendPacket, Packet: p})
}

func (e *Endpoint) sourceOf(p Packet) netip.AddrPort {
	m := e.cfg.Misbehaviour
	switch {
	case m.SpoofSource.IsValid():
		return m.SpoofSource
	case m.AnswerFrom.IsValid() && e.v.FromPassive:
		return m.AnswerFrom
	default:
		return p.Source
	}
}
