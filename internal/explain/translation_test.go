package explain

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/synoptic-net/synoptic/tcp"
)

// A text in English and in the two ways to write Chinese.
type trio struct{ id, en, zhCN, zhTW string }

// catalogueTexts are all messages and labels.
func catalogueTexts(t *testing.T) (all []trio) {
	t.Helper()
	families := slices.Concat(findingFamilies(), labelFamilies())
	zhCN, zhTW := chinese(families, Simplified), chinese(families, Traditional)
	for id, s := range english(families) {
		for l, table := range map[Language]map[string]string{Simplified: zhCN, Traditional: zhTW} {
			if table[id] == "" {
				t.Errorf("%s: there is no sentence for %s", l, id)
			}
		}
		if zhCN[id] != "" && zhTW[id] != "" {
			all = append(all, trio{id, s.many, zhCN[id], zhTW[id]})
		}
	}
	for l, table := range map[Language]map[string]string{Simplified: zhCN, Traditional: zhTW} {
		for id := range table {
			if _, ok := english(families)[id]; !ok {
				t.Errorf("%s: %s has a sentence, and none in English", l, id)
			}
		}
	}
	slices.SortFunc(all, func(a, b trio) int { return strings.Compare(a.id, b.id) })
	return all
}

func TestCataloguesAreWhole(t *testing.T) {
	for _, text := range catalogueTexts(t) {
		text.check(t)
	}
}

func (x trio) check(t *testing.T) {
	t.Helper()
	for l, zh := range map[Language]string{Simplified: x.zhCN, Traditional: x.zhTW} {
		if got, want := argumentsOf(zh), argumentsOf(x.en); !maps.Equal(got, want) {
			t.Errorf("%s: %s: arguments %v, in English %v: %q", x.id, l, got, want, zh)
		}
		if zh == x.en && !sameInChinese(x.en) {
			t.Errorf("%s: %s: not translated: %q", x.id, l, zh)
		}
		if slip := typographySlip(x.en, zh); slip != "" {
			t.Errorf("%s: %s: %s: %q", x.id, l, slip, zh)
		}
	}
	if i := strings.IndexAny(x.zhCN, traditionalOnly); i >= 0 {
		t.Errorf("%s: a traditional character in %q", x.id, x.zhCN[i:])
	}
	if i := strings.IndexAny(x.zhTW, simplifiedOnly); i >= 0 {
		t.Errorf("%s: a simplified character in %q", x.id, x.zhTW[i:])
	}
}

var verb = regexp.MustCompile(`%[-+0]*(?:\[(\d+)\])?[0-9.*]*([a-zA-Z%])`)

// argumentsOf returns which arguments a format uses, and how: by number, or by
// their order where it names none.
func argumentsOf(format string) map[string]string {
	used := map[string]string{}
	next := 0
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		number := m[1]
		if number == "" {
			next++
			number = string(rune('0' + next))
		}
		used[number] = m[2]
	}
	return used
}

var (
	bareArgument = regexp.MustCompile(`%(?:\[\d+\])?[a-z]`)
	bareCode     = regexp.MustCompile(`[A-Z][A-Z0-9_,/-]*`)
)

// sameInChinese tells whether a text holds no words: arguments, signs, names in
// capitals, and these.
func sameInChinese(en string) bool {
	if slices.Contains([]string{"root", "ss", "node_exporter", "OpenTelemetry", "netstat", "LISTEN", "RFC 9293"}, en) {
		return true
	}
	rest := bareCode.ReplaceAllString(bareArgument.ReplaceAllString(en, ""), "")
	return !strings.ContainsFunc(rest, unicode.IsLetter)
}

var slips = []struct {
	what string
	is   *regexp.Regexp
}{
	{"a half-width sign beside Chinese", regexp.MustCompile(`\p{Han}[,;:!?()]|[,;!?()]\p{Han}`)},
	{"a half-width full stop behind Chinese", regexp.MustCompile(`\p{Han}\.(?:\s|$)`)},
	{"a space beside a full-width sign", regexp.MustCompile(`[，。；：？！（）、“”「」] [^ ]|[^ ] [，。；：？！（）、」]`)},
	{"a full-width letter, digit or space", regexp.MustCompile(`[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{3000}]`)},
	{"Chinese and a letter or digit without a space", regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9)]\p{Han}`)},
	{"two spaces", regexp.MustCompile(`  `)},
	{"a sign twice", regexp.MustCompile(`([，。；：]){2}`)},
}

// typographySlip says what is wrong with the signs of a Chinese text.
func typographySlip(en, zh string) string {
	said := verb.ReplaceAllStringFunc(zh, func(v string) string {
		if strings.HasSuffix(v, "s") || strings.HasSuffix(v, "v") {
			return "Ω" // may be Chinese itself, or not
		}
		return "7"
	})
	for _, s := range slips {
		if s.is.MatchString(said) {
			return s.what
		}
	}
	if stops := strings.HasSuffix(en, ".") && !strings.HasSuffix(en, "..."); stops != strings.HasSuffix(zh, "。") && !sameInChinese(en) {
		return "a sentence ends with a full stop, a phrase does not"
	}
	return ""
}

// Characters that only one of the two ways to write has; the common ones.
const (
	simplifiedOnly  = "这们为时来发对说关开门连传网络统计数据应该请问题线进运还让与从类间头实现过动机业务员长东车马鸟鱼书见贝页风飞龙语义变换显认识级组织结构处务关闭键单双启动权负载经验证状态阅读写库项顺选择边际标准识别错误区块压缩约仅额优势记录储"
	traditionalOnly = "這們為時來發對說關開門連傳網絡統計數據應該請問題線進運還讓與從類間頭實現過動機業務員長東車馬語義變換顯認識級組織結構處閉鍵單雙啟權負載經驗證狀態閱讀寫庫項順選擇邊際標準別錯誤區塊壓縮約僅額優勢記錄儲"
)

// textsOf collects each text of a value with its path.
func textsOf(path string, v reflect.Value, all map[string]string) {
	switch v.Kind() {
	case reflect.String:
		all[path] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			textsOf(path+"."+v.Type().Field(i).Name, v.Field(i), all)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			textsOf(fmt.Sprintf("%s[%d]", path, i), v.Index(i), all)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			textsOf(fmt.Sprintf("%s[%v]", path, key), v.MapIndex(key), all)
		}
	}
}

// trios joins the texts of three equal values, and fails where one lacks a text.
func trios(t *testing.T, name string, en, zhCN, zhTW any) (all []trio) {
	t.Helper()
	var tables [3]map[string]string
	for i, v := range []any{en, zhCN, zhTW} {
		tables[i] = map[string]string{}
		textsOf(name, reflect.ValueOf(v), tables[i])
	}
	for path, text := range tables[0] {
		cn, tw := tables[1][path], tables[2][path]
		if text != "" && (strings.TrimSpace(cn) == "" || strings.TrimSpace(tw) == "") && !strings.HasSuffix(path, ".Gap") {
			t.Errorf("%s: no Chinese for %q", path, text)
			continue
		}
		all = append(all, trio{path, text, cn, tw})
	}
	for _, table := range tables[1:] {
		for path := range table {
			if _, ok := tables[0][path]; !ok {
				t.Errorf("%s: Chinese without English", path)
			}
		}
	}
	slices.SortFunc(all, func(a, b trio) int { return strings.Compare(a.id, b.id) })
	return all
}

// codeField holds texts that no language changes.
var codeField = regexp.MustCompile(`\.(Code|Name|RFC|Default)$|\.Reasons\[(synack-retries|orphan-retries|fin-timeout)\]$`)

func TestTablesAreTranslated(t *testing.T) {
	all := slices.Concat(
		trios(t, "machine", machineTexts.en, machineTexts.zhCN, machineTexts.zhTW),
		trios(t, "look", lookTexts.en, lookTexts.zhCN, lookTexts.zhTW),
		trios(t, "state", stateTexts.en, stateTexts.zhCN, stateTexts.zhTW),
		trios(t, "myth", mythTexts.en, mythTexts.zhCN, mythTexts.zhTW),
		trios(t, "source", sourceTexts.en, sourceTexts.zhCN, sourceTexts.zhTW),
		trios(t, "story", storyTexts.en, storyTexts.zhCN, storyTexts.zhTW),
		trios(t, "simulation", simulationTexts.en, simulationTexts.zhCN, simulationTexts.zhTW),
		trios(t, "exploration", explorationTexts.en, explorationTexts.zhCN, explorationTexts.zhTW),
		trios(t, "correlation", correlationTexts.en, correlationTexts.zhCN, correlationTexts.zhTW),
	)
	if len(all) < 700 {
		t.Errorf("only %d texts", len(all))
	}
	for _, text := range all {
		if codeField.MatchString(text.id) {
			if text.zhCN != text.en && !strings.HasSuffix(text.id, ".Default") {
				t.Errorf("%s: a code is not translated: %q", text.id, text.zhCN)
			}
			continue
		}
		text.check(t)
	}
}

// TestDeviationsAreTranslated: each clause of the table of transitions is, and no
// other.
func TestDeviationsAreTranslated(t *testing.T) {
	used := map[string]bool{}
	for _, row := range tcp.Rows() {
		for clause := range strings.SplitSeq(row.Deviation, clauseGap) {
			if clause == "" {
				continue
			}
			used[clause] = true
			trio{row.ID, clause, deviationsZhCN[clause], deviationsZhTW[clause]}.check(t)
		}
	}
	if len(used) != len(deviationsZhCN) || len(used) != len(deviationsZhTW) {
		t.Errorf("%d clauses, %d and %d translations", len(used), len(deviationsZhCN), len(deviationsZhTW))
	}
}

func TestSourceWhy(t *testing.T) {
	for why := range whysZhCN {
		trio{why, why, whysZhCN[why], whysZhTW[why]}.check(t)
	}
	for _, test := range []struct {
		l         Language
		why, want string
	}{
		{English, "this version does not read it", "this version does not read it"},
		{Simplified, "2057 connections found no room in memory", "有 2057 个连接在内存中没有位置"},
		{Traditional, "more than 20000 packets a second: not followed, to spare the host", "每秒超過 20000 個封包：為減輕主機負擔，不予追蹤"},
		{Simplified, "this version does not read it; permission denied", "本版本不读取；permission denied"},
		{Simplified, "", ""},
	} {
		if got := sourceWhy(test.why, test.l); got != test.want {
			t.Errorf("%q in %s: %q, want %q", test.why, test.l, got, test.want)
		}
	}
}

// TestScenarioTexts: scenarios are Linux's alone, so that the lab is asked by a test
// of the program whether all of them are here.
func TestScenarioTexts(t *testing.T) {
	for name, cn := range scenariosZhCN {
		tw := scenariosZhTW[name]
		trio{name, "a title", cn.Title, tw.Title}.check(t)
		trio{name, "A sentence.", cn.About, tw.About}.check(t)
	}
	if len(scenariosZhTW) != len(scenariosZhCN) {
		t.Errorf("%d and %d scenarios", len(scenariosZhCN), len(scenariosZhTW))
	}
}
