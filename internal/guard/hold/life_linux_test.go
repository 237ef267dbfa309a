package hold

import (
	"errors"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// TestLife: what a guard changes stands while it runs, and nothing of it after.
func TestLife(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s", "set net.ipv4.tcp_syncookies=2", "set net.ipv4.tcp_syncookies=1 net.ipv4.tcp_synack_retries=2", "arm "+web.String())
	served(t, w)
	if got := o.do("answered " + web.String()); got != "1 1" {
		t.Error("answered and accepted:", got)
	}
	now := traces(t, w.Server)
	if now["xdp"] == before["xdp"] || now["tcx"] == before["tcx"] || strings.TrimSpace(now["/proc/sys/net/ipv4/tcp_synack_retries"]) != "2" {
		t.Error("nothing was changed:", now["xdp"], now["tcx"])
	}
	o.ok("end")
	same(t, w.Server, before)
	served(t, w)
}

// TestBadInput: one line each, at once, and nothing is changed; the next one can
// begin.
func TestBadInput(t *testing.T) {
	w := newWorld(t)
	before := traces(t, w.Server)
	folder := t.TempDir()
	for says, o := range map[string]Options{
		"no interface is named":       {State: folder},
		`there is no interface "nix"`: {State: folder, Interfaces: []string{wire, "nix"}},
	} {
		err := w.Server.Do(func() error {
			s, err := Begin(t.Context(), o)
			if err == nil {
				err = s.End()
			}
			return err
		})
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v instead of %s", err, says)
		}
	}
	same(t, w.Server, before)
	free(t, w.Server)
	if err := w.Server.Do(func() error {
		s, err := Begin(t.Context(), Options{State: folder, Interfaces: []string{wire}, Grace: -1})
		if err != nil {
			return err
		}
		if err := s.Arm(web); !errors.Is(err, bpf.ErrNobodyListens) {
			t.Error(err)
		}
		if err := s.End(); err != nil {
			return err
		}
		if err := s.Beat(); !errors.Is(err, ErrEnded) {
			t.Error(err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	same(t, w.Server, before)
}
