package tcp

import (
	"testing"
	"testing/quick"
)

func TestSeqOrder(t *testing.T) {
	for _, c := range []struct {
		s, t            Seq
		less, lessEqual bool
	}{
		{0, 0, false, true},
		{0, 1, true, true},
		{1, 0, false, false},
		{1<<32 - 1, 0, true, true},
		{0, 1<<32 - 1, false, false},
		{1<<32 - 10, 10, true, true},
		{0, 1<<31 - 1, true, true},
		{0, 1<<31 + 1, false, false},
		{1<<31 - 1, 1 << 31, true, true},
	} {
		if got := c.s.Less(c.t); got != c.less {
			t.Errorf("%v < %v: got %v", c.s, c.t, got)
		}
		if got := c.s.LessEqual(c.t); got != c.lessEqual {
			t.Errorf("%v =< %v: got %v", c.s, c.t, got)
		}
	}
}

func TestSeqString(t *testing.T) {
	if got := Seq(1<<32 - 1).String(); got != "4294967295" {
		t.Errorf("got %s", got)
	}
}

// holds runs a property with random values.
func holds(t *testing.T, what string, property any) {
	t.Helper()
	if err := quick.Check(property, &quick.Config{MaxCount: 20000}); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func TestSeqProperties(t *testing.T) {
	holds(t, "To undoes Add", func(s Seq, n Size) bool { return s.To(s.Add(n)) == n })
	holds(t, "Sub undoes Add", func(s Seq, n Size) bool { return s.Add(n).Sub(n) == s })
	holds(t, "two ways make the circle", func(s, u Seq) bool { return s.To(u)+u.To(s) == 0 })
	holds(t, "what comes after is greater, up to half the circle", func(s Seq, n Size) bool {
		n = n%(Half-1) + 1
		return s.Less(s.Add(n)) && !s.Add(n).Less(s)
	})
	holds(t, "one of two positions is first, unless half apart", func(s, u Seq) bool {
		return s == u || s.To(u) == Half || s.Less(u) != u.Less(s)
	})
	holds(t, "order does not depend on where zero is", func(s, u Seq, n Size) bool {
		return s.Less(u) == s.Add(n).Less(u.Add(n))
	})
	holds(t, "In is the interval [first, first+size)", func(first Seq, n, size Size) bool {
		return first.Add(n).In(first, size) == (n < size)
	})
	holds(t, "In agrees with the order for windows below half", func(s, first Seq, size Size) bool {
		size %= Half
		between := first.LessEqual(s) && s.Less(first.Add(size))
		return first.To(s) == Half || size == 0 || s.In(first, size) == between
	})
}

// TestAcceptable has the four cases of RFC 9293 section 3.4, with the edges of
// each, for a window that begins at 100.
func TestAcceptable(t *testing.T) {
	for _, c := range []struct {
		seq    Seq
		length Size
		window Size
		want   bool
	}{
		{100, 0, 0, true},
		{99, 0, 0, false},
		{101, 0, 0, false},

		{99, 0, 50, false},
		{100, 0, 50, true},
		{149, 0, 50, true},
		{150, 0, 50, false},

		{100, 1, 0, false},
		{99, 2, 0, false},

		{90, 10, 50, false}, // ends just before
		{90, 11, 50, true},  // last octet in
		{100, 50, 50, true},
		{100, 500, 50, true}, // first octet in
		{149, 1, 50, true},
		{150, 1, 50, false},
		{90, 100, 50, false}, // covers the window, neither end in it
	} {
		for _, shift := range []Size{0, 1<<32 - 100, 1<<32 - 120, 1<<32 - 149} {
			got := Acceptable(c.seq.Add(shift), c.length, Seq(100).Add(shift), c.window)
			if got != c.want {
				t.Errorf("SEQ %v LEN %d WND %d, moved by %d: got %v", c.seq, c.length, c.window, shift, got)
			}
		}
	}
}

func TestAcceptableProperties(t *testing.T) {
	holds(t, "no octet beyond the window", func(next Seq, n, window Size) bool {
		n, window = n%1000, window%(1<<30)
		return !Acceptable(next.Add(window+n), 1, next, window)
	})
	holds(t, "RCV.NXT itself is acceptable while the window is open", func(next Seq, length, window Size) bool {
		return window == 0 || Acceptable(next, length, next, window)
	})
	holds(t, "an octet is acceptable where it is in the window", func(seq, next Seq, window Size) bool {
		return Acceptable(seq, 1, next, window) == seq.In(next, window)
	})
}
