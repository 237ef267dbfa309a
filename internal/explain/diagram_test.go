package explain

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/tcp"
)

// goldenFile compares text with a file, or rewrites the file with -update.
func goldenFile(t *testing.T, path, got string) {
	t.Helper()
	if updating() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); run with -update if that is meant:\n%s", path, diff)
	}
}

// updating tells whether -update was given; another test file of the package
// may have registered the flag already.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func init() {
	if flag.Lookup("update") == nil {
		flag.Bool("update", false, "rewrite the golden files")
	}
}

func TestDiagramGolden(t *testing.T) {
	goldenFile(t, "../../docs/states.svg", DiagramSVG())
	goldenFile(t, "testdata/states.dot", DiagramDOT())
	goldenFile(t, "testdata/states.mermaid", DiagramMermaid())
	goldenFile(t, "testdata/time-wait.dot", DiagramDOT(WithState(tcp.TimeWait)))
	goldenFile(t, "testdata/counts.mermaid", DiagramMermaid(WithEdge(tcp.Edge{From: tcp.FinWait1, To: tcp.Closing}),
		WithCounts(map[tcp.State]uint64{tcp.Established: 7})))
}

func TestDiagramHasExactlyTheEdges(t *testing.T) {
	edges := tcp.Edges()
	if len(edges) != 29 {
		t.Errorf("the table has %d edges, the picture's caption says 29", len(edges))
	}
	placed := map[tcp.Edge]int{}
	for _, e := range diagramEdges {
		placed[e.edge]++
		if !slices.Contains(edges, e.edge) {
			t.Errorf("%v is drawn, and no row of the table makes it", e.edge)
		}
	}
	for _, e := range edges {
		if placed[e] != 1 {
			t.Errorf("%v is drawn %d times, want 1", e, placed[e])
		}
	}
}

func TestDiagramHasEveryState(t *testing.T) {
	placed := map[tcp.State]int{}
	for _, n := range diagramNodes {
		if !n.echo {
			placed[n.state]++
		}
	}
	for _, s := range tcp.States() {
		if placed[s] != 1 {
			t.Errorf("%v is drawn %d times, want 1", s, placed[s])
		}
	}
}

func TestDiagramIsWellFormedAndAlone(t *testing.T) {
	pictures := map[string]string{
		"all":   DiagramSVG(),
		"state": DiagramSVG(WithState(tcp.Closed), WithCounts(map[tcp.State]uint64{tcp.Closed: 1})),
		"edges": DiagramSVG(WithEdges(tcp.Edge{From: tcp.LastAck, To: tcp.Closed}, tcp.Edge{From: tcp.Listen, To: tcp.SynReceived})),
		"edge":  DiagramSVG(WithEdge(tcp.Edge{From: tcp.LastAck, To: tcp.Closed})),
	}
	for name, svg := range pictures {
		decoder := xml.NewDecoder(strings.NewReader(svg))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if start, ok := token.(xml.StartElement); ok && slices.Contains([]string{"script", "image", "foreignObject", "use"}, start.Name.Local) {
				t.Errorf("%s holds a <%s>", name, start.Name.Local)
			}
		}
		if strings.Contains(strings.ReplaceAll(svg, "http://www.w3.org/2000/svg", ""), "http") {
			t.Errorf("%s refers to something outside", name)
		}
	}
}

func TestDiagramHighlight(t *testing.T) {
	lit := func(svg string) int { return strings.Count(svg, " lit\"") }
	if n := lit(DiagramSVG()); n != 0 {
		t.Errorf("%d things are highlighted in the whole diagram", n)
	}
	two := []tcp.Edge{{From: tcp.LastAck, To: tcp.Closed}, {From: tcp.Listen, To: tcp.SynReceived}}
	if n := lit(DiagramSVG(WithEdges(two...))); n != 2 {
		t.Errorf("%d things are highlighted with two edges", n)
	}
	for _, s := range tcp.States() {
		want := 1
		if s == tcp.Closed {
			want = 2 // it is drawn twice
		}
		for _, e := range tcp.Edges() {
			if e.From == s || e.To == s {
				want++
			}
		}
		if n := lit(DiagramSVG(WithState(s))); n != want {
			t.Errorf("%v: %d things are highlighted, want %d", s, n, want)
		}
	}
}

func TestDiagramCounts(t *testing.T) {
	svg := DiagramSVG(WithCounts(map[tcp.State]uint64{tcp.CloseWait: 412}))
	if n := strings.Count(svg, "class=\"count\""); n != 11 {
		t.Errorf("%d counts, want 11", n)
	}
	if !strings.Contains(svg, ">412</text>") {
		t.Error("the count of CLOSE-WAIT is missing")
	}
}
