package sockdiag_test

import (
	"context"
	"fmt"
	"log"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func ExampleCount() {
	counts, _, err := sockdiag.Count(context.Background(), sockdiag.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, state := range tcp.States() {
		fmt.Println(state, counts[state])
	}
}

// Sockets whose peer has closed but whose program has not.
func ExampleDump() {
	o := sockdiag.Options{States: tcp.SetOf(tcp.CloseWait)}
	_, err := sockdiag.Dump(context.Background(), o, func(s *host.Socket) error {
		fmt.Println(s.Local, s.Remote, s.Inode, s.RecvQueue)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
