package explain

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/remedy"
)

// TestFixWordsAreWhole: every scope and outcome is said in each language, with the
// same arguments, and no word is left out or left in English.
func TestFixWordsAreWhole(t *testing.T) {
	en := reflect.ValueOf(fixEnglish)
	for _, l := range []Language{Simplified, Traditional} {
		words := reflect.ValueOf(*fixTexts.in(l))
		for i := range words.NumField() {
			name, said, english := words.Type().Field(i).Name, words.Field(i), en.Field(i)
			if said.Kind() != reflect.String {
				continue
			}
			if said.String() == "" || said.String() == english.String() {
				t.Errorf("%s: %s is %q", l, name, said)
			}
			if !maps.Equal(argumentsOf(said.String()), argumentsOf(english.String())) {
				t.Errorf("%s: %s: the arguments of %q are others than those of %q", l, name, said, english)
			}
		}
	}
	for _, l := range Languages() {
		w := fixTexts.in(l)
		for _, s := range []remedy.Scope{remedy.ThisNamespace, remedy.WholeHost} {
			if w.Scopes[s] == "" {
				t.Errorf("%s: no words for the scope %q", l, s)
			}
		}
		for _, o := range []remedy.Outcome{remedy.Helped, remedy.NotYet, remedy.NoHelp, remedy.Unknown} {
			if OutcomeText(remedy.Plan{}, o, l) == "" {
				t.Errorf("%s: no words for the outcome %q", l, o)
			}
		}
	}
	for _, words := range []fixWords{fixZhCN, fixZhTW} {
		for _, text := range slices.Concat(slices.Collect(maps.Values(words.Scopes)), slices.Collect(maps.Values(words.Outcomes)),
			[]string{words.Restart, words.Gone, words.Retries}) {
			if slip := typographySlip(strings.ReplaceAll(text, "。", "."), text); slip != "" {
				t.Errorf("%s: %q", slip, text)
			}
		}
	}
}
