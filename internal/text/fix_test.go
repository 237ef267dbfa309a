package text

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// fixes are what --fix may have to say.
func fixes() map[string]explain.Fix {
	plan := explain.Plan{
		Remedy: "enable-syn-cookies", Cause: "syn-flood", State: "SYN-RECEIVED", Subject: explain.Subject{Local: "0.0.0.0:8080"},
		Effect: "Answer with SYN cookies once the queue is full", Cost: "while the queue is full, clients without timestamps lose window scaling and SACK",
		Check: "these counters stand still: TcpExtTCPReqQFullDrop",
		Changes: []explain.PlanChange{{
			ID: "enable-syn-cookies", Kind: "sysctl", Target: "net.ipv4.tcp_syncookies", From: "0", To: "1", Undo: "sysctl -w net.ipv4.tcp_syncookies=0",
			Commands: []string{"sysctl -w net.ipv4.tcp_syncookies=1"}, Status: "changed", ScopeText: "this network namespace",
		}},
	}
	done := explain.Fix{Plan: plan, Journal: "j", Outcome: "helped", Text: "It helped, whatever else goes on: no more TcpExtTCPReqQFullDrop", Undo: "synoptic diagnose --undo 20261121T172629.956Z-enable-syn-cookies"}
	plan.Remedy, plan.Cause, plan.Subject = "kill-dead-sockets", "peer-vanished", explain.Subject{Peer: "192.0.2.7\x1b[2J"}
	plan.Changes = []explain.PlanChange{
		{Kind: "socket", Commands: []string{"ss -tK state established dst 192.0.2.7"}, Status: "would-change", ScopeText: "this network namespace"},
		{Kind: "file", Undo: "x", Commands: []string{}, Status: "already", ScopeText: "the whole host"},
		{Kind: "nft", Undo: "x", Commands: []string{"nft add table inet synoptic-x", "nft add rule inet synoptic-x only drop"}, Status: "refused", ScopeText: "this network namespace", Why: "inet synoptic-x: operation not permitted"},
	}
	return map[string]explain.Fix{"fix-done": done, "fix-dry": {Plan: plan, DryRun: true}}
}

func TestFix(t *testing.T) {
	for name, doc := range fixes() {
		for _, width := range []int{48, 80} {
			for _, color := range []bool{false, true} {
				var out bytes.Buffer
				if err := Fix(&out, doc, Style{Width: width, Color: color}); err != nil {
					t.Fatal(err)
				}
				file := fmt.Sprintf("%s-%d", name, width)
				if color {
					file += "-color"
				}
				compare(t, file, out.Bytes())
			}
		}
	}
}
