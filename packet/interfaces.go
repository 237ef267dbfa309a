package packet

// Interface is what a capture says of an interface that packets came from.
type Interface struct {
	Name       string // if_name, at most 255 octets, or ""
	Link       LinkType
	SnapLength uint32 // octets of a packet that are kept at most; 0 is no limit
	Clock      Clock  // of its timestamps
}

// interfaces collects those of all sections. The n-th interface of a section is
// taken for the n-th of an earlier one if both are described alike, so that
// many short captures behind one another do not take up memory.
type interfaces struct {
	all   []Interface
	index map[placed]uint32
}

// placed is an interface at its place in a section.
type placed struct {
	place int
	Interface
}

// maxInterfaces bounds the memory that descriptions take.
const maxInterfaces = 1 << 14

// add returns the interface's index, or false if there are too many.
func (i *interfaces) add(place int, described Interface) (uint32, bool) {
	key := placed{place, described}
	if index, ok := i.index[key]; ok {
		return index, true
	}
	if len(i.all) == maxInterfaces {
		return 0, false
	}
	if i.index == nil {
		i.index = make(map[placed]uint32)
	}
	index := uint32(len(i.all))
	i.all = append(i.all, described)
	i.index[key] = index
	return index, true
}
