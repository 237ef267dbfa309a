package sockdiag

import (
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func (s *stage) checkSS(t *testing.T) {
	said, err := exec.Command("ss", "-HtanOe").Output()
	if err != nil {
		t.Skipf("ss: %v", err)
	}
	var theirs, ours []string
	for line := range strings.Lines(string(said)) {
		theirs = append(theirs, ssLine(t, line))
	}
	for _, socket := range s.dump(Options{}) {
		ours = append(ours, ourLine(&socket))
	}
	slices.Sort(theirs)
	slices.Sort(ours)
	if !slices.Equal(ours, theirs) {
		t.Errorf("ours:\n%s\nss:\n%s", strings.Join(ours, "\n"), strings.Join(theirs, "\n"))
	}
}

// ssLine reads "ESTAB 0 0 127.0.0.1:8001 127.0.0.1:40000 ino:5 sk:1".
func ssLine(t *testing.T, line string) string {
	fields := strings.Fields(line)
	state, err := host.ParseState(fields[0])
	if err != nil {
		t.Error(err)
	}
	inode := "0"
	for _, field := range fields {
		if number, ok := strings.CutPrefix(field, "ino:"); ok {
			inode = number
		}
	}
	clean := strings.NewReplacer("::ffff:127.0.0.1", "127.0.0.1", "[127.0.0.1]", "127.0.0.1", "[::ffff:127.0.0.1]", "127.0.0.1")
	return strings.Join([]string{state.String(), fields[1], fields[2], clean.Replace(fields[3]), clean.Replace(fields[4]), inode}, " ")
}

func ourLine(s *host.Socket) string {
	local, remote := s.Local.String(), s.Remote.String()
	if s.State == tcp.Listen {
		remote = "0.0.0.0:*"
		if s.Local.Addr().Is6() {
			remote = "[::]:*"
		}
		if s.Local.Addr() == netip.IPv6Unspecified() {
			local, remote = fmt.Sprintf("*:%d", s.Local.Port()), "*:*"
		}
	}
	return fmt.Sprintf("%v %d %d %s %s %d", s.State, s.RecvQueue, s.SendQueue, local, remote, s.Inode)
}
