package tcp

import "strings"

// Flags are the control bits of a segment, in the header's bit order (RFC 9293
// section 3.1; ECE and CWR are RFC 3168's).
type Flags uint8

// The control bits.
const (
	FIN Flags = 1 << iota // no more octets from the sender
	SYN                   // synchronize sequence numbers
	RST                   // reset the connection
	PSH                   // push
	ACK                   // SEG.ACK is significant
	URG                   // the urgent pointer is significant
	ECE                   // ECN echo
	CWR                   // congestion window reduced
)

// flagNames is in the order in which people say them: SYN,ACK and FIN,ACK.
var flagNames = [...]struct {
	flag Flags
	name string
}{
	{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"},
	{ACK, "ACK"}, {URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"},
}

// Has tells whether every one of the given bits is set.
func (f Flags) Has(bits Flags) bool { return f&bits == bits }

// Any tells whether at least one of the given bits is set.
func (f Flags) Any(bits Flags) bool { return f&bits != 0 }

// String joins the names with commas, as RFC 9293 writes CTL: "SYN,ACK".
// No bit at all gives "".
func (f Flags) String() string {
	var names []string
	for _, n := range flagNames {
		if f.Has(n.flag) {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ",")
}
