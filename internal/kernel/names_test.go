package kernel

import (
	"maps"
	"testing"
)

func TestServices(t *testing.T) {
	root := fixture(t, map[string]string{"etc/services": `# services
http		80/tcp		www	# the web
http		80/udp
https	443/tcp
www	8080/tcp
odd
bad		x/tcp
big		70000/tcp
`})
	want := map[string]uint16{"http": 80, "www": 80, "https": 443}
	if got := root.Services(); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := fixture(t, nil).Services(); len(got) != 0 {
		t.Errorf("without a file: %v", got)
	}
}
