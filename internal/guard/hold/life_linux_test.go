package hold

import (
	"strings"
	"testing"
)

// TestLife: what a guard changes stands while it runs, and nothing of it after.
func TestLife(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s", "set net.ipv4.tcp_syncookies=2", "set net.ipv4.tcp_syncookies=1 net.ipv4.tcp_synack_retries=2", "arm "+web.String())
	served(t, w)
	if got := o.do("answered " + web.String()); got != "1 1" {
		t.Error("answered and accepted:", got)
	}
	now := traces(t, w.Server)
	if now["xdp"] == before["xdp"] || now["tcx"] == before["tcx"] || strings.TrimSpace(now["/proc/sys/net/ipv4/tcp_synack_retries"]) != "2" {
		t.Error("nothing was changed:", now["xdp"], now["tcx"])
	}
	o.ok("end")
	same(t, w.Server, before)
	served(t, w)
}
