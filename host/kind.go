package host

import (
	"fmt"
	"slices"
)

var kindWords = []string{Full: "full", Request: "request", TimeWaitKind: "time-wait"}

// String returns "full", "request" or "time-wait".
func (k Kind) String() string {
	if int(k) < len(kindWords) {
		return kindWords[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText returns the word of String; it fails for a kind that is not
// declared here.
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kindWords) {
		return nil, fmt.Errorf("no such socket kind: %d", uint8(k))
	}
	return []byte(kindWords[k]), nil
}

// UnmarshalText reads a word of String.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindWords, string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a socket kind: full, request or time-wait", text)
	}
	*k = Kind(i)
	return nil
}
