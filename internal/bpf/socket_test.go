package bpf

import "testing"

// FuzzSocket: whatever a record holds, it can be looked at.
func FuzzSocket(f *testing.F) {
	f.Add(make([]byte, sizeOfSocket))
	f.Add([]byte{sizeOfDetailed: 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		record := make([]byte, sizeOfDetailed)
		copy(record, b)
		s := socketIn(record[:sizeOfSocket])
		if local, remote := s.Local(), s.Remote(); !local.IsValid() || !remote.IsValid() || local.Port() != s.LocalPort {
			t.Errorf("%v, %v of port %d", local, remote, s.LocalPort)
		}
		if detailsIn(record[:sizeOfSocket]) != nil || detailsIn(record) == nil {
			t.Error("details are found where there are none")
		}
	})
}

// FuzzListenerCounts: the elements of the kernel's table are read as they stand.
func FuzzListenerCounts(f *testing.F) {
	f.Add(make([]byte, sizeOfPlace), make([]byte, sizeOfSums))
	f.Fuzz(func(t *testing.T, place, sums []byte) {
		place, sums = append(place, make([]byte, sizeOfPlace)...), append(sums, make([]byte, sizeOfSums)...)
		var l ListenerCounts
		l.decode(place, sums)
		if !l.Local.IsValid() || l.Cells[0] != native.Uint64(sums) || l.Cells[15] != native.Uint64(sums[120:]) {
			t.Errorf("%+v", l)
		}
	})
}
