package text

import (
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestHolders(t *testing.T) {
	two := []inventory.Owner{{PID: 7, Name: "nginx"}, {PID: 8, Name: "nginx"}}
	for _, test := range []struct {
		owners []inventory.Owner
		kind   inventory.OwnerKind
		want   [3]string // by language
	}{
		{two, inventory.ByProcess, [3]string{"nginx[7] +1", "nginx[7] +1", "nginx[7] +1"}},
		{two[:1], inventory.Orphan, [3]string{"(was nginx[7])", "（原为 nginx[7]）", "（原為 nginx[7]）"}},
		{[]inventory.Owner{{PID: 7, Name: "%d%s"}}, inventory.Orphan, [3]string{"(was %d%s[7])", "（原为 %d%s[7]）", "（原為 %d%s[7]）"}},
		{nil, inventory.Orphan, [3]string{"(orphan)", "（孤儿）", "（孤兒）"}},
		{nil, inventory.NeverAccepted, [3]string{"(never-accepted)", "（尚未接受）", "（尚未接受）"}},
		{nil, "", [3]string{}},
	} {
		for i, l := range explain.Languages() {
			if got := NewHolders(Style{Language: l}).Name(test.owners, test.kind); got != test.want[i] {
				t.Errorf("%s: %v %s: %q, not %q", l, test.owners, test.kind, got, test.want[i])
			}
		}
	}
}

// TestGroupNames: keys that are words are said in the language, and no others.
func TestGroupNames(t *testing.T) {
	for _, test := range []struct {
		by        inventory.By
		key, want string
	}{
		{inventory.ByOwner, "(hidden)", "（无权查看）"},
		{inventory.ByOwner, "(hidden)[7]", "(hidden)[7]"}, // a program of that name
		{inventory.ByListener, inventory.Dialled, "（主动发起）"},
		{inventory.ByListener, "0.0.0.0:80", "0.0.0.0:80"},
		{inventory.ByPort, "to 443", "连往 443"},
		{inventory.ByPort, "443", "443"},
		{inventory.ByPeer, "-", "-"},
	} {
		if got := groupNames(string(test.by), Style{Language: explain.Simplified})(test.key); got != test.want {
			t.Errorf("by %s, %q: %q, not %q", test.by, test.key, got, test.want)
		}
	}
	var out strings.Builder
	var counts tcp.Counts
	counts[tcp.TimeWait] = 2
	if err := Groups(&out, "process", []inventory.Group{{Key: "(orphan)", Counts: counts}}, Style{Language: explain.Traditional}); err != nil || !strings.Contains(out.String(), "（孤兒）     2") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestMemoryLine(t *testing.T) {
	s := &host.Socket{Memory: host.Memory{RecvAlloc: 1, RecvBuffer: 131072, SendAlloc: 3, SendBuffer: 4, Forward: 5, SendQueued: 6, Options: 7, Backlog: 8, Drops: 9}}
	for l, want := range map[explain.Language]string{
		explain.English:     "memory received:1 of 131072 sent:3 of 4 forward:5 queued:6 options:7 backlog:8 drops:9",
		explain.Simplified:  "内存：接收 1/131072，发送 3/4，预留 5，排队 6，选项 7，积压 8，丢弃 9",
		explain.Traditional: "記憶體：接收 1/131072，傳送 3/4，預留 5，排隊 6，選項 7，積壓 8，丟棄 9",
	} {
		if got := NewMemoryLine(Style{Language: l}).Of(s); got != want {
			t.Errorf("%s: %q, not %q", l, got, want)
		}
	}
}
