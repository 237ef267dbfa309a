package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/track/correlate"
)

// correlationFinding puts a finding into words.
func correlationFinding(f *correlate.Finding, l Language) CorrelationFinding {
	out := CorrelationFinding{Topic: f.Topic.String(), From: f.From.String(), To: f.To.String(), Count: f.Count, Connections: f.Connections}
	if f.Why == correlate.NoOrder {
		out.From, out.To = "", ""
	}
	out.Text = l.tidy(correlationText(f, l))
	return out
}

// numbered writes "1 SYN" and "1,200 SYNs".
func numbered(n uint64, words [2]string) string {
	word := words[1]
	if n == 1 {
		word = words[0]
	}
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return strings.TrimSpace(digits + " " + word)
}

// correlationText is the sentence of a finding.
func correlationText(f *correlate.Finding, l Language) string {
	w := correlationTexts.in(l)
	say := func(format string, words [2]string, more ...any) string {
		args := []any{f.From.String(), f.To.String(), numbered(f.Count, words), numbered(f.Connections, w.Connections)}
		return sprintf(format, append(args, more...)...)
	}
	switch f.Topic {
	case correlate.Proxied:
		return say(w.Proxied, w.Kinds[correlate.KindSYNACK])
	case correlate.MadeBetween:
		return madeText(w, f, say)
	case correlate.StrangeAnswer:
		if f.Sockets[0].IsValid() && f.Sockets[1].IsValid() {
			return say(w.StrangeAnswer, w.Connections, f.Sockets[0], f.Sockets[1])
		}
		return say(w.StrangeAnswers, w.Connections)
	case correlate.VanishBetween:
		return vanishText(w, f, say)
	case correlate.Translated:
		if f.Sockets[0].IsValid() && f.Sockets[1].IsValid() {
			return say(w.Translated[f.Old&1], w.Segments, f.Sockets[0], f.Sockets[1])
		}
		return say(w.TranslatedMany[f.Old&1], w.Segments)
	case correlate.Altered:
		return alteredText(w, f, say)
	case correlate.UnseenArrival:
		return say(w.UnseenArrival, w.Segments)
	case correlate.SeenAtOne:
		return say(w.SeenAtOne, w.Connections)
	default:
		return say(w.NotTold, w.Segments, sprintf(w.NotToldWhy[f.Why], f.From.String(), f.To.String()))
	}
}

type sayer func(format string, words [2]string, more ...any) string

func madeText(w *correlationWords, f *correlate.Finding, say sayer) string {
	words := w.Kinds[f.Segments]
	if f.Why == correlate.Repeated {
		return say(w.Repeated, words)
	}
	text := say(w.Made, words)
	if f.Why == correlate.Foreign && f.TTL[0] >= 0 && f.TTL[1] >= 0 {
		return text + w.Gap + fmt.Sprintf(w.MadeTTL, f.TTL[0], f.TTL[1])
	}
	return text + w.Gap + sprintf(w.MadeWhy[f.Why], f.From.String(), f.To.String())
}

func vanishText(w *correlationWords, f *correlate.Finding, say sayer) string {
	var text string
	if f.Count == f.Of {
		text = say(w.AllVanish, w.Kinds[f.Segments])
	} else {
		text = say(w.SomeVanish, [2]string{}, numbered(f.Of, w.Kinds[f.Segments]))
	}
	switch {
	case f.Gone > 0 && f.Came > 0:
		text += w.Gap + fmt.Sprintf(w.Sizes, f.Gone, f.Came)
	case f.Gone > 0:
		text += w.Gap + fmt.Sprintf(w.AllSizes, f.Gone)
	}
	return text
}

func alteredText(w *correlationWords, f *correlate.Finding, say sayer) string {
	field := w.Fields[f.Change]
	switch {
	case f.Change == correlate.Length:
		return say(w.Cut, w.Segments)
	case f.Removed == f.Count:
		return say(w.Removed, w.Segments, field)
	case f.Added == f.Count:
		return say(w.Added, w.Segments, field)
	case f.Old >= 0 && f.New >= 0 && f.Removed+f.Added == 0:
		return say(w.AlteredFromTo, w.Segments, field, f.Old, f.New)
	default:
		return say(w.Altered, w.Segments, field)
	}
}

// sprintf is fmt.Sprintf for formats that name their arguments by number and need
// not use all of them, or any.
func sprintf(format string, args ...any) string {
	if !strings.Contains(format, "%") {
		return format
	}
	return fmt.Sprintf(format, args...)
}
