package explain

import "testing"

// BenchmarkSay is one label with an argument: cards say some dozens each.
func BenchmarkSay(b *testing.B) {
	for _, l := range Languages() {
		b.Run(string(l), func(b *testing.B) {
			for b.Loop() {
				l.Say("seen-sockets", 1301)
			}
		})
	}
}
