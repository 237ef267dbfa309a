package simulate

import (
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// TestStories: each ends by itself, in the states and over the edges that it is
// there to show.
func TestStories(t *testing.T) {
	for _, s := range Stories() {
		t.Run(s.Name, func(t *testing.T) {
			r := Run(s.Config)
			if r.Stopped != Quiet || r.States != s.States {
				t.Errorf("ends in %v, stopped %d; want %v", r.States, r.Stopped, s.States)
			}
			for _, want := range s.Edges {
				if !slices.Contains(r.Trace.Edges(), want) {
					t.Errorf("does not take %v, only %v", want, r.Trace.Edges())
				}
			}
		})
	}
}

// TestStoriesTakeEveryEdge holds for the 29 edges of the table.
func TestStoriesTakeEveryEdge(t *testing.T) {
	taken := map[tcp.Edge]bool{}
	for _, s := range Stories() {
		for _, e := range Run(s.Config).Trace.Edges() {
			taken[e] = true
		}
	}
	for _, e := range tcp.Edges() {
		if !taken[e] {
			t.Errorf("no story takes %v", e)
		}
	}
	if len(taken) != 29 {
		t.Errorf("%d edges are taken", len(taken))
	}
}

func TestStoryNames(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Stories() {
		if found, ok := FindStory(s.Name); !ok || found.Name != s.Name || seen[s.Name] {
			t.Errorf("%q is not the only story of its name", s.Name)
		}
		seen[s.Name] = true
	}
	if _, ok := FindStory("no-such-story"); ok {
		t.Error("a story is found that does not exist")
	}
}
