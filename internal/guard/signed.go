package guard

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The first line of a file of the guard: whose it is, and a sum over the rest. A
// file without it, or with another sum, is somebody else's now.
const (
	signedBegin = "# synoptic guard "
	signedEnd   = `: made by "synoptic guard apply --persist", taken away by "synoptic guard revert"` + "\n"
	advice      = "# Once it is changed by hand the guard leaves it alone: settings of your own belong into another file.\n"
)

// signed puts the guard's line, and what a reader must know, before a text.
func signed(text string) string {
	text = advice + text
	return signedBegin + sumOf(text) + signedEnd + text
}

// isOurs tells whether a text is as signed made it.
func isOurs(text string) bool {
	sum, rest, ok := strings.Cut(strings.TrimPrefix(text, signedBegin), signedEnd)
	return ok && strings.HasPrefix(text, signedBegin) && sum == sumOf(rest)
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
