package pcapfilter

import "math"

// Interesting makes the program for hosts that must not notice: of the packets
// that pass the filter it keeps the segments that change a state (SYN, FIN,
// RST), ICMP errors, and of all other packets one in sample, taken at random by
// the kernel so that nobody can foresee which; with sample 0 none. Segments
// behind IPv6 extension headers are among the others.
func Interesting(f *Filter, link Link, snap, sample uint32) (Program, error) {
	l, ok := layouts[link]
	if !ok {
		return f.Compile(link, snap)
	}
	return compile(f, l.interesting(sample), link, snap)
}

func (l *layout) interesting(sample uint32) condition {
	const changing, flags = 0x07, 13 // FIN, SYN, RST
	anyOf := func(at load, numbers ...uint32) condition {
		var found some
		for _, n := range numbers {
			found = append(found, equals(at, n))
		}
		return found
	}
	behind := func(offset uint32) load { return load{behindIP4, l.network + offset, 1} }
	tcp, icmp, icmp6 := protocolNumbers["tcp"], protocolNumbers["icmp"], protocolNumbers["icmp6"]
	kept := some{
		all{l.protocol(etherIP), l.unfragmented(), some{
			all{l.over4(tcp), test{load: behind(flags), op: opAnyBit, with: changing}},
			all{l.over4(icmp), anyOf(behind(0), 3, 4, 5, 11, 12)}, // RFC 792
		}},
		all{l.protocol(etherIP6), some{
			all{equals(l.at(6, 1), tcp), test{load: l.at(40+flags, 1), op: opAnyBit, with: changing}},
			all{equals(l.at(6, 1), icmp6), anyOf(l.at(40, 1), 1, 2, 3, 4)}, // RFC 4443
		}},
	}
	switch sample {
	case 0:
	case 1:
		return constant(true)
	default:
		random := load{extended, extendedRandom, 4}
		kept = append(kept, negation{test{load: random, op: opAtLeast, with: math.MaxUint32/sample + 1}})
	}
	return kept
}
