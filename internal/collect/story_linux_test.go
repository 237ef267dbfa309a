package collect_test

import (
	"context"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestTwoNamespacesOneStory: a server leaks, and its clients, in a namespace of
// their own, wait for it: one cause, and what follows from it.
func TestTwoNamespacesOneStory(t *testing.T) {
	t.Parallel()
	const n = 8
	p := pairWith(t, stay{build: func(p lab.Pair) {
		leaky := p.Server.Program("leaky")
		leaky.Listen("0.0.0.0:80", 128, actor.ServeLeak)
		clients := p.Client.Program("clients")
		clients.Dial(to80, n)
		p.Server.World().Wait("accepted", func() (bool, string) { return leaky.Accepted() == n, "not yet" })
		clients.FinishSending()
		p.Server.ShowsRead(tcp.CloseWait, n)
		p.Client.Shows(tcp.FinWait2, n)
	}})
	var seen [2]*evidence.Bundle
	done := make(chan error, len(seen))
	for i, host := range []*lab.Host{p.Server, p.Client} {
		go func() {
			done <- host.Do(func() (err error) {
				seen[i], err = collect.Run(context.Background(), collect.Options{Window: 2 * time.Second})
				return err
			})
		}()
	}
	for range seen {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	all := diagnose.Merge([]diagnose.Report{diagnose.Diagnose(seen[0]), diagnose.Diagnose(seen[1])})
	if len(all.Findings) != 2 {
		t.Fatalf("%d findings: %+v", len(all.Findings), all.Findings)
	}
	root, follows := all.Findings[0], all.Findings[1]
	if root.Cause != "app-not-closing" || root.Subject.NetNS != seen[0].Host.NetNS || root.Count != n {
		t.Errorf("root %s of %s, %d", root.Cause, root.Subject.NetNS, root.Count)
	}
	if follows.Cause != "half-close-held" || follows.BecauseOf != root.Cause || follows.Subject.NetNS != seen[1].Host.NetNS {
		t.Errorf("then %s of %s, because of %q", follows.Cause, follows.Subject.NetNS, follows.BecauseOf)
	}
}
