package kernel

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
)

// way is what a connection has to be like to come as far as a rule.
type way struct {
	host.Published
	ports []span // in addition to First and Last, when a rule names several
}

type span struct{ first, last uint16 }

// spans returns the ports that must have been dialled.
func (w *way) spans() []span {
	if len(w.ports) == 0 {
		return []span{{w.First, w.Last}}
	}
	var list []span
	for _, s := range w.ports {
		list = append(list, span{max(s.first, w.First), min(s.last, w.Last)})
	}
	return list
}

// without takes away what a rule with conditions took before. Only an interface
// can be noted so. One that takes all but some leaves next to nothing behind; one
// that takes some leaves the others.
func (w *way) without(r *natRule) {
	some := r.First != w.First || r.Last != w.Last || len(r.ports) > 0 || r.In != w.In || r.From != w.From || r.To != w.To
	switch {
	case r.onlyIn:
		w.NotIn = r.In
	case r.broad && !some:
		w.Narrowed = true
	}
}

// natRule reads one rule: its conditions, and what it does.
type natRule struct {
	way
	walk  *natWalk
	table *nftables.Table

	registers map[uint32]loaded
	values    map[uint32][]byte

	dead        bool // it takes no TCP connection that comes this way
	conditional bool
	onlyIn      bool // the only condition is an interface
	broad       bool // a condition says who is not meant, and not who is
	ends        bool // what it takes goes no further in this chain
	mapped      bool // it leads elsewhere by a map
	jump        string
}

// field is what a register was loaded with.
type field int

const (
	unreadField field = iota
	freeField         // says nothing about who may come
	protocolField
	sourceField
	destinationField
	portField
	inField
	inIndexField
	typeField
)

type loaded struct {
	field field
	bits  int // of an address that are compared
}

func (r *natRule) read(exprs []expr.Any) {
	r.registers, r.values = map[uint32]loaded{}, map[uint32][]byte{}
	for _, e := range exprs {
		if !r.action(e) {
			r.condition(e)
		}
		if r.dead {
			return
		}
	}
}

// action reads what a rule does; false if the expression is a condition.
func (r *natRule) action(e expr.Any) bool {
	switch e := e.(type) {
	case *expr.Immediate:
		r.values[e.Register] = e.Data
	case *expr.NAT:
		r.nat(e)
	case *expr.Verdict:
		switch e.Kind {
		case expr.VerdictJump, expr.VerdictGoto:
			r.jump, r.ends = e.Chain, e.Kind == expr.VerdictGoto
		case expr.VerdictAccept, expr.VerdictDrop, expr.VerdictReturn:
			r.ends = true
		}
	case *expr.Redir, *expr.Masq, *expr.Queue, *expr.Reject:
		r.ends = true
	case *expr.Counter:
		r.Counts, r.Packets = true, e.Packets
	case *expr.Target:
		r.target(e)
	case *expr.Log, *expr.Limit, *expr.Numgen, *expr.Hash:
		r.share(e)
	default:
		return false
	}
	return true
}

// share reads what takes some of the connections, no matter whose they are.
func (r *natRule) share(e expr.Any) {
	if g, ok := e.(*expr.Numgen); ok {
		r.registers[g.Register] = loaded{field: freeField}
	}
	if h, ok := e.(*expr.Hash); ok {
		r.registers[h.DestRegister] = loaded{field: freeField}
	}
	r.conditional = true
}

func (r *natRule) nat(e *expr.NAT) {
	r.ends = true
	if e.Type != expr.NATTypeDestNAT {
		return
	}
	addr, ok := netip.AddrFromSlice(r.values[e.RegAddrMin])
	if !ok {
		r.mapped = true
		return
	}
	port := uint16(0)
	if value := r.values[e.RegProtoMin]; e.RegProtoMin != 0 && len(value) >= 2 {
		port = binary.BigEndian.Uint16(value)
	}
	r.Target = netip.AddrPortFrom(addr.Unmap(), port)
}

// condition reads what a rule asks for.
func (r *natRule) condition(e expr.Any) {
	switch e := e.(type) {
	case *expr.Meta:
		r.registers[e.Register] = loaded{field: metaField(e.Key)}
	case *expr.Payload:
		r.registers[e.DestRegister] = payloadField(e)
	case *expr.Fib:
		what := unreadField
		if e.ResultADDRTYPE && e.FlagDADDR {
			what = typeField
		}
		r.registers[e.Register] = loaded{field: what}
	case *expr.Ct:
		what := unreadField
		if e.Key == expr.CtKeySTATE {
			what = freeField // a connection that begins is new to everybody
		}
		r.registers[e.Register] = loaded{field: what}
	case *expr.Bitwise:
		l := r.registers[e.SourceRegister]
		l.bits = maskBits(e.Mask)
		r.registers[e.DestRegister] = l
	case *expr.Cmp:
		r.compare(r.registers[e.Register], e.Op, e.Data)
	case *expr.Range:
		r.between(r.registers[e.Register], e)
	case *expr.Lookup:
		r.lookup(e)
	case *expr.Match:
		r.match(e)
	default:
		r.conditional, r.Narrowed = true, true
	}
}

func metaField(key expr.MetaKey) field {
	switch key {
	case expr.MetaKeyL4PROTO:
		return protocolField
	case expr.MetaKeyIIFNAME:
		return inField
	case expr.MetaKeyIIF:
		return inIndexField
	case expr.MetaKeyNFPROTO, expr.MetaKeyPROTOCOL:
		return freeField // the addresses tell
	default:
		return unreadField
	}
}

// payloadField knows the headers by their offsets (RFC 791, 3.1; RFC 8200, 3; RFC
// 9293, 3.1): those of the two families do not meet.
func payloadField(e *expr.Payload) loaded {
	network := e.Base == expr.PayloadBaseNetworkHeader
	bits := int(e.Len) * 8
	switch {
	case e.Base == expr.PayloadBaseTransportHeader && e.Offset == 2 && e.Len == 2:
		return loaded{field: portField}
	case network && e.Len == 1 && (e.Offset == 9 || e.Offset == 6):
		return loaded{field: protocolField}
	case network && (e.Offset == 12 && e.Len <= 4 || e.Offset == 8 && e.Len > 1):
		return loaded{sourceField, bits}
	case network && (e.Offset == 16 && e.Len <= 4 || e.Offset == 24):
		return loaded{destinationField, bits}
	default:
		return loaded{}
	}
}

// compare narrows the way by "field op data".
func (r *natRule) compare(l loaded, op expr.CmpOp, data []byte) {
	was := r.conditional
	r.conditional, r.onlyIn = true, false
	if op == expr.CmpOpNeq {
		r.differs(l.field, data)
		return
	}
	switch {
	case l.field == portField && len(data) >= 2:
		r.port(op, binary.BigEndian.Uint16(data))
	case op != expr.CmpOpEq || l.field == unreadField:
		r.Narrowed = true
	case l.field == protocolField:
		r.dead = r.dead || len(data) > 0 && data[0] != unix.IPPROTO_TCP
		r.conditional = was // of TCP, which alone is asked about, it takes all
	case l.field == sourceField:
		r.From = narrower(r.From, data, l.bits)
	case l.field == destinationField:
		r.To = narrower(r.To, data, l.bits)
	case l.field == inField, l.field == inIndexField:
		r.In, r.onlyIn = r.interfaceName(l.field, data), !was
	case l.field == typeField:
		r.dead = r.dead || !bytes.Equal(data, binary.NativeEndian.AppendUint32(nil, unix.RTN_LOCAL))
	}
}

// differs reads a condition of who is not meant.
func (r *natRule) differs(f field, data []byte) {
	switch f {
	case protocolField:
		r.dead = r.dead || len(data) > 0 && data[0] == unix.IPPROTO_TCP
	case inField, inIndexField:
		r.NotIn, r.broad = r.interfaceName(f, data), true
	case typeField:
		r.Narrowed = true
	default: // all but some remain
		r.broad = true
	}
}

func (r *natRule) port(op expr.CmpOp, port uint16) {
	switch op {
	case expr.CmpOpEq:
		r.First, r.Last = max(r.First, port), min(r.Last, port)
	case expr.CmpOpGte:
		r.First = max(r.First, port)
	case expr.CmpOpGt:
		r.dead = r.dead || port == 65535
		r.First = max(r.First, port+1)
	case expr.CmpOpLte:
		r.Last = min(r.Last, port)
	case expr.CmpOpLt:
		r.dead = r.dead || port == 0
		r.Last = min(r.Last, port-1)
	}
	r.dead = r.dead || r.First > r.Last
}

func (r *natRule) between(l loaded, e *expr.Range) {
	r.conditional, r.onlyIn = true, false
	switch {
	case e.Op == expr.CmpOpNeq:
		r.broad = true
	case l.field == portField && len(e.FromData) >= 2 && len(e.ToData) >= 2:
		r.port(expr.CmpOpGte, binary.BigEndian.Uint16(e.FromData))
		r.port(expr.CmpOpLte, binary.BigEndian.Uint16(e.ToData))
	default:
		r.Narrowed = true
	}
}

// lookup reads "field in set"; of sets only those of ports are looked into.
func (r *natRule) lookup(e *expr.Lookup) {
	l := r.registers[e.SourceRegister]
	r.conditional, r.onlyIn = true, false
	switch {
	case e.IsDestRegSet: // a map: what it gives is not known
		r.mapped = r.mapped || e.DestRegister == 0
		r.registers[e.DestRegister] = loaded{}
		delete(r.values, e.DestRegister)
	case e.Invert:
		r.broad = true
	case l.field == portField:
		r.ports = portSpans(r.walk.elements(r.table, e))
		r.Narrowed = r.Narrowed || len(r.ports) == 0
	case l.field != freeField && l.field != protocolField:
		r.Narrowed = true
	}
}

// portSpans reads the ports of a set: single ones, or ranges, of which each end is
// an element of its own, the first port that is not meant.
func portSpans(elements []nftables.SetElement) (list []span) {
	for _, e := range elements {
		if len(e.Key) < 2 {
			continue
		}
		port := binary.BigEndian.Uint16(e.Key)
		switch {
		case e.IntervalEnd:
			continue
		case len(e.KeyEnd) >= 2:
			list = append(list, span{port, binary.BigEndian.Uint16(e.KeyEnd)})
		default:
			list = append(list, span{port, lastBefore(port, elements)})
		}
	}
	return list
}

// lastBefore returns the last port of the range that begins at a port: the port
// itself where the set has no ranges.
func lastBefore(port uint16, elements []nftables.SetElement) uint16 {
	last, ranges := uint16(65535), false
	for _, e := range elements {
		if !e.IntervalEnd || len(e.Key) < 2 {
			continue
		}
		ranges = true
		if end := binary.BigEndian.Uint16(e.Key); end > port {
			last = min(last, end-1)
		}
	}
	if !ranges {
		return port
	}
	return last
}

func (r *natRule) interfaceName(f field, data []byte) string {
	if f == inIndexField && len(data) == 4 {
		return r.walk.names[int(binary.NativeEndian.Uint32(data))]
	}
	name, whole := strings.CutSuffix(string(data), "\x00")
	name = strings.TrimRight(name, "\x00")
	if !whole {
		name += "*"
	}
	return name
}

// narrower returns the prefix that both an earlier condition and this one leave:
// the longer one.
func narrower(was netip.Prefix, data []byte, bits int) netip.Prefix {
	full := make([]byte, 4)
	if len(data) > 4 || bits > 32 {
		full = make([]byte, 16)
	}
	copy(full, data)
	addr, _ := netip.AddrFromSlice(full)
	now := netip.PrefixFrom(addr, min(bits, addr.BitLen())).Masked()
	if was.IsValid() && was.Bits() > now.Bits() {
		return was
	}
	return now
}

func maskBits(mask []byte) (bits int) {
	for _, b := range mask {
		for ; b&0x80 != 0; b <<= 1 {
			bits++
		}
	}
	return bits
}
