package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestMerge(t *testing.T) {
	leak, flood := quietHost(), quietHost()
	leak.b.Host.NetNS, flood.b.Host.NetNS = "1", "2"
	leak.leaked(8)
	flood.listens("0.0.0.0:80", 128, queue(0))
	flood.flood(129)
	flood.rises("TcpExtTCPReqQFullDrop", 2871)
	flood.lose("counters")
	flood.lose("x")
	all := Merge([]Report{leak.diagnose(), flood.diagnose(), {}})
	if all.States[tcp.CloseWait] != 8 || all.States[tcp.SynReceived] != 129 || len(all.Namespaces) != 3 || all.Namespaces[1].NetNS != "2" || all.Namespaces[1].States[tcp.SynReceived] != 129 {
		t.Errorf("%v %v", all.States, all.Namespaces)
	}
	if f := one(t, all, "app-not-closing"); f.Subject.NetNS != "1" {
		t.Errorf("%+v", f.Subject)
	}
	if !needs(all, "syn-flood", "counters") {
		t.Error("what one namespace lacks is listed")
	}
	for i := 1; i < len(all.NotAssessed); i++ {
		if rank(all.NotAssessed[i-1].Cause) >= rank(all.NotAssessed[i].Cause) {
			t.Errorf("%s before %s", all.NotAssessed[i-1].Cause, all.NotAssessed[i].Cause)
		}
	}
}
