package hold

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/google/nftables"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// halfway begins a connection whose cookie stays with the client: its ACKs are
// dropped on the way until they are let go.
func halfway(t *testing.T, w *bench.World) (c net.Conn, letGo func()) {
	t.Helper()
	if err := w.Client.Add(lab.PureACK.On(lab.Outbound).To(web.Port())); err != nil {
		t.Fatal(err)
	}
	c, err := dial(w, web)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, func() {
		t.Helper()
		if err := w.Client.Do(func() error {
			rules, err := nftables.New()
			if err != nil {
				return err
			}
			rules.FlushRuleset()
			return rules.Flush()
		}); err != nil {
			t.Error(err)
		}
	}
}

// TestGrace: all is put back at once but the path of ACKs, by which a client comes
// in whose cookie was under way when the guard died or ended.
func TestGrace(t *testing.T) {
	for name, end := range map[string]func(o *other){
		"killed": (*other).kill,
		"ended":  func(o *other) { o.ok("end") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			echo(t, w, web)
			before := traces(t, w.Server)
			o := newOther(t, w.Server, t.TempDir())
			o.ok("begin", "set net.ipv4.tcp_synack_retries=2", "arm "+web.String())
			acks := traces(t, w.Server)["tcx"]
			c, letGo := halfway(t, w)
			end(o)
			with := map[string]string{}
			for k, v := range before {
				with[k] = v
			}
			with["tcx"] = acks
			same(t, w.Server, with)
			if h := askUntil(t, w, Grace); h.State != Grace || h.PID != o.cmd.Process.Pid || time.Until(h.Until) > time.Minute || time.Until(h.Until) < 50*time.Second {
				t.Errorf("%+v", h)
			}
			letGo()
			if err := alive(c); err != nil {
				t.Error(err)
			}
			served(t, w)
			if err := w.Server.Do(func() error { return Leave(context.Background()) }); err != nil {
				t.Error(err)
			}
			same(t, w.Server, before)
			free(t, w.Server)
		})
	}
}

// askUntil asks until the answer is the wanted one: the reaper says that it is done
// a moment after it was.
func askUntil(t *testing.T, w *bench.World, want State) *Holder {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for late := time.Now().Add(time.Second); ; <-again.C {
		if h := ask(t, w); h != nil && h.State == want || time.Now().After(late) {
			return h
		}
	}
}

// TestGraceEnds: by itself, and then nothing is left.
func TestGraceEnds(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin 300ms", "arm "+web.String(), "end")
	free(t, w.Server)
	same(t, w.Server, before)
}

// TestBegunInTheGrace: who begins again goes on with the keys, so that a crash and
// a restart cost no client anything.
func TestBegunInTheGrace(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	folder := t.TempDir()
	first, second := newOther(t, w.Server, folder), newOther(t, w.Server, folder)
	first.ok("begin", "arm "+web.String())
	c, letGo := halfway(t, w)
	first.kill()
	second.ok("begin -1s", "arm "+web.String())
	letGo()
	if err := alive(c); err != nil {
		t.Error(err)
	}
	served(t, w)
	if got := second.do("answered " + web.String()); got != "2 2" {
		t.Error("answered and accepted by both:", got)
	}
	second.ok("end")
	same(t, w.Server, before)
}
