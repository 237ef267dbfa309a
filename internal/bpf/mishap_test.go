package bpf

import "testing"

// TestReasonNames: what the kernel's types name is named without its prefix, what
// they do not name keeps its number, and kinds without reasons have no name.
func TestReasonNames(t *testing.T) {
	r := &Reasons{Drop: map[uint32]string{}, Reset: map[uint32]string{}}
	nameReason(r.Drop, dropPrefix, "SKB_DROP_REASON_NETFILTER_DROP", 12)
	nameReason(r.Drop, dropPrefix, "SKB_CONSUMED", 1)
	nameReason(r.Drop, dropPrefix, "SKB_DROP_REASON_MAX", 128)
	nameReason(r.Reset, resetPrefix, "SK_RST_REASON_TCP_ABORT_ON_CLOSE", 11)
	for _, c := range []struct {
		kind   MishapKind
		reason uint32
		want   string
	}{
		{Drop, 12, "NETFILTER_DROP"},
		{Drop, 1, "SKB_CONSUMED"},
		{Drop, 128, "reason 128"},
		{ResetSent, 11, "TCP_ABORT_ON_CLOSE"},
		{ResetSent, 12, "reason 12"},
		{ResetCame, 11, ""},
		{SocketError, 0, ""},
	} {
		if got := r.NameOf(c.kind, c.reason); got != c.want {
			t.Errorf("%d %d: %q, not %q", c.kind, c.reason, got, c.want)
		}
	}
}

func FuzzMishap(f *testing.F) {
	f.Add(make([]byte, sizeOfMishap))
	f.Fuzz(func(t *testing.T, record []byte) {
		var m Mishap
		if err := m.Decode(record); (err == nil) != (len(record) >= sizeOfMishap) {
			t.Errorf("%d octets: %v", len(record), err)
		}
	})
}
