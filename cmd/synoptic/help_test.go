package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// TestHelpFits: in each language the help of each command is in that language, and
// what is listed is no wider than the terminal.
func TestHelpFits(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	eachCommand(newRootCommand(), func(cmd *cobra.Command) {
		for _, l := range explain.Languages() {
			words := append(strings.Fields(cmd.CommandPath())[1:], "--help", "--lang", string(l))
			var out, errs bytes.Buffer
			if code := run(words, nil, &out, &errs); code != exitDone || errs.Len() > 0 {
				t.Errorf("%q: %d, %s", words, code, &errs)
				continue
			}
			help := out.String()
			_, listed, found := strings.Cut(help, l.Say("help-flags")+"\n")
			if !found || !strings.Contains(help, l.Say("help-usage")) {
				t.Errorf("%q: no flags, or no usage:\n%s", words, help)
			}
			for line := range strings.Lines(listed) {
				if word := strings.TrimSpace(line); lines.Width(strings.TrimSuffix(line, "\n")) > 80 && strings.Contains(word, " ") { // a word is not cut
					t.Errorf("%q: %q is wider than 80 columns", words, line)
				}
			}
			about, _, _ := strings.Cut(help, "\n")
			if han := strings.ContainsFunc(about, func(r rune) bool { return unicode.Is(unicode.Han, r) }); han != (l != explain.English) {
				t.Errorf("%q: %q", words, about)
			}
		}
	})
}

// TestLanguageIn: the language is known before the flags are, even where they
// cannot be read.
func TestLanguageIn(t *testing.T) {
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	for words, want := range map[string]explain.Language{
		"": explain.Simplified, "states --lang zh-TW": explain.Traditional, "states --nope --lang=en": explain.English,
		"states --lang": explain.Simplified, "states --lang de": explain.Simplified, "sockets -- --lang en": explain.Simplified,
		"states --lang en --lang zh-TW": explain.Traditional,
	} {
		if got := languageIn(strings.Fields(words)); got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	}
}

// TestErrorsInChinese: what is wrong with a call is said in the language of --lang,
// wherever that stands.
func TestErrorsInChinese(t *testing.T) {
	for words, want := range map[string]string{
		"states --nope --lang zh-CN":         "synoptic: 没有 --nope 这个参数；参见 \"synoptic states --help\"\n",
		"--lang zh-TW stat":                  "synoptic: 沒有命令 \"stat\"；是不是想說 \"states\"？\n",
		"states --by nobody --lang zh-TW":    "synoptic: 參數 \"--by\" 的值 \"nobody\" 無效：請從 listener、process、peer、port、netns 中選擇；參見 \"synoptic states --help\"\n",
		"explain close-waiting --lang zh-CN": "synoptic: \"close-waiting\" 不是 TCP 的状态；是不是想说 CLOSE-WAIT？\n",
		"sockets foo --lang zh-CN":           "synoptic: 过滤条件第 1 列：应为条件（src、dst、sport、dport、dev、fwmark、cgroup、autobound）、\"not\" 或 \"(\"；却是 \"foo\"\n  foo\n  ^^^\n",
		"capture --lang zh-TW port":          "synoptic: 過濾條件第 5 欄：這裡應為連接埠或服務的名稱\n  port\n      ^\n",
	} {
		var out, errs bytes.Buffer
		if code := run(strings.Fields(words), nil, &out, &errs); code != exitUsage || errs.String() != want {
			t.Errorf("%q: %d, %q, want %q", words, code, &errs, want)
		}
	}
}
