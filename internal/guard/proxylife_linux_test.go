package guard

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
)

// speaks tells whether a line is answered by a line on a connection.
func speaks(t *testing.T, c net.Conn) bool {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(700 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("hello\n")); err != nil {
		return false
	}
	_, err := c.Read(make([]byte, 64))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
		t.Log(err)
	}
	return err == nil
}

// TestConnectionsAndTheProxy: what the plan says of connections that are open when
// SYNPROXY comes and goes is so.
func TestConnectionsAndTheProxy(t *testing.T) {
	for _, tracked := range []bool{false, true} {
		w, r := routed(t)
		if tracked {
			r.Router.Track(lab.Forwarded)
		}
		before := dialled(t, r)
		if !speaks(t, before) {
			t.Fatal("the server does not answer")
		}
		b := seenAt(t, r.Router, 0)
		err := r.Router.Do(func() error {
			l := planOf(b)
			if _, err := l.Proxy(w.Context, b, []Backend{{Address: before.RemoteAddr().(*net.TCPAddr).AddrPort()}}); err != nil {
				return err
			}
			h, err := NewHand(t.TempDir())
			if err != nil {
				return err
			}
			if _, err := h.Apply(l.Plan); err != nil {
				return err
			}
			if got := speaks(t, before); got != tracked {
				t.Errorf("open when it came, tracked %v: goes on %v", tracked, got)
			}
			through := dialled(t, r)
			if !speaks(t, through) {
				t.Error("through it nothing comes back")
			}
			if _, err := Revert(h, false); err != nil {
				return err
			}
			if !tracked && speaks(t, through) { // else sequence numbers go on to be translated, and timestamps do not
				t.Error("what it translated goes on without it: the plan says too much of its costs")
			}
			if !speaks(t, dialled(t, r)) {
				t.Error("after it went nothing comes back")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func dialled(t *testing.T, r lab.Routed) (c net.Conn) {
	t.Helper()
	if err := r.Client.Do(func() (err error) {
		c, err = net.DialTimeout("tcp", "192.0.2.2:80", time.Second)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
