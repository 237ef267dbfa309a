package pcapfilter

// Symmetric tells whether the filter surely treats all packets of a connection
// alike, both directions and whatever their flags, so that of a connection it
// leaves all or nothing. It is false for a filter that asks for src or dst alone,
// for a direction, or for octets.
func (f *Filter) Symmetric() bool { return f.expr == nil || symmetric(f.expr) }

func symmetric(e expr) bool {
	switch e := e.(type) {
	case both:
		return symmetric(e.left) && symmetric(e.right)
	case either:
		return symmetric(e.left) && symmetric(e.right)
	case inverse:
		return symmetric(e.of)
	case carries, numbered:
		return true
	case *placed:
		return eitherWay(e.direction)
	case *ported:
		return eitherWay(e.direction)
	case *wired:
		return eitherWay(e.direction)
	default:
		return false
	}
}

func eitherWay(direction string) bool { return direction == "" || direction == "and" }
