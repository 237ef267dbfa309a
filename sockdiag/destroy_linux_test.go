package sockdiag

import (
	"context"
	"errors"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/tcp"
)

// TestDestroyEndsNoOther: who asks for a connection that is gone is told so, and
// the listener of its port stays.
func TestDestroyEndsNoOther(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		shot, err := Snapshot(context.Background(), Options{States: tcp.SetOf(tcp.Established)})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shot.Sockets {
			if err := Destroy(&s); errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EPERM) {
				t.Skip(err)
			}
			if err := Destroy(&s); !errors.Is(err, unix.ENOENT) {
				t.Errorf("%v is gone, and yet: %v", s.Local, err)
			}
			s.Cookie = 0
			if err := Destroy(&s); err == nil || errors.Is(err, unix.ENOENT) {
				t.Errorf("without a cookie: %v", err)
			}
		}
		counts, _, err := Count(context.Background(), Options{})
		if err != nil || len(shot.Sockets) != 2 || counts != (tcp.Counts{tcp.Listen: 1}) {
			t.Errorf("%v, %d connections, then %v", err, len(shot.Sockets), counts)
		}
	})
}
