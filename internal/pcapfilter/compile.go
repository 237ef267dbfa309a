package pcapfilter

import (
	"errors"
	"fmt"
)

// MaxSnap is the most octets of a frame that a program may keep.
const MaxSnap = 1 << 18

// Compile makes the program that keeps snap octets of the frames that pass, and
// nothing of others. It fails where the link does not show what the filter asks
// for, or the program would be longer than the kernel takes.
func (f *Filter) Compile(link Link, snap uint32) (Program, error) { return compile(f, nil, link, snap) }

func compile(f *Filter, also condition, link Link, snap uint32) (Program, error) {
	l, ok := layouts[link]
	if !ok {
		return nil, fmt.Errorf("filter: link %d is none that can be compiled for", link)
	}
	if snap == 0 || snap > MaxSnap {
		return nil, fmt.Errorf("filter: a snap length is 1 to %d, not %d", MaxSnap, snap)
	}
	whole := all{}
	if f.expr != nil {
		c, err := f.expr.lower(l)
		if err != nil {
			return nil, err
		}
		whole = append(whole, c)
	}
	if also != nil {
		whole = append(whole, also)
	}
	g := newGraph()
	start := whole.graph(g, g.accept, g.reject)
	if len(g.nodes) > longest {
		return nil, f.tooLong()
	}
	p, err := assemble(g, g.simplify(start, facts{}), l, snap)
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", f.text, err)
	}
	if len(p) > longest {
		return nil, f.tooLong()
	}
	return p, p.Verify()
}

func (f *Filter) tooLong() error {
	return fmt.Errorf("filter: it makes more than the %d instructions that the kernel takes; ask for less, or for networks in place of hosts", longest)
}

var errMemory = errors.New("a calculation in it holds more than the 16 values that the kernel has room for")
