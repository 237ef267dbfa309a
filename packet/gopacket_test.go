package packet

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/synoptic-net/synoptic/tcp"
)

// reference is what gopacket says of a frame.
type reference struct {
	tcp   *layers.TCP
	ip4   *layers.IPv4
	ip6   *layers.IPv6
	vlans []uint16
	part  bool  // it stopped at a fragment
	cut   bool  // it found the packet shorter than a header said
	fault error // in the TCP header or before
}

func ask(data []byte) (r reference) {
	p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true})
	for _, l := range p.Layers() {
		switch l := l.(type) {
		case *layers.Dot1Q:
			r.vlans = append(r.vlans, l.VLANIdentifier)
		case *layers.IPv4:
			r.ip4, r.ip6 = l, nil
		case *layers.IPv6:
			r.ip4, r.ip6 = nil, l
		case *layers.TCP:
			r.tcp = l
		case *gopacket.Fragment:
			r.part = true
		case *gopacket.DecodeFailure:
			r.tcp, r.fault = nil, l.Error()
		}
	}
	r.cut = p.Metadata().Truncated
	return r
}

func (r reference) ends() Tuple {
	from := func(a net.IP) Address {
		if r.ip4 != nil {
			return Address4(be32(a.To4()))
		}
		return address16(a.To16())
	}
	if r.ip4 != nil {
		return Tuple{from(r.ip4.SrcIP), from(r.ip4.DstIP), uint16(r.tcp.SrcPort), uint16(r.tcp.DstPort)}
	}
	return Tuple{from(r.ip6.SrcIP), from(r.ip6.DstIP), uint16(r.tcp.SrcPort), uint16(r.tcp.DstPort)}
}

func (r reference) flags() (f tcp.Flags) {
	t := r.tcp
	for i, set := range []bool{t.FIN, t.SYN, t.RST, t.PSH, t.ACK, t.URG, t.ECE, t.CWR} {
		if set {
			f |= 1 << i
		}
	}
	return f
}

// differs compares header fields, which must be equal whatever happened to the
// frame, and returns what is not.
func (r reference) differs(s *Segment) string {
	t := r.tcp
	seen := tcp.Segment{Seq: tcp.Seq(t.Seq), Ack: tcp.Seq(t.Ack), Flags: r.flags(), Window: tcp.Size(t.Window)}
	got := s.TCP
	got.Data, got.Timestamp = 0, tcp.Timestamp{}
	switch {
	case seen != got || s.Urgent != t.Urgent:
		return fmt.Sprintf("segment %+v, gopacket %+v", got, seen)
	case s.Tuple != r.ends() && !s.Marks.Has(SourceRouted):
		return fmt.Sprintf("tuple %v, gopacket %v", s.Tuple, r.ends())
	case r.ip4 != nil && (s.TTL != r.ip4.TTL || s.TrafficClass != r.ip4.TOS || s.ID != uint32(r.ip4.Id)):
		return fmt.Sprintf("IPv4 %+v, gopacket %+v", s, r.ip4)
	case r.ip6 != nil && (s.TTL != r.ip6.HopLimit || s.TrafficClass != r.ip6.TrafficClass):
		return fmt.Sprintf("IPv6 %+v, gopacket %+v", s, r.ip6)
	case !slices.Equal(s.Tags(), r.vlans[:min(len(r.vlans), 4)]):
		return fmt.Sprintf("VLANs %v, gopacket %v", s.Tags(), r.vlans)
	case !r.cut && int(s.TCP.Data) != len(t.Payload) && !s.Marks.Has(Jumbo):
		return fmt.Sprintf("data %d, gopacket %d", s.TCP.Data, len(t.Payload))
	}
	return r.optionsDiffer(s)
}

// optionsDiffer compares options where both found the list in order. gopacket
// asks more of MPTCP options than their subtype, and ends the list there.
func (r reference) optionsDiffer(s *Segment) string {
	if s.Marks.Has(OptionsMalformed) || s.Marks.Has(OptionsTruncated) || s.Options.Set.Has(OptionMPTCP) {
		return ""
	}
	var set OptionSet
	for _, o := range r.tcp.Options {
		d := o.OptionData
		switch {
		case o.OptionType == layers.TCPOptionKindMSS && len(d) == 2:
			set |= OptionMSS
		case o.OptionType == layers.TCPOptionKindWindowScale && len(d) == 1:
			set |= OptionWindowScale
		case o.OptionType == layers.TCPOptionKindSACKPermitted:
			set |= OptionSACKPermitted
		case o.OptionType == layers.TCPOptionKindSACK && len(d) >= 8:
			set |= OptionSACK
		case o.OptionType == layers.TCPOptionKindTimestamps && len(d) == 8:
			set |= OptionTimestamps
		}
	}
	const compared = OptionMSS | OptionWindowScale | OptionSACKPermitted | OptionSACK | OptionTimestamps
	if s.Options.Set&compared != set {
		return fmt.Sprintf("options %b, gopacket %b", s.Options.Set, set)
	}
	return r.valuesDiffer(s)
}

func (r reference) valuesDiffer(s *Segment) string {
	var want Options
	var stamp uint32
	for _, o := range r.tcp.Options {
		switch d := o.OptionData; o.OptionType {
		case layers.TCPOptionKindMSS:
			want.MSS = be16(d)
		case layers.TCPOptionKindWindowScale:
			want.Scale = d[0]
		case layers.TCPOptionKindTimestamps:
			stamp, want.Echo = be32(d), be32(d[4:])
		case layers.TCPOptionKindSACK:
			want.SACK[0] = Block{tcp.Seq(be32(d)), tcp.Seq(be32(d[4:]))}
		}
	}
	got := Options{MSS: s.Options.MSS, Scale: s.Options.Scale, Echo: s.Options.Echo}
	got.SACK[0] = s.Options.SACK[0]
	if got != want || s.TCP.Timestamp.Value != stamp {
		return fmt.Sprintf("options %+v, gopacket %+v", got, want)
	}
	return ""
}

// TestGenerated: both agree on everything in sound frames.
func TestGenerated(t *testing.T) {
	g := newGenerator(1)
	for i := range 20_000 {
		data := g.frame()
		s, reason := decode(frameOf(LinkEthernet, data))
		r := ask(data)
		if reason != IsSegment || r.tcp == nil {
			t.Fatalf("%d: %v, gopacket %v\n% x", i, reason, r.fault, data)
		}
		if what := r.differs(&s); what != "" || s.Checksum != ChecksumValid || s.Marks != 0 {
			t.Fatalf("%d: %s, checksum %v, marks %v\n% x", i, what, s.Checksum, s.Marks, data)
		}
	}
}

// TestMutated: on damaged frames both may give up at different places, but what
// both read they read alike, and every other disagreement is of a kind that is
// known.
func TestMutated(t *testing.T) {
	const mutants = 120_000
	g := newGenerator(2)
	plain, general := new(Decoder), new(Decoder)
	disagreements := map[string]int{}
	both := 0
	var s, again Segment
	var data []byte
	for i := range mutants {
		if i%8 == 0 {
			data = g.frame()
		}
		mutant := g.mutate(slices.Clone(data))
		f := frameOf(LinkEthernet, mutant)
		reason := plain.Decode(f, &s)
		checkGeneral(t, general, f, reason, &s, &again)
		r := ask(mutant)
		if (reason == IsSegment) != (r.tcp != nil) {
			disagreements[r.disagreement(t, reason, &s, mutant)]++
		} else if reason == IsSegment {
			both++
			if what := r.differs(&s); what != "" {
				t.Errorf("%d: %s\n% x", i, what, mutant)
			}
		}
	}
	if both < mutants/3 {
		t.Errorf("both read only %d", both)
	}
	t.Logf("both read %d of %d; %v", both, mutants, disagreements)
}

// checkGeneral compares the short way through plain frames with the long one.
func checkGeneral(t testing.TB, d *Decoder, f *Frame, reason Reason, s, again *Segment) {
	t.Helper()
	again.reset(f)
	d.hidden = false
	if other := d.follow(f, again); other != reason || reason == IsSegment && *again != *s {
		t.Fatalf("short way %v %+v\nlong way %v %+v\n% x", reason, *s, other, *again, f.Data)
	}
}

// whyOurs lists why gopacket refuses a segment that we read.
var whyOurs = []struct{ fault, why string }{
	{"TCP data offset greater", "the header's end is missing: the fixed part says enough"},
	{"IP option length exceeds", "a damaged IP option does not hide what follows"},
	{"Invalid IP option type", "a damaged IP option does not hide what follows"},
	{"Invalid ip4 option length", "a damaged IP option does not hide what follows"},
	{"IPv6 header option too small", "a damaged IPv6 option does not hide what follows"},
	{"IPv6 header TLV option", "a damaged IPv6 option does not hide what follows"},
	{"IPv6 length 0", "length left to the card, behind another extension header"},
	{"UDP packet too small", "a wrong UDP length does not hide a tunnel"},
	{"Invalid ip4 header. Len", "Geneve options are as long as its header says, whatever is in them"},
	{"Layer type not currently", "extension headers that it does not know"},
	{"Unable to decode Ether", "Ethernet types and lengths that it does not know"},
}

// whyTheirs lists why we refuse a segment that gopacket reads.
var whyTheirs = map[Reason]string{
	DamagedIP:      "the version field contradicts the protocol that announced it",
	NotIP:          "control packets of Geneve and PPTP acknowledgments",
	OtherTransport: "a version of GRE that is not known",
	UDP:            "a tunnel's port, but not its flags",
}

// disagreement names one that is known, and fails the test on others.
func (r reference) disagreement(t *testing.T, reason Reason, s *Segment, data []byte) string {
	if reason != IsSegment {
		if whyTheirs[reason] == "" {
			t.Errorf("only gopacket reads a segment, not ours: %v\n% x", reason, data)
		}
		return "theirs: " + reason.String()
	}
	if r.part {
		return "ours: first fragment"
	}
	if int(s.VLANCount) > len(r.vlans) {
		return "ours: tags of the time before 802.1ad"
	}
	if r.fault == nil && s.Tunnels > 0 {
		return "ours: a tunnel by a port that it does not know"
	}
	for _, known := range whyOurs {
		if r.fault != nil && strings.HasPrefix(r.fault.Error(), known.fault) {
			return "ours: " + known.fault
		}
	}
	t.Errorf("only ours: gopacket says %v\n%+v\n% x", r.fault, *s, data)
	return "ours"
}
