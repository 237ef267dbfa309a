package sockdiag

import (
	"bytes"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestStateMask(t *testing.T) {
	for _, test := range []struct {
		set   tcp.StateSet
		bound bool
		want  uint32
	}{
		{0, false, 0},
		{tcp.AllStates, false, 0xffe},
		{tcp.AllStates, true, 0x2ffe},
		{tcp.SetOf(tcp.Established), false, 1 << 1},
		{tcp.SetOf(tcp.SynReceived), false, 1 << 3},
		{tcp.SetOf(tcp.Listen, tcp.TimeWait), false, 1<<10 | 1<<6},
		{tcp.SetOf(tcp.Unknown), true, 1 << 13},
	} {
		if got := StateMask(test.set, test.bound); got != test.want {
			t.Errorf("StateMask(%v, %v) = %#x, want %#x", test.set, test.bound, got, test.want)
		}
	}
}

func TestRequestBytes(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	mask := native.AppendUint32(nil, 1<<10)
	attr := native.AppendUint16(native.AppendUint16(nil, 4+6), 1)
	for _, test := range []struct {
		name    string
		request Request
		kind    uint16
		want    []byte
	}{
		{"IPv4", Request{Family: 2, States: 1 << 10}, 20, join([]byte{2, 6, 0, 0}, mask, zeros(48))},
		{"IPv6 with extensions", Request{Family: 10, States: 1 << 10, Extensions: ExtInfo | ExtMemory}, 20, join([]byte{10, 6, 0x42, 0}, mask, zeros(48))},
		{"both families", Request{States: 1 << 10, Extensions: ExtInfo}, 18, join([]byte{0, 0, 0, 2}, zeros(48), mask, zeros(4))},
		{"filter", Request{Family: 2, States: 1 << 10, Filter: []byte("filter")}, 20, join([]byte{2, 6, 0, 0}, mask, zeros(48), attr, []byte("filter\x00\x00"))},
	} {
		kind, got, err := test.request.Marshal()
		if kind != test.kind || !bytes.Equal(got, test.want) || err != nil {
			t.Errorf("%s: type %d, %v\n%x, want\n%x", test.name, kind, err, got, test.want)
		}
	}
}

func TestOptionsRequest(t *testing.T) {
	if r := (Options{}).request(0); r.States != 0xffe || r.Extensions != 0 || r.Family != 0 {
		t.Errorf("zero options ask for %+v", r)
	}
	r := Options{States: tcp.SetOf(tcp.Listen), Info: true, Memory: true, BoundInactive: true, Filter: []byte{1}}.request(familyIPv6)
	if r.States != 1<<10|1<<13 || r.Extensions != ExtInfo|ExtMemory || r.Family != 10 || len(r.Filter) != 1 {
		t.Errorf("options ask for %+v", r)
	}
}
