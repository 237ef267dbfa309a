package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/hold"
	"github.com/synoptic-net/synoptic/internal/text"
)

// guarding is what "guard plan" and "guard apply" share.
type guarding struct {
	window  *window
	format  *choice
	journal string

	xdp          bool
	interf       string
	listenerArgs []string
	dropArgs     []string
	persist      bool
	router       bool
	protectArgs  []string
	backends     []guard.Backend // what was found out about protectArgs
}

func addGuardFlags(cmd *cobra.Command) *guarding {
	g := &guarding{window: addWindowFlag(cmd), format: addOutputFlag(cmd, "text", "json", "yaml")}
	flags := cmd.Flags()
	flags.BoolVar(&g.xdp, "xdp", false, "attach the XDP cookies also without a flood: disarmed, or armed for each --listener")
	flags.StringVar(&g.interf, "interface", "", "the `NAME` of the interface for XDP (default that of the default route)")
	flags.StringArrayVar(&g.listenerArgs, "listener", nil, "an `ADDRESS:PORT` to arm, besides those that are flooded; may be said again")
	flags.StringArrayVar(&g.dropArgs, "drop", nil, "drop SYNs from a `PREFIX` that this look proves hostile; may be said again")
	flags.BoolVar(&g.router, "router", false, "propose SYNPROXY for a flooded server behind this router")
	flags.StringArrayVar(&g.protectArgs, "protect", nil, "a `SERVER` behind this router, ADDRESS:PORT, to answer for; may be said again")
	flags.BoolVar(&g.persist, "persist", false, "also write files that make it outlive a reboot; \"guard revert\" takes them away")
	return g
}

// journalFlag says where the journals are. They are those of diagnose --fix too:
// who acts on a host finds all that was done to it in one place.
func journalFlag(cmd *cobra.Command, folder *string) {
	cmd.Flags().StringVar(folder, "journal", defaultJournal(), "`FOLDER` of the journals of what was changed")
}

func newGuardPlanCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "What to do about a SYN flood, or before one; changes nothing",
		Long: `Looks at this network namespace for a while, and says what the guard would change:
each setting with the value now and the new one, what that does, what it costs
genuine clients, and how it is undone. Without a flood it proposes the settings
that help should one come. A full accept queue, SYN-ACKs that do not get out, and
others that look like a flood are none: then it proposes nothing, and says why.

Where a flood is found, or with --xdp, it also proposes SYN cookies by XDP; on
kernels older than Linux 6.9 those that the kernel makes. An interface with
another XDP program is refused. --drop drops SYNs from a network that proved
hostile in this look: cookies do without, so it is for those who know whose
addresses they are.

Floods on their way to a server behind this router are not ended by any of that.
Where the server itself cannot be defended, --router or --protect propose
netfilter's SYNPROXY: the router then answers SYNs in the server's place. It asks
the server what its handshake offers, by one connection, unless that is said, as
in --protect 192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm.

With --persist the plan has files that make it outlive a reboot: settings in
/etc/sysctl.d, and a unit of systemd for what only this program can do.`,
		Example: `  synoptic guard plan
  synoptic guard plan --for 2s -o json`,
		Args: noArguments,
	}
	g := addGuardFlags(cmd)
	journalFlag(cmd, &g.journal)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		doc, _, err := g.plan(cmd)
		if err != nil {
			return err
		}
		return g.print(cmd, doc)
	}
	return cmd
}

func newGuardApplyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Carry the plan out, with a journal and a way back",
		Long: `Makes the plan of "guard plan" and carries all of it out without asking, the
preventive settings too. What stands there before is written to a journal first;
if a change fails, those before it are taken back. "guard revert" puts everything
back exactly. It needs root.`,
		Example: `  synoptic guard apply
  synoptic guard revert`,
		Args: noArguments,
	}
	g := addGuardFlags(cmd)
	journalFlag(cmd, &g.journal)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return g.apply(cmd) }
	return cmd
}

// plan looks and goes up the ladder.
func (g *guarding) plan(cmd *cobra.Command) (doc explain.GuardPlan, ladder guard.Ladder, err error) {
	wish, err := g.wish()
	if err != nil {
		return doc, ladder, err
	}
	backends, err := g.protected()
	if err != nil {
		return doc, ladder, err
	}
	seen, err := look(cmd, time.Duration(*g.window), nil)
	if err != nil {
		return doc, ladder, err
	}
	report := diagnose.Diagnose(seen)
	ladder = guard.Plan(&report)
	if err := ladder.Climb(seen, wish); err != nil {
		return doc, ladder, err
	}
	if g.router || len(backends) > 0 {
		if g.backends, err = ladder.Proxy(cmd.Context(), seen, backends); err != nil {
			return doc, ladder, err
		}
	}
	if err := g.keep(&ladder); err != nil {
		return doc, ladder, err
	}
	doc = explain.GuardPlanOf(explain.GuardOutlook(ladder), report, documentLanguage(cmd, g.format.value))
	doc.With = g.with()
	return doc, ladder, nil
}

// wish reads what is asked of XDP.
func (g *guarding) wish() (guard.Wish, error) {
	w := guard.Wish{XDP: g.xdp, Interface: g.interf}
	for _, word := range g.listenerArgs {
		at, err := netip.ParseAddrPort(word)
		if err != nil || at.Port() == 0 {
			return w, usagef("--listener %q: say ADDRESS:PORT, like 192.0.2.1:80 or [2001:db8::1]:80", word)
		}
		w.Listeners = append(w.Listeners, at)
	}
	for _, word := range g.dropArgs {
		source, err := netip.ParsePrefix(word)
		if one, e := netip.ParseAddr(word); e == nil {
			source, err = one.Prefix(one.BitLen())
		}
		if err != nil || source.Bits() == 0 {
			return w, usagef("--drop %q: say a network or an address, like 198.18.7.0/24 or 198.18.7.7", word)
		}
		w.Drop = append(w.Drop, source)
	}
	return w, nil
}

// protected reads which servers are behind this router.
func (g *guarding) protected() (list []guard.Backend, err error) {
	for _, word := range g.protectArgs {
		b, err := guard.ParseBackend(word)
		if err != nil {
			return nil, usagef("--protect %q: %v", word, err)
		}
		list = append(list, b)
	}
	return list, nil
}

// with is how the flags were given.
func (g *guarding) with() (words string) {
	if g.xdp {
		words += " --xdp"
	}
	if g.interf != "" {
		words += " --interface " + g.interf
	}
	for _, l := range g.listenerArgs {
		words += " --listener " + l
	}
	for _, d := range g.dropArgs {
		words += " --drop " + d
	}
	if g.router {
		words += " --router"
	}
	for _, p := range g.protectArgs {
		words += " --protect " + p
	}
	if g.persist {
		words += " --persist"
	}
	if g.journal != defaultJournal() {
		words += " --journal " + g.journal
	}
	return words
}

func (g *guarding) apply(cmd *cobra.Command) error {
	interrupts := make(chan os.Signal, 1) // who ends the look early does not want the change
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)
	doc, ladder, err := g.plan(cmd)
	if err != nil {
		return err
	}
	doc.Applied = true
	if doc.Refused != "" {
		return errors.Join(g.print(cmd, doc), errors.New("nothing was changed: "+doc.Refused))
	}
	if len(interrupts) > 0 {
		return errors.New("interrupted: nothing was changed")
	}
	claim, err := hold.NewClaim(cmd.Context(), 0)
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	defer claim.Release()
	hand, err := guard.NewHand(g.journal)
	if err != nil {
		return err
	}
	entry, err := hand.Apply(ladder.Plan)
	if err != nil && !entry.Stands() {
		return unchanged(err)
	}
	g.note(&doc, &entry, documentLanguage(cmd, g.format.value))
	return errors.Join(g.print(cmd, doc), err)
}

// unchanged says that nothing was changed, once.
func unchanged(err error) error {
	const said = "nothing was changed"
	if strings.Contains(err.Error(), said) {
		return err
	}
	return fmt.Errorf(said+": %w", err)
}

// note says of each change what became of it.
func (g *guarding) note(doc *explain.GuardPlan, entry *apply.Entry, lang explain.Language) {
	doc.Journal = entry.ID
	if doc.With = ""; g.journal != defaultJournal() {
		doc.With = " --journal " + g.journal
	}
	for i := range doc.Changes {
		doc.Changes[i].Status = "already"
		for _, s := range entry.Steps {
			if s.ID == doc.Changes[i].ID {
				doc.Changes[i].Status = "changed"
				if mode, err := guard.ModeOn(s.Target); err == nil && s.Kind == diagnose.ChangeXDP {
					doc.Changes[i].Why = lang.Say("guard-" + mode)
				}
			}
		}
	}
}

func (g *guarding) print(cmd *cobra.Command, doc explain.GuardPlan) error {
	return buffered(cmd, func(w *bufio.Writer) error {
		if g.format.value == "text" {
			return text.GuardPlan(w, doc, styleOf(cmd))
		}
		return writeDocument(w, g.format.value, doc)
	})
}
