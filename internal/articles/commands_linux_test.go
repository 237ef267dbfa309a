package articles

import (
	"os/exec"
	"strings"
	"testing"
)

// TestCommandsOfSS: ss takes every command that an article types, where it is
// installed. It only reads.
func TestCommandsOfSS(t *testing.T) {
	if _, err := exec.LookPath("ss"); err != nil {
		t.Skip("ss is not installed")
	}
	asked := 0
	for _, cause := range Causes() {
		a, _ := read("en", cause) // the others show the same, see TestTranslations
		for _, b := range a.Looks {
			for _, line := range b.Lines {
				command, ok := strings.CutPrefix(line, "$ ss ")
				if !ok {
					continue
				}
				command, _, _ = strings.Cut(command, " | ")
				command, _, _ = strings.Cut(command, ";")
				asked++
				if out, err := exec.Command("sh", "-c", "ss "+command).CombinedOutput(); err != nil {
					t.Errorf("%s: ss %s: %v: %.100s", cause, command, err, out)
				}
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d commands of ss were found", asked)
	}
}
