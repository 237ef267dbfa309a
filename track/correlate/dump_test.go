package correlate

import (
	"compress/gzip"
	"fmt"
	"os"
	"testing"

	"github.com/synoptic-net/synoptic/packet"
)

func readInto(t testing.TB, c *Correlator, p Point, path string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := packet.NewReader(z)
	if err != nil {
		t.Fatal(err)
	}
	var d packet.Decoder
	var fr packet.Frame
	var s packet.Segment
	for r.Next(&fr) {
		c.Watch(p, &fr)
		if d.Decode(&fr, &s) == packet.IsSegment {
			c.Add(p, &s)
		}
	}
}

func TestDump(t *testing.T) {
	a, b := os.Getenv("DA"), os.Getenv("DB")
	if a == "" {
		t.Skip()
	}
	c := New(Config{})
	readInto(t, c, A, a)
	readInto(t, c, B, b)
	r := c.Correlate()
	fmt.Printf("clock %+v\npoints %+v\n", r.Clock, r.Points)
	for i := range r.Pairs {
		p := &r.Pairs[i]
		if i > 3 && os.Getenv("ALL") == "" {
			break
		}
		fmt.Println("PAIR", p.Joined, p.Reasons, p.Tuples, p.Ordered, p.Nearer, p.Shift)
		for j := range p.Passages {
			x := &p.Passages[j]
			k := r.Kept(A, x.Seen[A])
			if k == nil {
				k = r.Kept(B, x.Seen[B])
			}
			fmt.Println("  ", x.FromOriginator, x.Seen, k.Segment(), x.Verdict, x.Why, x.Changes, x.Lacks)
			if j > 30 {
				break
			}
		}
	}
	var all Tally
	for i := range r.Pairs {
		all.Add(&r.Pairs[i].Tally)
	}
	for d := range all {
		for k := range all[d] {
			fmt.Println(d, Kind(k), all[d][k])
		}
	}
}
