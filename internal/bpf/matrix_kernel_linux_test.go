package bpf

import (
	"io"
	"net"
	"testing"
)

// TestSummaryTimesAShare: of many sockets every transition is counted, and some are
// timed.
func TestSummaryTimesAShare(t *testing.T) {
	needRights(t)
	const many, whole = 800, 50
	l, code := listening(t)
	sums, err := OpenTransitions(Options{Filter: code, Summary: true, timed: whole})
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	for range many {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = client.Close()
		_, _ = io.Copy(io.Discard, server)
		_ = server.Close()
	}
	all, err := sums.Summary()
	if err != nil {
		t.Fatal(err)
	}
	const established, closeWait = 1, 8 // TCP_ESTABLISHED, TCP_CLOSE_WAIT
	for _, d := range all {
		if d.From != established || d.To != closeWait {
			continue
		}
		if known := d.Known(); d.Count() != many || known < whole/4 || known > many/2 {
			t.Errorf("%d of %d are timed, of %d connections", known, d.Count(), many)
		}
		return
	}
	t.Error("no connection was closed by its peer")
}
