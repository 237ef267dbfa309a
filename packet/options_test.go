package packet

import (
	"slices"
	"testing"
)

func decodeOptions(t *testing.T, options ...byte) Segment {
	t.Helper()
	for len(options)%4 != 0 {
		options = append(options, 0)
	}
	return mustDecode(t, frameOf(LinkRaw, over4(6, ends4.Source, ends4.Destination, header(ends4, options, text))))
}

// TestOptions has each option alone.
func TestOptions(t *testing.T) {
	sized := func(kind byte, size int, begin ...byte) []byte {
		return append(append([]byte{kind, byte(size)}, begin...), make([]byte, size-2-len(begin))...)
	}
	for _, c := range []struct {
		what    string
		options []byte
		set     OptionSet
		check   func(Options) bool
	}{
		{"none", nil, 0, nil},
		{"MSS", []byte{2, 4, 5, 0xb4}, OptionMSS, func(o Options) bool { return o.MSS == 1460 }},
		{"window scale", []byte{1, 3, 3, 7}, OptionWindowScale, func(o Options) bool { return o.Scale == 7 }},
		{"SACK permitted", []byte{4, 2}, OptionSACKPermitted, nil},
		{"timestamps", []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, OptionTimestamps, func(o Options) bool { return o.Echo == 2 }},
		{"timestamps, not aligned", []byte{8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, OptionTimestamps, func(o Options) bool { return o.Echo == 2 }},
		{"SACK", []byte{1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 9}, OptionSACK,
			func(o Options) bool { return slices.Equal(o.Received(), []Block{{1, 5}, {7, 9}}) }},
		{"MD5", sized(19, 18), OptionMD5, nil},
		{"authentication", sized(29, 16), OptionAO, nil},
		{"user timeout", sized(28, 4), OptionUserTimeout, nil},
		{"Fast Open asks", sized(34, 2), OptionFastOpen, func(o Options) bool { return o.Cookie == 0 }},
		{"Fast Open", sized(34, 10), OptionFastOpen, func(o Options) bool { return o.Cookie == 8 }},
		{"Fast Open, experimental", sized(254, 12, 0xf9, 0x89), OptionFastOpen, func(o Options) bool { return o.Cookie == 8 }},
		{"another experiment", sized(253, 4, 1, 2), OptionOther, nil},
		{"MP_CAPABLE", sized(30, 12, 0x01), OptionMPTCP, func(o Options) bool { return o.MPTCP == 0 }},
		{"MP_JOIN and DSS", append(sized(30, 12, 0x10), sized(30, 8, 0x20)...), OptionMPTCP, func(o Options) bool { return o.MPTCP == 1 }},
		{"accurate ECN", sized(172, 11), OptionAccECN, nil},
		{"a kind of 1974", sized(6, 6), OptionOther, nil},
		{"SYN of today", []byte{2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7},
			OptionMSS | OptionSACKPermitted | OptionTimestamps | OptionWindowScale, nil},
		{"behind the end of the list", []byte{0, 4, 2, 1}, 0, nil},
	} {
		s := decodeOptions(t, c.options...)
		if s.Options.Set != c.set || s.Marks != 0 || c.check != nil && !c.check(s.Options) {
			t.Errorf("%s: %+v, marks %v", c.what, s.Options, s.Marks)
		}
		if has := s.TCP.Timestamp.Present; has != c.set.Has(OptionTimestamps) || has && s.TCP.Timestamp.Value != 1 {
			t.Errorf("%s: %+v", c.what, s.TCP.Timestamp)
		}
	}
}

// TestMalformedOptions: those before the fault count, the fault is marked.
func TestMalformedOptions(t *testing.T) {
	for _, c := range []struct {
		what    string
		options []byte
		set     OptionSet
	}{
		{"length 0", []byte{4, 2, 2, 0}, OptionSACKPermitted},
		{"length 1", []byte{4, 2, 2, 1}, OptionSACKPermitted},
		{"beyond the header", []byte{4, 2, 2, 5}, OptionSACKPermitted},
		{"no length", []byte{4, 2, 1, 8}, OptionSACKPermitted},
		{"MSS of three octets, then another option", []byte{2, 3, 5, 4, 2, 1, 1, 1}, OptionSACKPermitted},
		{"timestamps of eight octets", []byte{8, 8, 0, 0, 0, 1, 0, 0}, 0},
		{"SACK without a block", []byte{5, 2, 1, 1}, 0},
		{"SACK with half a block", []byte{5, 6, 0, 0, 0, 1, 1, 1}, 0},
		{"Fast Open cookie of three octets", []byte{34, 5, 1, 1, 1, 1, 1, 1}, 0},
		{"MD5 too short", []byte{19, 4, 1, 1}, 0},
	} {
		s := decodeOptions(t, c.options...)
		if s.Options.Set != c.set || s.Marks != OptionsMalformed || s.TCP.Data != 5 {
			t.Errorf("%s: %+v, marks %v", c.what, s.Options, s.Marks)
		}
	}
}

// TestFourBlocks fill the header.
func TestFourBlocks(t *testing.T) {
	options := []byte{1, 1, 5, 34}
	for i := range byte(8) {
		options = append(options, 0, 0, 0, i)
	}
	s := decodeOptions(t, options...)
	if s.Options.Blocks != 4 || s.Options.Received()[3] != (Block{6, 7}) {
		t.Errorf("%+v", s.Options)
	}
}
