package capturefile

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"
)

// TestRelayed: readers at different paces all get the whole stream and why it
// ended, whatever pieces it comes in.
func TestRelayed(t *testing.T) {
	broken := errors.New("the disk is gone")
	whole := make([]byte, 3*relayBlocks*relayBlock+77)
	for i := range whole {
		whole[i] = byte(rand.Uint32())
	}
	for name, source := range map[string]func() io.Reader{
		"large pieces":            func() io.Reader { return bytes.NewReader(whole) },
		"half blocks":             func() io.Reader { return iotest.HalfReader(bytes.NewReader(whole)) },
		"end with the last piece": func() io.Reader { return iotest.DataErrReader(bytes.NewReader(whole)) },
		"broken":                  func() io.Reader { return io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(broken)) },
	} {
		var work sync.WaitGroup
		for i, r := range Relayed(source(), 4) {
			work.Go(func() {
				defer r.Close()
				got, err := io.ReadAll(io.LimitReader(r, int64(1000*i)))
				if i == 0 { // the one that stops early
					return
				}
				if err == nil {
					var rest []byte
					rest, err = io.ReadAll(r)
					got = append(got, rest...)
				}
				if !bytes.Equal(got, whole) || (name == "broken") != errors.Is(err, broken) {
					t.Errorf("%s, reader %d: %d octets of %d, %v", name, i, len(got), len(whole), err)
				}
				if _, err := r.Read(make([]byte, 9)); err == nil {
					t.Errorf("%s: there is something behind the end", name)
				}
			})
		}
		work.Wait()
	}
}

// TestRelayedClosed: a closed reader reads nothing, and holds nobody up.
func TestRelayedClosed(t *testing.T) {
	whole := make([]byte, 5*relayBlocks*relayBlock)
	all := Relayed(bytes.NewReader(whole), 3)
	if _, err := io.ReadFull(all[0], make([]byte, relayBlock*relayBlocks)); err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:] { // one that has read nothing, and one twice
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error("close fails")
		}
	}
	if n, err := io.Copy(io.Discard, all[0]); err != nil || int(n) != len(whole)-relayBlock*relayBlocks {
		t.Error(n, err)
	}
	if _, err := all[1].Read(make([]byte, 1)); err != io.ErrClosedPipe {
		t.Error(err)
	}
}
