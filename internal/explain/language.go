package explain

import "strings"

// Language is a language that the program speaks, as an IETF tag. The zero
// Language is English.
type Language string

// The languages.
const (
	English     Language = "en"
	Simplified  Language = "zh-CN" // Chinese as written in mainland China and Singapore
	Traditional Language = "zh-TW" // Chinese as written in Taiwan, Hong Kong and Macau
)

// Languages lists them, English first.
func Languages() []Language { return []Language{English, Simplified, Traditional} }

// LanguageOf returns the language of a locale ("zh_TW.UTF-8", "zh_Hans_SG",
// "C"), English for those that are not spoken. Chinese without a place or a
// script is Simplified.
func LanguageOf(locale string) Language {
	name, _, _ := strings.Cut(locale, ".")
	name, _, _ = strings.Cut(name, "@")
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' })
	if len(parts) == 0 || parts[0] != "zh" {
		return English
	}
	for _, part := range parts[1:] { // a script stands before a place, and decides
		switch part {
		case "hant", "tw", "hk", "mo":
			return Traditional
		case "hans", "cn", "sg":
			return Simplified
		}
	}
	return Simplified
}

// translated is a value in each language.
type translated[T any] struct{ en, zhCN, zhTW T }

func (t *translated[T]) in(l Language) *T {
	switch l {
	case Simplified:
		return &t.zhCN
	case Traditional:
		return &t.zhTW
	default:
		return &t.en
	}
}
