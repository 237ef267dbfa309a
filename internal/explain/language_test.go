package explain

import "testing"

func TestLanguageOf(t *testing.T) {
	for locale, want := range map[string]Language{
		"": English, "C": English, "C.UTF-8": English, "POSIX": English, "de_DE.UTF-8": English, "en_HK": English, "zhx_TW": English,
		"zh_CN.UTF-8": Simplified, "zh_CN.GB18030": Simplified, "zh_SG": Simplified, "zh": Simplified, "zh_Hans": Simplified, "zh_Hans_HK": Simplified, "zh-Hans-TW": Simplified,
		"zh_TW.UTF-8": Traditional, "zh_TW.Big5": Traditional, "zh_HK.UTF-8": Traditional, "zh_MO": Traditional, "zh_Hant": Traditional, "zh-Hant-CN": Traditional,
		"zh_TW@radical": Traditional, "ZH_tw": Traditional, "zh_XX": Simplified, "_": English, ".": English,
	} {
		if got := LanguageOf(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}

func TestTidy(t *testing.T) {
	for _, c := range []struct {
		l         Language
		got, want string
	}{
		{Simplified, "nginx（pid 1） 没有 关闭 5 个", "nginx（pid 1）没有关闭 5 个"},
		{Traditional, "到 （某處） 的", "到（某處）的"},
		{Simplified, "一 二 三", "一二三"},
		{Simplified, " 前后 ", " 前后 "},
		{English, "） x （", "） x （"},
		{Simplified, "ss -tn '( sport = :80 )'", "ss -tn '( sport = :80 )'"},
	} {
		if tidied := c.l.tidy(c.got); tidied != c.want {
			t.Errorf("%q: %q, want %q", c.got, tidied, c.want)
		}
	}
}
