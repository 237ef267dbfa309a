package guard

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Backend is a server behind this router, and what its end of a handshake offers.
// A proxy that says anything else to the clients breaks their connections.
type Backend struct {
	Address    netip.AddrPort
	Told       bool   // the rest is known; else the server is asked
	MSS        uint16 // octets
	Scale      int    // shift of its window, 0 to 14 (RFC 7323, section 2.3); -1 without window scaling
	Timestamps bool
	SACK       bool
}

// ParseBackend reads "192.0.2.2:80", or with what the server offers
// "192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm".
func ParseBackend(text string) (Backend, error) {
	address, offer, told := strings.Cut(text, ",")
	b := Backend{Told: told, Scale: -1}
	var err error
	if b.Address, err = netip.ParseAddrPort(address); err != nil || b.Address.Port() == 0 || b.Address.Addr().IsUnspecified() || b.Address.Addr().Zone() != "" {
		return b, fmt.Errorf("%q is no ADDRESS:PORT of a server, like 192.0.2.1:80 or [2001:db8::1]:80", address)
	}
	b.Address = netip.AddrPortFrom(b.Address.Addr().Unmap(), b.Address.Port())
	if !told {
		return b, nil
	}
	for word := range strings.SplitSeq(offer, ",") {
		if err := b.take(word); err != nil {
			return b, err
		}
	}
	if b.MSS == 0 {
		return b, errors.New("the mss that the server offers is missing")
	}
	return b, nil
}

func (b *Backend) take(word string) error {
	name, value, _ := strings.Cut(word, "=")
	n, err := strconv.ParseUint(value, 10, 16)
	switch {
	case word == "timestamp":
		b.Timestamps = true
	case word == "sack-perm":
		b.SACK = true
	case name == "mss" && err == nil && n >= leastMSS:
		b.MSS = uint16(n)
	case name == "wscale" && err == nil && n <= 14:
		b.Scale = int(n)
	default:
		return fmt.Errorf("%q is none of mss=%d-65535, wscale=0-14, timestamp and sack-perm", word, leastMSS)
	}
	return nil
}

// leastMSS is the smallest that every host takes (RFC 9293, section 3.7.1, less
// options that fill the headers).
const leastMSS = 88

// String is what ParseBackend reads.
func (b Backend) String() string {
	text := b.Address.String()
	if !b.Told {
		return text
	}
	text += fmt.Sprintf(",mss=%d", b.MSS)
	if b.Scale >= 0 {
		text += fmt.Sprintf(",wscale=%d", b.Scale)
	}
	if b.Timestamps {
		text += ",timestamp"
	}
	if b.SACK {
		text += ",sack-perm"
	}
	return text
}

// proxyTable is the one table of the third rung.
const proxyTable = "inet synoptic-synproxy"

// proxyText is what stands in it: SYNs to the servers are kept from connection
// tracking, so that nothing is stored for them, and the proxy answers them with
// cookies; an ACK that belongs to nothing either brings a cookie back, or goes.
func proxyText(backends []Backend) string {
	var raw, through strings.Builder
	for _, b := range backends {
		family := "ip"
		if b.Address.Addr().Is6() {
			family = "ip6"
		}
		to := fmt.Sprintf("\t%s daddr %v tcp dport %d ", family, b.Address.Addr(), b.Address.Port())
		raw.WriteString(to + "tcp flags & (fin|syn|rst|ack) == syn notrack\n")
		through.WriteString(to + "ct state invalid,untracked synproxy" + strings.ReplaceAll(strings.ReplaceAll(b.offer(), ",", " "), "=", " ") + "\n")
		through.WriteString(to + "ct state invalid counter drop\n")
	}
	return "chain raw {\n\ttype filter hook prerouting priority -300;\n" + raw.String() +
		"}\nchain through {\n\ttype filter hook forward priority -10;\n" + through.String() + "}\n"
}

// offer is String without the address.
func (b Backend) offer() string { return strings.TrimPrefix(b.String(), b.Address.String()) }
