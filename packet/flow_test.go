package packet

import "testing"

// TestFlow: nearly all frames show their flow, the same in both directions; what
// could hide other addresses does not.
func TestFlow(t *testing.T) {
	v4, v6 := whole4(), whole6()
	ether := func(kind uint16, b ...[]byte) []byte {
		return join(append([][]byte{make([]byte, 12), u16(int(kind))}, b...)...)
	}
	fragment := append([]byte(nil), v4...)
	fragment[6] |= 0x20
	options := append([]byte(nil), v4...)
	options[0] = 0x46
	for name, c := range map[string]struct {
		link LinkType
		data []byte
		ok   bool
	}{
		"IPv4":             {LinkEthernet, ether(etherIP4, v4), true},
		"IPv6":             {LinkEthernet, ether(etherIP6, v6), true},
		"VLAN":             {LinkEthernet, ether(etherVLAN, u16(7), u16(etherIP4), v4), true},
		"cooked":           {LinkSLL, cookedHeader(4, 0x800, v4), true},
		"cooked 2":         {LinkSLL2, cooked2Header(4, 0x86dd, v6), true},
		"two tags":         {LinkEthernet, ether(etherVLAN, u16(7), u16(etherVLAN), u16(9), u16(etherIP4), v4), false},
		"fragment":         {LinkEthernet, ether(etherIP4, fragment), false},
		"IP options":       {LinkEthernet, ether(etherIP4, options), false},
		"another protocol": {LinkEthernet, ether(0x0806, v4), false},
		"raw":              {LinkRaw, v4, false},
		"cut":              {LinkEthernet, ether(etherIP4, v4[:22]), false},
		"nothing":          {LinkEthernet, nil, false},
	} {
		f := Frame{Data: c.data, Length: len(c.data), Link: c.link}
		flow, ok := f.Flow()
		if ok != c.ok {
			t.Errorf("%s: %v", name, ok)
		}
		if !ok {
			continue
		}
		var d Decoder
		var s Segment
		if d.Decode(&f, &s) != IsSegment {
			t.Fatalf("%s: no segment", name)
		}
		back := s.Tuple.Reverse()
		if flow != s.Tuple.Flow() || flow != back.Flow() {
			t.Errorf("%s: flow %x of the frame, %x, %x back", name, flow, s.Tuple.Flow(), back.Flow())
		}
	}
}
