package bpf

import (
	"strconv"
	"testing"
)

// A trace of weeks remembers a bounded number of names.
func TestNamesAreBounded(t *testing.T) {
	names := map[string]string{}
	for i := range 3 * mostNames {
		if want := strconv.Itoa(i); intern([]byte(want+"\x00x"), names) != want {
			t.Fatalf("name %d", i)
		}
	}
	if len(names) > mostNames {
		t.Errorf("%d names", len(names))
	}
}
