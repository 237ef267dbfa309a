package ssfilter

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

var allNames = Names{
	Service: func(name string) (uint16, bool) {
		port, ok := map[string]uint16{"ssh": 22, "http": 80, "https": 443, "x-y.z": 7}[name]
		return port, ok
	},
	Device: func(name string) (uint32, bool) {
		index, ok := map[string]uint32{"lo": 1, "eth0": 2, "7": 3, "dev": 4, "a=b": 5}[name]
		return index, ok
	},
	Cgroup: func(path string) (uint64, bool) { return uint64(len(path)), strings.HasPrefix(path, "/") },
	Host: func(name string) []netip.Addr {
		return map[string][]netip.Addr{
			"one": {netip.MustParseAddr("::ffff:192.0.2.1")},
			"two": {netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")},
		}[name]
	},
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		" \t\n":                   "",
		"sport = :22":             "sport = :22",
		"sport 22":                "sport = :22",
		"sport :ssh":              "sport = :22",
		"sport=:ssh":              "sport = :22",
		"dport eq x-y.z":          "dport = :7",
		"dport == 0x1bb":          "dport = :443",
		"dport = 0443":            "dport = :291", // octal, as in ss
		"dport *":                 "dst *",
		"dport != :*":             "not dst *",
		"dport>=1024":             "dport >= :1024",
		"src *":                   "src *",
		"src *:443":               "sport = :443",
		"src :443":                "sport = :443",
		"src :":                   "src *",
		"src any":                 "src *",
		"dst default:https":       "dport = :443",
		"src 127.0.0.1":           "src 127.0.0.1",
		"src 127.0.0.1:*":         "src 127.0.0.1",
		"src 127.0.0.1:ssh":       "src 127.0.0.1:22",
		"src 193.233.7/24":        "src 193.233.7.0/24",
		"src 193.233.7.9/24:80":   "src 193.233.7.0/24:80",
		"src 10/8":                "src 10.0.0.0/8",
		"src 10":                  "src 10.0.0.0",
		"src 0x7f.1":              "src 127.1.0.0",
		"src 10.0.0.0/255.0.0.0":  "src 10.0.0.0/8",
		"src 10.0.0.0/32":         "src 10.0.0.0",
		"src [127.0.0.1]:80":      "src 127.0.0.1:80",
		"dst [::1]":               "dst [::1]",
		"dst ::1":                 "dst [::1]",
		"dst ::":                  "dst [::]",
		"dst ::1:22":              "dst [::1]:22", // as in ss
		"dst 2001:db8::/32":       "dst [2001:db8::/32]",
		"dst 2001:db8::/32:443":   "dst [2001:db8::/32]:443",
		"dst [2001:db8::/32]:80":  "dst [2001:db8::/32]:80",
		"dst [2001:db8::1]/32":    "dst [2001:db8::/32]",
		"dst 1:2:3:4:5:6:7:8":     "dst [1:2:3:4:5:6:7:8]",
		"dst ::ffff:192.0.2.1":    "dst 192.0.2.1",
		"dst ::ffff:0:0/96":       "dst 0.0.0.0/0",
		"dst ::ffff:0:0/95":       "dst [::fffe:0:0/95]",
		"dst one":                 "dst 192.0.2.1",
		"dst two:80":              "dst 192.0.2.1:80 or dst [2001:db8::1]:80",
		"src != 10/8":             "not src 10.0.0.0/8",
		"dst neq two":             "not ( dst 192.0.2.1 or dst [2001:db8::1] )",
		"dev lo":                  "dev = lo",
		"dev != 9":                "not dev = 9",
		"dev 7":                   "dev = 7",
		`dev \dev`:                `dev = \dev`,
		"dev=a=b":                 `dev = a\=b`,
		"fwmark 0x10":             "fwmark = 0x10",
		"fwmark=1/0xff":           "fwmark = 0x1/0xff",
		"fwmark ne 010/8":         "not fwmark = 0x8/0x8",
		"cgroup /a":               "cgroup = /a",
		`cgroup != /a\ b\\x2d`:    `not cgroup = /a\ b\\x2d`,
		"( cgroup /a)":            "cgroup = /a",
		"autobound":               "autobound",
		"AUTOBOUND AND NOT src 1": "autobound and not src 1.0.0.0",
	} {
		checkParse(t, text, want)
	}
}

func checkParse(t *testing.T, text, want string) {
	t.Helper()
	f, err := Parse(text, allNames)
	if err != nil {
		t.Errorf("%q: %v", text, err)
		return
	}
	if f.String() != want {
		t.Errorf("%q is read as %q, want %q", text, f, want)
	}
	if again, err := Parse(f.String(), allNames); err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("%q: %q is read back as %v, %v", text, f, again, err)
	}
}

// "and" and "or" bind equally, from left to right, as in ss.
func TestOperators(t *testing.T) {
	for text, want := range map[string]string{
		"autobound dev 1": "autobound and dev = 1",
		"autobound & dev 1 && dev 2 and dev 3 dev 4": "autobound and dev = 1 and dev = 2 and dev = 3 and dev = 4",
		"autobound | dev 1 || dev 2 or dev 3":        "autobound or dev = 1 or dev = 2 or dev = 3",
		"dev 1 or dev 2 and dev 3":                   "( dev = 1 or dev = 2 ) and dev = 3",
		"dev 1 or dev 2 dev 3 or dev 4":              "( ( dev = 1 or dev = 2 ) and dev = 3 ) or dev = 4",
		"dev 1 or (dev 2 and dev 3)":                 "dev = 1 or ( dev = 2 and dev = 3 )",
		"dev 1 and (dev 2 and dev 3)":                "dev = 1 and dev = 2 and dev = 3",
		"not dev 1 dev 2":                            "not dev = 1 and dev = 2",
		"!dev 1 or ! ( dev 2 or dev 3 )":             "not dev = 1 or not ( dev = 2 or dev = 3 )",
		"not not dev 1":                              "dev = 1",
		"not ! not dev 1":                            "not dev = 1",
		"not ( not dev 1 )":                          "dev = 1",
		"!dev != 1":                                  "dev = 1",
		"((( dev 1 )))":                              "dev = 1",
		strings.Repeat("(", 200) + "dev 1" + strings.Repeat(")", 200): "dev = 1",
	} {
		checkParse(t, text, want)
	}
}

func TestStates(t *testing.T) {
	for text, want := range map[string]tcp.StateSet{
		"state established":                     tcp.SetOf(tcp.Established),
		"state ESTAB state SYN_RECV":            tcp.SetOf(tcp.Established, tcp.SynReceived),
		"state syn-rcv":                         tcp.SetOf(tcp.SynReceived),
		"state listen":                          tcp.SetOf(tcp.Listen),
		"state FinWait1 state LAST_ACK":         tcp.SetOf(tcp.FinWait1, tcp.LastAck),
		"state closed":                          tcp.SetOf(tcp.Closed),
		"state bound-inactive":                  tcp.SetOf(tcp.Closed),
		"state all":                             tcp.AllStates,
		"state connected":                       tcp.AllStates &^ tcp.SetOf(tcp.Listen, tcp.Closed),
		"state synchronized":                    tcp.Synchronized | tcp.SetOf(tcp.SynReceived),
		"state bucket":                          tcp.SetOf(tcp.TimeWait, tcp.SynReceived),
		"state Big":                             tcp.AllStates &^ tcp.SetOf(tcp.TimeWait, tcp.SynReceived),
		"exclude listening":                     tcp.AllStates &^ tcp.SetOf(tcp.Listen),
		"excl bucket exclude listening":         tcp.AllStates &^ tcp.SetOf(tcp.TimeWait, tcp.SynReceived, tcp.Listen),
		"state connected exclude time-wait":     tcp.AllStates &^ tcp.SetOf(tcp.Listen, tcp.Closed, tcp.TimeWait),
		"exclude all state time-wait":           tcp.SetOf(tcp.TimeWait),
		"state time-wait exclude all":           0,
		"sport = :22 state established":         tcp.SetOf(tcp.Established),
		"sport = :22 and state established":     tcp.SetOf(tcp.Established),
		"state established and sport = :22":     tcp.SetOf(tcp.Established),
		"dev 1 or dev 2 state closing or dev 3": 0,
	} {
		f, err := Parse(text, names)
		if strings.Contains(text, "closing or") {
			if err == nil {
				t.Errorf("%q is read as %q", text, f)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if set, given := f.States(); set != want || !given {
			t.Errorf("%q: %v, %v; want %v", text, set, given, want)
		}
		checkParse(t, text, f.String())
	}
	if set, given := must(t, "sport = :22").States(); set != tcp.AllStates || given {
		t.Errorf("without states: %v, %v", set, given)
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{ // column, then a part of the reason
		"foo":                          `1: expected a condition`,
		"established":                  `1: a state stands behind the word "state": "state established"`,
		"state":                        `6: expected the name of a state; the filter ends here`,
		"state (":                      `7: expected the name of a state; found "("`,
		"state foo":                    `7: "foo" is not a state; expected a TCP state or all`,
		"state etsablished":            `7: "etsablished" is not a state; did you mean established?`,
		"state established or dev 1":   `19: a state holds for the whole filter and has no alternative`,
		"dev 1 or state established":   `10: "state" holds for the whole filter and cannot be an alternative`,
		"( state established )":        `3: "state" holds for the whole filter and stands outside parentheses`,
		"not state established":        `5: a state cannot be negated like this; write "exclude"`,
		"and dev 1":                    `1: nothing stands before "and"`,
		"dev 1 and":                    `10: expected a condition (src, dst, sport, dport, dev, fwmark, cgroup, autobound), "not" or "("; the filter ends here`,
		"dev 1 or or dev 2":            `10: expected a condition`,
		"not":                          `4: expected a condition`,
		"( dev 1":                      `1: this "(" is never closed`,
		"dev 1 )":                      `7: no "(" is open here`,
		"( )":                          `3: nothing stands in these parentheses`,
		"sport":                        `6: expected a port, as in :443 or :https; the filter ends here`,
		"sport = and":                  `9: expected a port, as in :443 or :https; found "and"`,
		"sport = :foo":                 `9: "foo" is neither a port nor a service`,
		"sport = :65536":               `9: "65536" is no port; ports end at 65535`,
		"sport = -1":                   `9: "-1" is neither`,
		"sport > *":                    `7: ">" needs a port behind it`,
		"sport = 127.0.0.1:80":         `9: "127.0.0.1:80" is neither a port`,
		"sport = inet:80":              `9: "inet:": only TCP sockets`,
		"src unix:/run/x":              `5: "unix:": only TCP sockets are looked at`,
		"src 1.2.3.4.5":                `5: "1.2.3.4.5" is no address`,
		"src 256.0.0.1":                `5: "256.0.0.1" is no address`,
		"src 10.0.0.0/33":              `5: "10.0.0.0/33" is no address`,
		"src 10.0.0.0/255.0.255.0":     `5: "10.0.0.0/255.0.255.0" is no address`,
		"src [::1":                     `5: "[::1" cannot be read`,
		"src [::1]x":                   `5: "[::1]x" cannot be read`,
		"src [::1]:":                   `5: "[::1]:" cannot be read`,
		"src []":                       `5: "[]" cannot be read`,
		"src *x":                       `5: "*x" cannot be read`,
		"src fe80::1%eth0":             `5: "fe80::1%eth0" is no address`,
		"src nobody.example":           `5: "nobody.example" is no address`,
		"src > 10.0.0.1":               `5: src can only be compared with = or !=`,
		"dst 192.0.2.1:70000":          `5: "70000" is no port`,
		"dev nowhere":                  `5: there is no interface "nowhere"`,
		"dev > 1":                      `5: dev can only be compared with = or !=`,
		"dev":                          `4: expected the name or index of an interface`,
		"fwmark x":                     `8: "x" is no mark; expected a mark, as in 0x10 or 0x10/0xff`,
		"fwmark 1/":                    `8: "1/" is no mark`,
		"fwmark 0x100000000":           `8: "0x100000000" is no mark`,
		"cgroup nowhere":               `8: there is no cgroup v2 at "nowhere"`,
		"dev 1 \u00e9\u00e9 dev 2":     `7: expected a condition`,
		"src \u00e9\u00e9 dev":         `5: "éé" is no address`,
		strings.Repeat("(", 201) + "1": `201: more than 200 parentheses`,
	} {
		_, err := Parse(text, allNames)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, "filter, column "+want) || strings.Contains(got, "\n") {
			t.Errorf("%q: %s; want %s", text, got, want)
		}
	}
}

func TestCaret(t *testing.T) {
	for text, want := range map[string]string{
		"sport = :foo and dev 1": "sport = :foo and dev 1\n        ^^^^",
		"dev 1 and":              "dev 1 and\n         ^",
		"dev\t1 éé dev 2":        "dev 1 éé dev 2\n      ^^",
	} {
		_, err := Parse(text, names)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Caret() != want {
			t.Errorf("%q: got\n%s", text, syntax.Caret())
		}
	}
}

func TestNoNames(t *testing.T) {
	for _, text := range []string{"sport = :ssh", "dev lo", "cgroup /a", "src one"} {
		if f, err := Parse(text, Names{}); err == nil {
			t.Errorf("%s is read as %v", text, f)
		}
	}
}
