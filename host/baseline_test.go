package host

import "testing"

func TestTemporary(t *testing.T) {
	for exe, want := range map[string]bool{"/tmp/x": true, "/dev/shm/.x": true, "/memfd:x": true, "/var/tmp/a/b": true, "/usr/bin/tmp": false, "": false, "/tmpfile": false} {
		if (&Process{Exe: exe}).Temporary() != want {
			t.Errorf("%q: %v", exe, !want)
		}
	}
}
