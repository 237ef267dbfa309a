package guard

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// TestOverVeth: in a container nobody sees whether the other end of the cable
// takes the frames that XDP answers with, and a bare one does not. Clients are
// served all the same.
func TestOverVeth(t *testing.T) {
	needXDP(t)
	w := lab.NewWorld(t.Context())
	defer w.Close()
	p := w.Pair()
	p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	if err := p.Server.Do(func() error {
		if err := privateBPF(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return err
		}
		h, err := NewHand(t.TempDir())
		if err != nil {
			return err
		}
		l := climbed(t, Wish{XDP: true, Interface: "eth0"})
		l.Plan.Changes[0].To = "armed 192.0.2.2:80"
		_, err = h.Apply(l.Plan)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := p.Client.Do(func() error { return askOnce("192.0.2.2:80") }); err != nil {
			t.Error(err)
		}
	}
}

// askOnce sends a line and waits for the first octet of the answer.
func askOnce(at string) error {
	c, err := net.DialTimeout("tcp", at, 10*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	_, wrote := c.Write([]byte("?\n"))
	_, read := io.ReadFull(c, make([]byte, 1))
	return errors.Join(wrote, read)
}
