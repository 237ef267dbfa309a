package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
	"github.com/synoptic-net/synoptic/internal/guard/hold"
	"github.com/synoptic-net/synoptic/internal/guard/loop"
	"github.com/synoptic-net/synoptic/internal/kernel"
)

// guardRun is one run of the guard.
type guardRun struct {
	interf       string
	listenerArgs []string
	dry, replace bool
	duration     window
	hold         window
	journal      string
	format       *choice
}

func newGuardRunCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Watch, and answer SYNs with cookies for as long as there is a flood",
		Long: `Attaches SYN cookies by XDP to an interface, disarmed, and watches the kernel's
counters ten times a second. When a queue of half-open connections is met full, it
looks who asks: where next to nobody of those becomes a connection, it is a flood,
and the listener is armed within 300 ms. Clients that come all at once are no
flood, however many, and neither is a program that does not accept: then it says
so and does nothing.

It proves that the defence works, or takes it back and says why. A minute after
the last sign of the flood it disarms; a flood that comes in pulses is met once.
Ctrl-C, SIGTERM or the end of --for puts everything back. If the guard is killed, a
second process does that within a second; if both are, "synoptic guard status" says
so and "synoptic guard revert" puts back what is left.

Without --listener every listener on the interface's addresses is watched, also
those that begin later. --dry-run decides the same and counts what would be
answered, but answers nothing. It needs root.`,
		Example: `  synoptic guard run
  synoptic guard run --dry-run --for 1h
  synoptic guard run --interface eth0 --listener 192.0.2.1:443 -o jsonl`,
		Args: noArguments,
	}
	g := &guardRun{format: addOutputFlag(cmd, "text", "jsonl"), hold: window(detect.DefaultHold)}
	flags := cmd.Flags()
	flags.StringVar(&g.interf, "interface", "", "the `NAME` of the interface that SYNs come in by (default that of the default route)")
	flags.StringArrayVar(&g.listenerArgs, "listener", nil, "watch only this `ADDRESS:PORT`; may be said again, and the address may be 0.0.0.0 or [::]")
	flags.BoolVar(&g.dry, "dry-run", false, "answer nothing, count what would be answered")
	flags.Var(&g.duration, "for", "how long to run (default until Ctrl-C)")
	flags.Var(&g.hold, "hold", "how long it stays armed after the last sign of a flood")
	flags.BoolVar(&g.replace, "replace", false, "take the place of the guard that runs here; what is armed stays armed")
	journalFlag(cmd, &g.journal)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return g.run(cmd) }
	return cmd
}

// check reads what was asked for.
func (g *guardRun) check() (listeners []netip.AddrPort, err error) {
	if g.dry && g.replace {
		return nil, usagef("--replace goes on with what is armed, and --dry-run arms nothing: choose one")
	}
	if time.Duration(g.hold) < time.Second {
		return nil, usagef("--hold %v: at least 1s, or clients whose SYN was lost would meet the next change", time.Duration(g.hold))
	}
	wish, err := (&guarding{listenerArgs: g.listenerArgs}).wish()
	return wish.Listeners, err
}

func (g *guardRun) run(cmd *cobra.Command) error {
	listeners, err := g.check()
	if err != nil {
		return err
	}
	interf, err := g.interfaceName()
	if err != nil {
		return err
	}
	eyes, err := loop.OpenEyes(interf, listeners)
	if err != nil {
		return err
	}
	defer eyes.Close()
	look, err := eyes.Look()
	if err == nil { // before anything of another guard is taken over
		err = heard(look, listeners, eyes.Rules())
	}
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // whose reader goes away ends in order
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	session, err := hold.Begin(ctx, hold.Options{Interfaces: []string{interf}, State: g.journal, Replace: g.replace})
	if err != nil {
		return err
	}
	out := newGuardLog(cmd, g.format.value, g.dry)
	sum, err := g.guard(ctx, session, eyes, interf, len(look.Queues), out)
	var left time.Duration
	if !sum.HandedOver {
		if ended := session.End(); !errors.Is(ended, hold.ErrHandedOver) {
			err = errors.Join(err, ended)
		}
		left = acksLeft(cmd.Context())
	}
	if err == nil {
		out.end(sum, left)
	}
	return errors.Join(err, out.close())
}

// heard fails where nobody listens on what was named, or not to what comes there.
func heard(look detect.Look, listeners []netip.AddrPort, rules []host.Published) error {
	for _, l := range listeners {
		if err := guard.Led(rules, l); err != nil {
			return err
		}
		wanted := loop.Wanted{Listeners: []netip.AddrPort{l}}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(look.Queues)), wanted.Wants) {
			return fmt.Errorf("nobody listens on %v: start the program first, or leave --listener out to watch those that come", l)
		}
	}
	return nil
}

// acksLeft is how long ACKs of cookies are still taken after the end.
func acksLeft(ctx context.Context) time.Duration {
	h, err := hold.Ask(ctx)
	if err != nil || h == nil || h.State != hold.Grace { // nobody is left, or cannot say so
		return 0
	}
	return max(time.Until(h.Until), 0)
}

// interfaceName is the one that was named, or that of the default route.
func (g *guardRun) interfaceName() (string, error) {
	if g.interf != "" {
		return g.interf, nil
	}
	routes, err := kernel.Routes()
	if err != nil {
		return "", err
	}
	name := guard.DefaultInterface(routes)
	if name == "" {
		return "", errors.New("there is no default route that would tell the interface: name it with --interface")
	}
	return name, nil
}

// guard runs the loop until the context ends, or nobody reads what it says.
func (g *guardRun) guard(ctx context.Context, session *hold.Session, eyes *loop.Eyes, interf string, listeners int, out *guardLog) (sum loop.Summary, err error) {
	mode, err := eyes.Mode()
	if err != nil {
		return sum, err
	}
	armed := session.Armed()
	out.begin(interf, mode.String(), listeners, len(armed) > 0)
	if !sameFolder(session.Folder(), g.journal) {
		out.said("journals", out.lang.Say("guarding-journals", session.Folder()))
	}
	if err := g.prepare(session, out); errors.Is(err, hold.ErrHandedOver) { // replaced before its first look
		now := time.Now()
		return loop.Summary{Began: now, Ended: now, DryRun: g.dry, HandedOver: true}, nil
	} else if err != nil {
		return sum, err
	}
	ctx, cancel := g.limited(ctx)
	defer cancel()
	go func() {
		select {
		case <-out.failed:
			cancel()
		case <-ctx.Done():
		}
	}()
	o := loop.Options{Options: detect.Options{Hold: time.Duration(g.hold), DryRun: g.dry}, Armed: armed}
	return loop.Run(ctx, eyes, session, o, out.event), nil
}

// limited ends with the time of --for.
func (g *guardRun) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if g.duration > 0 {
		return context.WithTimeout(ctx, time.Duration(g.duration))
	}
	return context.WithCancel(ctx)
}

// prepare makes the setting without which nothing works.
func (g *guardRun) prepare(session *hold.Session, out *guardLog) error {
	settings, err := kernel.Host.Settings()
	if err != nil {
		return err
	}
	plan := guard.Running(settings)
	if !g.dry && len(plan.Changes) > 0 {
		if _, err := session.Apply(plan); err != nil {
			return err
		}
	}
	for _, c := range plan.Changes { // it is said once it is so
		out.setting(c.Target, c.From, c.To)
	}
	return nil
}
