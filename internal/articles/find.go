package articles

import (
	"cmp"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// CausesWord is the argument of "synoptic explain" that asks for the list.
const CausesWord = "causes"

// Find returns the cause of that name. Letter case makes no difference, nor
// whether words are joined by hyphens, underscores or spaces.
func Find(name string) (cause diagnose.Cause, ok bool) {
	folded := fold(name)
	for _, known := range Causes() {
		if known == folded {
			return diagnose.Cause(known), true
		}
	}
	return "", false
}

func fold(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	return strings.Join(words, "-")
}

// Nearest returns up to three causes whose names resemble a word, the nearest
// first: those that contain it, or share half of their pairs of letters with it.
func Nearest(name string) []string {
	const most = 3
	folded := fold(name)
	type neighbour struct {
		cause string
		score float64
	}
	var near []neighbour
	for _, cause := range Causes() {
		score := likeness(pairs(folded), pairs(cause))
		if len(folded) >= 3 && strings.Contains(cause, folded) {
			score++
		}
		if score >= 0.5 {
			near = append(near, neighbour{cause, score})
		}
	}
	slices.SortStableFunc(near, func(a, b neighbour) int { return cmp.Compare(b.score, a.score) })
	var names []string
	for _, n := range near[:min(len(near), most)] {
		names = append(names, n.cause)
	}
	return names
}

// pairs counts the pairs of neighbouring letters in a word.
func pairs(word string) map[string]int {
	counts := map[string]int{}
	for i := range len(word) - 1 {
		counts[word[i:i+2]]++
	}
	return counts
}

// likeness is the Dice coefficient of two words, 1 when they have all pairs in
// common.
func likeness(a, b map[string]int) float64 {
	common, all := 0, 0
	for pair, n := range a {
		common += min(n, b[pair])
		all += n
	}
	for _, n := range b {
		all += n
	}
	return 2 * float64(common) / float64(max(all, 1))
}
