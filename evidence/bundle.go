// Package evidence holds a Bundle: everything that was learnt about a host in
// one window of time. A diagnosis reads nothing else, so the same rows run
// live, on a saved bundle, and in a test.
package evidence

import (
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Schema names the saved form of a Bundle.
const Schema = "synoptic.bundle/v1"

// Names of sources, as they appear in a diagnosis.
const (
	SourceSockets    = "sockets"
	SourceRequests   = "request-sockets" // what only the kernel's iterator tells of half-open connections and listeners
	SourceCounters   = "counters"
	SourceSettings   = "settings"
	SourceRoutes     = "routes"
	SourceNeighbours = "neighbours"
	SourceProcesses  = "processes"
	SourcePackets    = "packets"
	SourceEvents     = "events"
	SourceConntrack  = "conntrack"
	SourceFirewall   = "firewall"
	SourceProbe      = "probe"
	SourceHistory    = "history"
)

// Text says that a bundle was made of what somebody pasted: one look, of which
// only addresses and states can be relied on.
type Text struct {
	Tool   string     `json:"tool"`   // "netstat linux", "ss", ...
	Counts tcp.Counts `json:"counts"` // sockets by state, also where the text only counts
}

// Source says whether one source could be read and, if not or not wholly, why.
type Source struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"`
	By   string `json:"by,omitempty"` // of sockets: "iterator" or "netlink", the interface of the kernel
}

// Bundle is the evidence of one window. The first and the last Snapshot hold
// every state; those between hold only listeners, to see queues move.
type Bundle struct {
	Schema    string          `json:"schema"`
	Host      host.Identity   `json:"host"`
	Start     time.Time       `json:"start"`
	End       time.Time       `json:"end"`
	Sources   []Source        `json:"sources"`
	Snapshots []host.Snapshot `json:"snapshots"`

	CountersBefore  host.Counters  `json:"counters_before,omitzero"`
	CountersAfter   host.Counters  `json:"counters_after,omitzero"`
	ProcessesBefore host.Processes `json:"processes_before,omitzero"`
	ProcessesAfter  host.Processes `json:"processes_after,omitzero"`

	Settings   host.Settings    `json:"settings,omitempty"`
	Routes     []host.Route     `json:"routes,omitempty"`
	Neighbours []host.Neighbour `json:"neighbours,omitempty"`

	Conntrack []host.Tracked `json:"conntrack,omitempty"` // the entries that explain attempts without an answer

	Published []host.Published  `json:"published,omitempty"` // rules of the firewall that lead connections elsewhere
	Firewall  []host.FilterRule `json:"firewall,omitempty"`  // rules that refuse packets

	Baseline *host.Baseline `json:"baseline,omitempty"` // what is expected to listen; nil when nobody said

	Text *Text `json:"text,omitempty"` // the sockets come from a pasted text; nil when from the kernel

	Packets *Packets `json:"packets,omitempty"` // what captures showed; nil when there are none

	Events *Events `json:"events,omitempty"` // what the kernel told as it happened; nil when it was not asked

	Probes []Probe `json:"probes,omitempty"` // what was asked of peers after the window; empty when nobody wanted that

	// Namespaces are the other network namespaces of the host that were looked at in
	// the same window, each as a bundle of its own; those in them are not read.
	Namespaces []*Bundle `json:"namespaces,omitempty"`

	Anonymized bool `json:"anonymized,omitempty"`
}

// Window returns how long the bundle looked.
func (b *Bundle) Window() time.Duration { return b.End.Sub(b.Start) }

// Has tells whether a source was read.
func (b *Bundle) Has(source string) bool {
	for _, s := range b.Sources {
		if s.Name == source {
			return s.OK
		}
	}
	return false
}

// NotRead begins what is said of a source of which a part was not read.
const NotRead = "not read: "

// HasAll tells whether a source was read, and no part of it left out.
func (b *Bundle) HasAll(source string) bool {
	for _, s := range b.Sources {
		if s.Name == source {
			return s.OK && !strings.Contains(s.Why, NotRead)
		}
	}
	return false
}

// First returns the snapshot that opens the window, nil when there is none.
func (b *Bundle) First() *host.Snapshot {
	if len(b.Snapshots) == 0 {
		return nil
	}
	return &b.Snapshots[0]
}

// Last returns the snapshot that closes the window, nil when there is none.
func (b *Bundle) Last() *host.Snapshot {
	if len(b.Snapshots) == 0 {
		return nil
	}
	return &b.Snapshots[len(b.Snapshots)-1]
}
