package articles

import (
	"regexp"
	"strings"
	"testing"
)

// Common characters that only one of the two ways to write Chinese has.
const (
	simplifiedOnly  = "这们为时来发对说关开门连传网络统计数据应该请问题线进运还让与从类间头实现过动机业务员长东车马语义变换显认识级组织结构处闭键单双启权负载经验证状态阅读写库项顺选择边际标准别错误区块压缩约仅额优势记录储没个试丢弃余给护"
	traditionalOnly = "這們為時來發對說關開門連傳網絡統計數據應該請問題線進運還讓與從類間頭實現過動機業務員長東車馬語義變換顯認識級組織結構處閉鍵單雙啟權負載經驗證狀態閱讀寫庫項順選擇邊際標準別錯誤區塊壓縮約僅額優勢記錄儲沒個試丟棄餘給護"
)

// onlyIn returns the characters of one string that the other has not: many are
// written alike in both.
func onlyIn(one, other string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(other, r) {
			return -1
		}
		return r
	}, one)
}

// saidIn lists everything of an article that is in its language.
func saidIn(a Article) []string { return append(prose(a), a.Title, a.Summary) }

func TestChineseIsOfItsPlace(t *testing.T) {
	simplified, traditional := onlyIn(simplifiedOnly, traditionalOnly), onlyIn(traditionalOnly, simplifiedOnly)
	foreign := map[string]string{"zh-CN": traditional, "zh-TW": simplified}
	check := func(t *testing.T, lang, text string) {
		if i := strings.IndexAny(text, foreign[lang]); foreign[lang] != "" && i >= 0 {
			t.Errorf("%q begins with a character that %s does not write", text[i:], lang)
		}
	}
	eachArticle(t, func(t *testing.T, a Article) {
		for _, text := range saidIn(a) {
			check(t, a.Lang, text)
		}
	})
}

var slips = map[string]*regexp.Regexp{
	"a half-width sign beside Chinese":       regexp.MustCompile(`\p{Han}[,;:!?]|[,;!?]\p{Han}`),
	"a half-width full stop behind Chinese":  regexp.MustCompile(`\p{Han}\.(?:\s|$)`),
	"a space beside a full-width sign":       regexp.MustCompile(`[，。；：？！（）、「」] | [，。；：？！）、」]`),
	"a full-width letter, digit or space":    regexp.MustCompile(`[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{3000}]`),
	"Chinese and a letter without a space":   regexp.MustCompile("\\p{Han}[A-Za-z0-9`]|[A-Za-z0-9]\\p{Han}"),
	"Chinese and a backquote without spaces": regexp.MustCompile("`[^`]*`\\p{Han}"),
	"two spaces":                             regexp.MustCompile(`\S  +\S`),
	"a sign twice":                           regexp.MustCompile(`([，。；：]){2}`),
}

func TestChineseTypography(t *testing.T) {
	eachArticle(t, func(t *testing.T, a Article) {
		if a.Lang == "en" {
			return
		}
		for _, text := range saidIn(a) {
			for what, slip := range slips {
				if found := slip.FindString(text); found != "" {
					t.Errorf("%s, %q in %q", what, found, text)
				}
			}
		}
	})
}
