package live

import (
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

// BenchmarkFlush is what lies between an event's record and its telling: states,
// cause, owners, ports and the pool of minisockets.
func BenchmarkFlush(b *testing.B) {
	const many = 1000
	w := &Watcher{states: tcp.AllStates, pool: newPool(), owners: newOwnership(nil, nil), ports: ports{waiting: map[uint64]*bpf.Transition{}}}
	w.clock.set(time.Now())
	w.use = func(*Transition) error { return nil }
	var batch []bpf.Transition
	for i := range uint64(many) {
		pair := [][2]uint8{{7, 2}, {2, 1}, {1, 4}, {4, 5}, {5, 6}}[i%5]
		w.owners.byInode[i/5+1] = []inventory.Owner{{PID: 812, Name: "nginx"}}
		batch = append(batch, bpf.Transition{
			Sock: i / 5, Cookie: i/5 + 1, Inode: i/5 + 1, From: pair[0], To: pair[1], NetNS: 1, Dwell: time.Millisecond,
			Local: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), uint16(i/5+1024)), Remote: netip.MustParseAddrPort("192.0.2.2:80"),
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		w.batch = append(w.batch[:0], batch...)
		if err := w.flush(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*many), "ns/event")
}
