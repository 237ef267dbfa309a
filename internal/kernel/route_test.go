package kernel

import "testing"

func TestRouteType(t *testing.T) {
	for number, want := range map[int]string{1: "", 2: "local", 6: "blackhole", 7: "unreachable", 8: "prohibit", 9: "throw", 11: "unknown", -1: "unknown"} {
		if got := routeType(number); got != want {
			t.Errorf("routeType(%d) = %q, want %q", number, got, want)
		}
	}
}

func TestNeighbourState(t *testing.T) {
	for bits, want := range map[int]string{
		0: "NONE", 1: "INCOMPLETE", 2: "REACHABLE", 4: "STALE", 8: "DELAY", 16: "PROBE", 32: "FAILED", 64: "NOARP", 128: "PERMANENT", 256: "NONE",
	} {
		if got := neighbourState(bits); got != want {
			t.Errorf("neighbourState(%d) = %q, want %q", bits, got, want)
		}
	}
}
