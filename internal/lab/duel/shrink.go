package duel

import (
	"context"
	"slices"
)

// Shrink leaves incidents out of a script as long as its outcome is still so,
// and returns what no incident can be left out of.
func Shrink(ctx context.Context, other TCP, habits Habits, s Script, so func(Outcome) bool) (Script, error) {
	for len(s.Incidents) > 0 {
		shorter := withoutOne(s)
		outcomes, err := PlayInTime(ctx, other, habits, shorter)
		if err != nil {
			return s, err
		}
		found := slices.IndexFunc(outcomes, so)
		if found < 0 {
			break
		}
		s = shorter[found]
	}
	return s, nil
}

// withoutOne returns the script in all the ways in which one incident is left
// out, the last ones first: what came later matters less.
func withoutOne(s Script) (all []Script) {
	for i := len(s.Incidents) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(s.Incidents), i, i+1)
		all = append(all, Script{Listens: s.Listens, Stamped: s.Stamped, Incidents: rest})
	}
	return all
}
