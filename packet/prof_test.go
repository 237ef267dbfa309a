package packet

import (
	"bytes"
	"testing"
	"unsafe"
)

func newB() *bytes.Reader { return bytes.NewReader(million()) }
func BenchmarkProf(b *testing.B) {
	million()
	b.ResetTimer()
	for b.Loop() {
		runOurs(b, true)
	}
}
func BenchmarkProfRead(b *testing.B) {
	million()
	b.ResetTimer()
	for b.Loop() {
		runRead(b)
	}
}
func BenchmarkProfLib(b *testing.B) {
	million()
	b.ResetTimer()
	for b.Loop() {
		runLibrary(b)
	}
}
func runRead(b *testing.B) {
	r, _ := NewReader(newB())
	var f Frame
	for r.Next(&f) {
		sink += uint64(f.Length)
	}
}
func TestSize(t *testing.T) {
	t.Log(unsafe.Sizeof(Segment{}), unsafe.Sizeof(Frame{}), unsafe.Sizeof(Decoder{}))
}
