package packet

// Reason says what Decode made of a frame: IsSegment, or why it gave none.
type Reason uint8

// The reasons.
const (
	IsSegment      Reason = iota // a TCP segment was decoded
	UnknownLink                  // the capture's link type is not read
	NotIP                        // a frame of another network protocol, or of the link's own
	UDP                          // UDP, no tunnel that is read
	ICMP                         // ICMP or ICMPv6
	OtherTransport               // IP with another protocol
	LaterFragment                // an IP fragment behind the first
	TinyFragment                 // a first fragment that ends inside the TCP header (RFC 1858)
	Encrypted                    // ESP, MACsec, protected 802.11
	Compressed                   // compressed headers, as of RFC 1144
	CutShort                     // the capture ends before the TCP header does
	DamagedLink                  // a link-layer, tag or tunnel header that contradicts itself
	DamagedIP                    // an IP header that contradicts itself
	DamagedTCP                   // a TCP header that contradicts itself
	TooDeep                      // more headers than are followed
	reasons
)

var reasonNames = [reasons]string{
	"segment", "unknown-link", "not-ip", "udp", "icmp", "other-transport", "later-fragment", "tiny-fragment",
	"encrypted", "compressed", "cut-short", "damaged-link", "damaged-ip", "damaged-tcp", "too-deep",
}

// String returns a stable name in lower case with hyphens.
func (r Reason) String() string {
	if r < reasons {
		return reasonNames[r]
	}
	return "reason?"
}

// Reasons is a count of frames for each Reason.
type Reasons [reasons]uint64

// Total returns the number of frames counted.
func (c *Reasons) Total() (n uint64) {
	for _, count := range c {
		n += count
	}
	return n
}
