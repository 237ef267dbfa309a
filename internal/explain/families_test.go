package explain

import (
	"maps"
	"slices"
	"testing"
)

// english joins the English sentences of families.
func english(families []family) map[string]sentence {
	all := map[string]sentence{}
	for _, f := range families {
		maps.Copy(all, f.en)
	}
	return all
}

// chinese joins the sentences of families in a language that has one form.
func chinese(families []family, l Language) map[string]string {
	all := map[string]string{}
	for _, f := range families {
		if l == Traditional {
			maps.Copy(all, f.zhTW)
		} else {
			maps.Copy(all, f.zhCN)
		}
	}
	return all
}

// TestMessagesCompile: each text of each language is one that can be formatted.
func TestMessagesCompile(t *testing.T) {
	for id := range english(slices.Concat(findingFamilies(), labelFamilies())) {
		for _, l := range Languages() {
			if err := l.learn(id); err != nil {
				t.Errorf("%s: %v", l, err)
			}
		}
	}
}
