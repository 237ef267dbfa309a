package bpf

import (
	"net"
	"os"
	"testing"
)

// TestHolders: our own listener is found, with our number and name.
func TestHolders(t *testing.T) {
	needRights(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	holders, err := OpenHolders()
	if err != nil {
		t.Fatal(err)
	}
	defer holders.Close()
	found := 0
	if err := holders.Each(func(h *Holder) error {
		if int(h.PID) == os.Getpid() {
			found++
			if h.Name == "" || h.Inode == 0 || h.FD < 3 {
				t.Errorf("%+v", *h)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if found != 1 {
		t.Errorf("%d sockets of ours, not the one listener", found)
	}
}

// TestMinisockets: what is found has a state of a minisocket.
func TestMinisockets(t *testing.T) {
	needRights(t)
	minisockets, err := OpenMinisockets()
	if err != nil {
		t.Fatal(err)
	}
	defer minisockets.Close()
	if err := minisockets.Each(func(m *Minisocket) error {
		if m.State != 12 && m.State != 6 && m.State != 5 && m.State != 2 {
			t.Errorf("%+v", *m)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
