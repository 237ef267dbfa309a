package lines

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, nil},
		{"one two three", 8, []string{"one two", "three"}},
		{"  many   spaces  ", 20, []string{"many spaces"}},
		{"/a/very/long/path x", 8, []string{"/a/very/", "long/pat", "h x"}},
		{"半开队列已满，新连接被拒绝。", 12, []string{"半开队列已", "满，新连接被", "拒绝。"}},
		{"有 2871 个SYN遇到", 10, []string{"有 2871 个", "SYN遇到"}},
		{"限（上限）", 8, []string{"限（上", "限）"}},
		{"甲乙丙“丁”", 8, []string{"甲乙丙", "“丁”"}},
		{"a\tb\nc\x1b[31m", 20, []string{"a b c\ufffd[31m"}},
	} {
		if got := Wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("有人用伪造的地址 sends SYNs，a b", 12)
	f.Add(strings.Repeat("x", 200), 8)
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = min(max(width, 8), 200)
		for _, line := range Wrap(text, width) {
			if ansi.StringWidth(line) > width {
				t.Errorf("%d columns of %d: %q", ansi.StringWidth(line), width, line)
			}
			if line == "" || strings.HasSuffix(line, " ") {
				t.Errorf("spaces at the end of %q", line)
			}
		}
	})
}
