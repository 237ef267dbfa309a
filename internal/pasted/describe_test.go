package pasted

import (
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

// describe writes a socket and its owners on one line, zero facts left out:
//
//	ESTABLISHED 192.0.2.10:22 198.51.100.4:51515 q=0/52 on/210ms/0 ino=31337 uid=0 2201:sshd#4
func describe(s *host.Socket, owners []Owner) string {
	parts := []string{s.State.String(), address(s.Local), address(s.Remote)}
	if s.Kind != host.Full {
		parts = append(parts, s.Kind.String())
	}
	if s.RecvQueue != 0 || s.SendQueue != 0 {
		parts = append(parts, fmt.Sprintf("q=%d/%d", s.RecvQueue, s.SendQueue))
	}
	if s.Timer != host.TimerOff {
		parts = append(parts, fmt.Sprintf("%v/%v/%d", s.Timer, s.Expires, s.Retransmits))
	}
	if s.Inode != 0 {
		parts = append(parts, fmt.Sprintf("ino=%d", s.Inode))
	}
	if s.UID != 0 {
		parts = append(parts, fmt.Sprintf("uid=%d", s.UID))
	}
	for _, o := range owners {
		parts = append(parts, owner(o))
	}
	return strings.Join(parts, " ")
}

func address(a netip.AddrPort) string {
	switch {
	case a == netip.AddrPort{}:
		return "-"
	case !a.Addr().IsValid():
		return fmt.Sprintf("?:%d", a.Port())
	}
	return a.String()
}

func owner(o Owner) string {
	if o.FD < 0 {
		return fmt.Sprintf("%d:%s", o.PID, o.Name)
	}
	return fmt.Sprintf("%d:%s#%d", o.PID, o.Name, o.FD)
}

func (t *Text) describe() []string {
	var lines []string
	for i := range t.Sockets {
		var owners []Owner
		for _, o := range t.Owners {
			if o.Socket == i {
				owners = append(owners, o)
			}
		}
		lines = append(lines, describe(&t.Sockets[i], owners))
	}
	return lines
}

// words lists the facts that are known.
func (k Knows) words() string {
	var known []string
	v := reflect.ValueOf(k)
	for i := range v.NumField() {
		if v.Field(i).Bool() {
			known = append(known, v.Type().Field(i).Name)
		}
	}
	return strings.Join(known, " ")
}

func parseFile(t *testing.T, name string) *Text {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := Parse(file)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return text
}

func parseString(t *testing.T, s string) *Text {
	t.Helper()
	text, err := Parse(strings.NewReader(s))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return text
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("%s %d:\n got  %s\n want %s", what, i, g, w)
		}
	}
}
