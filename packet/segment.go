package packet

import (
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Segment is a captured TCP segment: what its headers say, with no reference to
// the frame's octets, so that segments may be kept and gathered in batches.
// Where a packet is wrapped in tunnels, TCP and IP fields are the innermost
// ones.
type Segment struct {
	// TCP is the segment for the state machine. Window is the 16-bit field as
	// it was sent: its scale is known to those only who saw the handshake.
	// Data is counted from the IP length, so neither padding nor a cut capture
	// changes it; see Fragmented for its one exception.
	TCP     tcp.Segment
	Options Options
	Tuple   Tuple

	Time      int64  // nanoseconds since 1970-01-01 00:00 UTC
	Number    uint64 // of the frame in its capture, from 1
	Interface uint32 // index of Reader.Interfaces
	IfIndex   uint32 // the capturing host's interface number (SLL2, NFLOG), else 0
	TextAt    uint32 // offset of the text in Frame.Data
	TextSize  uint32 // octets of text that were captured; at most TCP.Data

	ID           uint32 // identification: IPv4 header, IPv6 fragment header, else 0
	TunnelID     uint32 // VXLAN and Geneve VNI, GRE key, GTP TEID, ERSPAN session of the innermost tunnel
	Marks        Marks
	Urgent       uint16 // urgent pointer, significant with URG
	TTL          uint8  // IPv4 time to live or IPv6 hop limit
	TrafficClass uint8  // DSCP and ECN (RFC 2474, RFC 3168)
	IPVersion    uint8  // 4 or 6
	Tunnels      uint8  // how many tunnels the packet is wrapped in
	Tunnel       Tunnel // the innermost one
	Checksum     Checksum
	Direction    Direction

	VLANCount uint8     // tags seen, also those beyond len(VLANs)
	VLANs     [4]uint16 // VLAN identifiers, outermost first (IEEE 802.1Q)

	// The link-layer addresses: the innermost there are.
	SourceHardware, DestinationHardware HardwareAddress
}

// reset begins a segment with what the frame says.
func (s *Segment) reset(f *Frame) {
	*s = Segment{}
	s.Time, s.Number, s.Interface, s.Direction = f.Time, f.Number, f.Interface, f.Direction
}

// At returns the time of capture, in UTC.
func (s *Segment) At() time.Time { return time.Unix(0, s.Time).UTC() }

// Tags returns the VLAN identifiers that were kept, outermost first.
func (s *Segment) Tags() []uint16 { return s.VLANs[:min(int(s.VLANCount), len(s.VLANs))] }

// Marks say what a reader of the segment must know about its making.
type Marks uint16

// The marks.
const (
	// Truncated: not all octets of the segment were captured. The header is
	// whole, the text or the options are not.
	Truncated Marks = 1 << iota
	// OptionsTruncated: an option that is not reported may have been there.
	OptionsTruncated
	// OptionsMalformed: an option's length was wrong. Those before it count,
	// as they do for a receiver.
	OptionsMalformed
	// Fragmented: this is the first of several IP fragments. Data is what
	// this one holds; more follows.
	Fragmented
	// AtomicFragment: an IPv6 fragment header without fragments (RFC 6946).
	AtomicFragment
	// LengthFromFrame: the IP length field was zero, as segmentation offload
	// leaves it, and Data was counted from the frame's length.
	LengthFromFrame
	// Jumbo: the length came from a jumbo payload option (RFC 2675).
	Jumbo
	// LengthBeyondFrame: the IP length exceeds what the frame says it had on
	// the wire. A receiver would drop it; the frame's length may also be a lie.
	LengthBeyondFrame
	// IPChecksumBad: the sum of the IPv4 header is wrong; a receiver drops it.
	IPChecksumBad
	// SourceRouted: a routing header or option named the final destination,
	// which Tuple holds.
	SourceRouted
)

// ofPacket are the marks of one IP packet, which do not hold for a packet inside.
const ofPacket = Fragmented | AtomicFragment | LengthFromFrame | Jumbo | IPChecksumBad | SourceRouted

var markNames = [...]string{
	"truncated", "options-truncated", "options-malformed", "fragmented", "atomic-fragment",
	"length-from-frame", "jumbo", "length-beyond-frame", "ip-checksum-bad", "source-routed",
}

// Has tells whether all the given marks are set.
func (m Marks) Has(marks Marks) bool { return m&marks == marks }

// String joins the names with commas.
func (m Marks) String() string {
	var names []string
	for i, name := range markNames {
		if m>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// Tunnel is a way of wrapping packets.
type Tunnel uint8

// The tunnels.
const (
	NoTunnel Tunnel = iota
	IPInIP          // RFC 2003, RFC 2473, RFC 4213
	GRE             // RFC 2784, RFC 2890; NVGRE, RFC 7637
	PPTP            // GRE version 1, RFC 2637
	ERSPAN          // draft-foschiano-erspan, types I to III
	EtherIP         // RFC 3378
	VXLAN           // RFC 7348
	Geneve          // RFC 8926
	Teredo          // RFC 4380
	GTPU            // 3GPP TS 29.281
	MPLSInIP        // RFC 4023, RFC 7510
)

var tunnelNames = [...]string{
	"", "ip-in-ip", "gre", "pptp", "erspan", "etherip", "vxlan", "geneve", "teredo", "gtp-u", "mpls-in-ip",
}

// String returns a short name, "" for none.
func (t Tunnel) String() string {
	if int(t) < len(tunnelNames) {
		return tunnelNames[t]
	}
	return "tunnel?"
}
