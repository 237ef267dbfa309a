package explain

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestPhrasesAreWhole(t *testing.T) {
	cn, tw := phraseTables(Simplified), phraseTables(Traditional)
	seen := map[string]bool{}
	for i := range cn {
		for english := range cn[i] {
			if seen[english] {
				t.Errorf("two tables have %q", english)
			}
			seen[english] = true
			trio{english, english, cn[i][english], tw[i][english]}.check(t)
		}
		if len(cn[i]) != len(tw[i]) {
			t.Errorf("table %d: %d and %d phrases", i, len(cn[i]), len(tw[i]))
		}
	}
}

func TestPhrase(t *testing.T) {
	for _, test := range []struct {
		l             Language
		english, want string
	}{
		{English, `unknown flag: --nope; see "synoptic --help"`, `unknown flag: --nope; see "synoptic --help"`},
		{"", "memory of each", "memory of each"},
		{Simplified, "memory of each", "每个套接字的内存"},
		{Simplified, "never said by anybody", "never said by anybody"},
		{Simplified, "", ""},
		{Traditional, `unknown flag: --nope; see "synoptic --help"`, `沒有 --nope 這個參數；參見 "synoptic --help"`},
		{Simplified, `invalid argument "x" for "-o, --output" flag: choose one of text, json; see "synoptic states --help"`,
			`参数 "-o, --output" 的值 "x" 无效：请从 text、json 中选择；参见 "synoptic states --help"`},
		{Simplified, `there is no scenario "a\"b"; did you mean "c"?`, `没有场景 "a\"b"；是不是想说 "c"？`},
		{Traditional, "a.pcap: the text names no programs: netstat -p, netstat -o and ss -p do", "a.pcap：文字沒有寫明程式：netstat -p、netstat -o 和 ss -p 會寫"},
		{Simplified, "open /x: no such file or directory", "打开 /x：no such file or directory"}, // the kernel's words stay
		{Simplified, "disk: on fire", "disk: on fire"},
		{Traditional, "the lab found a difference: 2 of 113 scenarios", "實驗室發現結果不符：113 個場景中的 2 個"},
		{Simplified, "memory of each\n  owners (always)\n  ^", "每个套接字的内存\n  owners (always)\n  ^"},
	} {
		if got := test.l.Phrase(test.english); got != test.want {
			t.Errorf("%q in %s: %q, want %q", test.english, test.l, got, test.want)
		}
	}
}

// TestFormatsAreFound: what is made by a format of a table is put into the language
// by that format, whatever stands in it.
func TestFormatsAreFound(t *testing.T) {
	for _, l := range []Language{Simplified, Traditional} {
		for _, table := range phraseTables(l) {
			for english, said := range table {
				_, verbs := cutFormat(english)
				made, args := english, make([]string, 0, len(verbs))
				for i, v := range verbs {
					arg := map[byte]string{'d': fmt.Sprint(i + 3), 'q': fmt.Sprintf("%q", "Ω"), 's': "Ω", 'v': "Ω"}[v]
					made, args = strings.Replace(made, "%"+string(v), arg, 1), append(args, arg)
				}
				made = strings.ReplaceAll(made, "%%", "%")
				if got, want := l.Phrase(made), l.tidy(fill(said, args)); len(verbs) > 0 && got != want {
					t.Errorf("%q: %q, want %q", made, got, want)
				}
			}
		}
	}
}

// FuzzPhrase: whatever is said, nothing panics, and no line is lost or made.
func FuzzPhrase(f *testing.F) {
	f.Add("there is no cause \"x\"")
	f.Add("a: b: c: memory of each")
	f.Add("%d times %s; the rest was read")
	f.Add("1 of 2 scenarios; see \"x --help\"")
	f.Fuzz(func(t *testing.T, english string) {
		for _, l := range Languages() {
			said := l.Phrase(english)
			if strings.Count(said, "\n") != strings.Count(english, "\n") {
				t.Errorf("%q in %s: %q", english, l, said)
			}
		}
	})
}

// TestManualsAreChinese: what is a paragraph is written as Chinese is. That all are
// there is asked by a test of the program, which has the English.
func TestManualsAreChinese(t *testing.T) {
	for command, cn := range manualsZhCN {
		cnLines, twLines := proseOf(cn), proseOf(manualsZhTW[command])
		if len(cnLines) != len(twLines) {
			t.Errorf("%s: %d and %d paragraphs", command, len(cnLines), len(twLines))
			continue
		}
		for i := range cnLines {
			english := "a line"
			if strings.HasSuffix(cnLines[i], "。") {
				english = "A sentence."
			}
			trio{command, english, cnLines[i], twLines[i]}.check(t)
		}
	}
}

func proseOf(manual string) (prose []string) {
	for line := range strings.SplitSeq(manual, "\n") {
		if line != "" && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") {
			prose = append(prose, line)
		}
	}
	return prose
}

// TestRowsAreTranslated: of what happens, must hold and is done in the table nothing
// stays English but the words of the RFC: in capitals, and what it answers in quotes.
func TestRowsAreTranslated(t *testing.T) {
	answers := regexp.MustCompile(`"[^"]*"`)
	english := regexp.MustCompile(`\b[a-z]{3,}`)
	for _, row := range tcp.Rows() {
		for _, l := range []Language{Simplified, Traditional} {
			said := answers.ReplaceAllString(rowSentence(&row, l), "")
			if l == Traditional {
				said = strings.ReplaceAll(said, "socket", "")
			}
			if word := english.FindString(strings.ReplaceAll(said, "keepalive", "")); word != "" {
				t.Errorf("%s in %s: %q in %q", row.ID, l, word, said)
			}
		}
	}
}

// BenchmarkPhrase is of an error in three parts, which tries most formats.
func BenchmarkPhrase(b *testing.B) {
	for b.Loop() {
		Simplified.Phrase(`invalid argument "x" for "-o, --output" flag: choose one of text, json; see "synoptic states --help"`)
	}
}
