package apply

import (
	"os/exec"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
)

// proxyText is a table with chains, as the guard makes them.
const proxyText = `chain raw {
	type filter hook prerouting priority -300;
	ip daddr 192.0.2.2 tcp dport 80 tcp flags & (fin|syn|rst|ack) == syn notrack
	ip6 daddr 2001:db8::2 tcp dport 443 tcp flags & (fin|syn|rst|ack) == syn notrack
}
chain through {
	type filter hook forward priority -10;
	ip daddr 192.0.2.2 tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 0 timestamp sack-perm
	ip6 daddr 2001:db8::2 tcp dport 443 ct state invalid,untracked synproxy mss 1440
	ip daddr 192.0.2.2 tcp dport 80 ct state invalid counter drop
}
`

// TestATableThatSomebodyChanged: what was added, taken out or put elsewhere is seen.
func TestATableThatSomebodyChanged(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("nft is not installed")
	}
	c := diagnose.Change{Kind: "nft", Target: "inet synoptic-synproxy", To: proxyText}
	for _, command := range []string{
		"add rule inet synoptic-synproxy through tcp dport 22 accept",
		"flush chain inet synoptic-synproxy raw",
		"add chain inet synoptic-synproxy more",
		"add chain inet synoptic-synproxy through '{ policy drop; }'",
		"flush chain inet synoptic-synproxy through; nft add rule inet synoptic-synproxy through tcp dport 80 accept; nft add rule inet synoptic-synproxy through accept; nft add rule inet synoptic-synproxy through accept",
	} {
		inside(t, func() error {
			if err := (rules{}).Write(c, c.To); err != nil {
				return err
			}
			shell(t, []string{"nft " + command})
			if held, err := (rules{}).Read(c); err != nil || held != altered {
				t.Errorf("%s: it holds %q, %v", command, held, err)
			}
			return (rules{}).Write(c, "")
		})
	}
}

// TestNoTable: what is no table is refused before anything is made.
func TestNoTable(t *testing.T) {
	head := "chain raw {\n\ttype filter hook prerouting priority -300;\n"
	for _, text := range []string{
		"chain raw {\n", head, "chain raw {\n}\n", head + "\tnotrack\n", head + "\ttcp dport 80 synproxy mss\n}\n", head + "\tsynproxy wscale 15\n}\n",
		head + "\tct state shut drop\n}\n", head + "}\nnotrack\n", "chain raw {\n\tnotrack\n}\n",
	} {
		c := diagnose.Change{Kind: "nft", Target: "inet synoptic-synproxy", To: text}
		inside(t, func() error {
			if held, err := (rules{}).Read(c); err == nil {
				t.Errorf("%q holds %q", text, held)
			}
			if err := (rules{}).Write(c, text); err == nil {
				t.Errorf("%q was made", text)
			}
			return nil
		})
	}
}
