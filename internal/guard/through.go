package guard

import (
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
)

// forwards are the settings by which a host passes on what is not for it.
var forwards = []string{"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"}

// through finds a flood that this host passes on to a server behind it. Its
// packets are all that is seen of that here, and they are judged like a capture.
func through(b *evidence.Bundle) *diagnose.Finding {
	router := slices.ContainsFunc(forwards, func(name string) bool { return b.Settings[name] != "" && b.Settings[name] != "0" })
	if !router || b.Packets == nil || !b.Packets.Own {
		return nil
	}
	seen := *b.Packets
	seen.Own, seen.Sockets = false, nil
	report := diagnose.Diagnose(&evidence.Bundle{
		Schema: b.Schema, Host: b.Host, Start: b.Start, End: b.End, Packets: &seen,
		Sources: []evidence.Source{{Name: evidence.SourcePackets, OK: true}},
	})
	for i := range report.Findings {
		f := &report.Findings[i]
		at, err := netip.ParseAddrPort(f.Subject.Local)
		if err == nil && slices.Contains(floods, f.Cause) && !listens(b, at) {
			return f
		}
	}
	return nil
}

// listens tells whether a connection to the address would find a listener.
func listens(b *evidence.Bundle, at netip.AddrPort) bool {
	last := b.Last()
	if last == nil {
		return false
	}
	_, ok := host.NewListening(last.Sockets).Of(at)
	return ok
}
