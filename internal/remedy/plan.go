// Package remedy turns a finding into a plan: the changes that one of its
// remedies makes, with the value that each finds and leaves, what they reach,
// what they cost, and the fact that must change for them to have helped. It
// carries nothing out; package apply does.
//
// Some cures are known to do harm and are refused whoever proposes them
// (harm.go). Least force comes first: looking and mending programs, then
// settings, then rules, then ending connections.
package remedy

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/tcp"
)

// Plan is what one remedy of one finding does.
type Plan struct {
	Remedy  string // id, "enable-syn-cookies"
	Cause   diagnose.Cause
	State   tcp.State
	Subject diagnose.Subject
	Effect  diagnose.Message
	Cost    diagnose.Message
	Changes []Change
	Check   Check
	Restart bool // it works once the program calls listen() again
}

// Change is a step of a plan.
type Change struct {
	ID string // unique in the plan: the remedy's id, and the step where there are several
	diagnose.Change
	Scope      Scope
	Preventive bool             // nothing is wrong yet
	Effect     diagnose.Message // what it does by itself; without an ID: what the plan does
	Cost       diagnose.Message // the same of what it costs
}

// Scope says who feels a change.
type Scope string

// The scopes.
const (
	ThisNamespace Scope = "namespace" // this network namespace only
	WholeHost     Scope = "host"      // every network namespace of the host
)

// Of makes the plan of a finding's remedy. The error is a *PersonError where no
// program can do what must be done, or a *HarmError.
func Of(f *diagnose.Finding, r *diagnose.Remedy) (Plan, error) {
	p := Plan{
		Remedy: r.ID, Cause: f.Cause, State: f.State, Subject: f.Subject, Effect: r.Text, Cost: r.Risk,
		Check: checkOf(r.ID), Restart: needsRestart[r.ID],
	}
	if len(r.Changes) == 0 {
		return p, &PersonError{Remedy: r.ID, Commands: r.Apply}
	}
	for i, c := range r.Changes {
		if why := Harm(f.Cause, c); why != "" {
			return p, &HarmError{Target: c.Target, Why: why}
		}
		step := Change{ID: r.ID, Change: c, Scope: ScopeOf(c)}
		if len(r.Changes) > 1 {
			step.ID = fmt.Sprintf("%s/%d", r.ID, i+1)
		}
		p.Changes = append(p.Changes, step)
	}
	return p, nil
}

// Reversible tells whether all of the plan can be taken back.
func (p Plan) Reversible() bool {
	for _, c := range p.Changes {
		if !c.Reversible() {
			return false
		}
	}
	return true
}

// Kept is the plan with the files that make its changes outlive a reboot. The
// files come last: what failed leaves none behind.
func (p Plan) Kept() Plan {
	changes := p.Changes[:len(p.Changes):len(p.Changes)]
	for _, c := range p.Changes {
		if file, ok := c.File(); ok {
			changes = append(changes, Change{ID: c.ID + "/keep", Change: file, Scope: WholeHost})
		}
	}
	p.Changes = changes
	return p
}

// Same tells whether a finding is about what the plan was made for.
func (p Plan) Same(f *diagnose.Finding) bool {
	return f.Cause == p.Cause && f.State == p.State && place(f.Subject) == place(p.Subject)
}

// place is the subject without what may change while it stays the same: the
// process that serves a listener may have been restarted.
func place(s diagnose.Subject) string {
	if s.Local == "" && s.Peer == "" && s.Path == "" {
		return fmt.Sprint("pid ", s.PID)
	}
	return strings.Join([]string{s.Local, s.Peer, s.Path}, "|")
}

// hostWide are the settings that are one for all network namespaces.
var hostWide = []string{
	"net.ipv4.tcp_max_orphans", "net.ipv4.tcp_mem", "net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_buckets",
	"net.ipv4.neigh.default.gc_", "net.ipv6.neigh.default.gc_", "net.core.netdev_max_backlog",
}

// ScopeOf says who feels a change. Entries of connection tracking, connections,
// rules and routes belong to a network namespace, files and mounts to the host.
func ScopeOf(c diagnose.Change) Scope {
	switch c.Kind {
	case diagnose.ChangeFile, diagnose.ChangeLink, diagnose.ChangeMount, diagnose.ChangeProcess:
		return WholeHost
	case diagnose.ChangeSetting:
		for _, name := range hostWide {
			if strings.HasPrefix(c.Target, name) {
				return WholeHost
			}
		}
	}
	return ThisNamespace
}

// PersonError says that a person must do it.
type PersonError struct {
	Remedy   string
	Commands []string // that help them, none where there are none
}

// Error names the remedy.
func (e *PersonError) Error() string {
	if len(e.Commands) > 0 {
		return fmt.Sprintf("%s is for a person: %s", e.Remedy, strings.Join(e.Commands, "; "))
	}
	return e.Remedy + " is for a person: it changes a program or a device that this one does not reach"
}

// HarmError refuses a change that is known to do more harm than good.
type HarmError struct{ Target, Why string }

// Error says why.
func (e *HarmError) Error() string { return fmt.Sprintf("%s: refused: %s", e.Target, e.Why) }
