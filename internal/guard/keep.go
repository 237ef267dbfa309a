package guard

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// The names that make the guard outlive a reboot.
const (
	settingsFile = "/etc/sysctl.d/90-synoptic-guard.conf"
	unitFile     = "/etc/systemd/system/synoptic-guard.service"
	unitLink     = "/etc/systemd/system/multi-user.target.wants/synoptic-guard.service" // what "systemctl enable" makes
)

// Keeping is what Keep needs to know beside the plan.
type Keeping struct {
	Doers    map[diagnose.ChangeKind]apply.Doer // read the files that are there already
	Standing []Step                             // what the guard changed before
	Program  string                             // path of this program
	Call     []string                           // words behind "guard apply" that make the rungs behind the settings anew, none without such
}

// Keep adds to a plan the files that make it outlive a reboot, and those changes
// of the guard that stand already: the settings in a file for sysctl.d, and for
// what only this program can make a unit of systemd that starts it. A file that
// is not the guard's own as it wrote it is an error, and stays.
func (l *Ladder) Keep(k Keeping) error {
	if l.Refuses() {
		return nil
	}
	var files []diagnose.Change
	if text, err := k.settings(l.Plan.Changes); err != nil {
		return err
	} else if text != "" {
		files = append(files, diagnose.Change{Kind: diagnose.ChangeFile, Target: settingsFile, To: text})
	}
	if len(k.Call) > 0 {
		text, err := k.unit()
		if err != nil {
			return err
		}
		files = append(files,
			diagnose.Change{Kind: diagnose.ChangeFile, Target: unitFile, To: text},
			diagnose.Change{Kind: diagnose.ChangeLink, Target: unitLink, To: "../synoptic-guard.service"})
	}
	for i := range files {
		var err error
		if files[i].From, err = k.held(files[i]); err != nil {
			return err
		}
	}
	for i, c := range files {
		l.Plan.Changes = append(l.Plan.Changes, remedy.Change{
			ID: fmt.Sprintf("keep-%d", i+1), Change: c, Scope: remedy.ScopeOf(c), Preventive: true,
			Effect: diagnose.Say(keepEffect[c.Target]), Cost: diagnose.Say("guard-keep-cost"),
		})
	}
	return nil
}

var keepEffect = map[string]string{
	settingsFile: "guard-keep-settings", unitFile: "guard-keep-unit", unitLink: "guard-keep-start",
}

// held reads what stands at a name, and refuses what the guard did not write.
func (k Keeping) held(c diagnose.Change) (string, error) {
	doer := k.Doers[c.Kind]
	if doer == nil {
		return "", &apply.KindError{Kind: c.Kind}
	}
	held, err := doer.Read(c)
	switch {
	case err != nil:
		return "", err
	case held == "" || held == c.To || c.Kind == diagnose.ChangeFile && isOurs(held):
		return held, nil
	}
	return "", fmt.Errorf("%s is there and not as the guard wrote it: it is left as it is; move it away to persist", c.Target)
}

// settings is the text of the file with the settings: those that it holds already,
// those that stand, and those of the plan. "" when there are none.
func (k Keeping) settings(plan []remedy.Change) (string, error) {
	values := map[string]string{}
	held, err := k.held(diagnose.Change{Kind: diagnose.ChangeFile, Target: settingsFile})
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(held) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && !strings.HasPrefix(name, "#") {
			values[name] = value
		}
	}
	for _, s := range k.Standing {
		if s.Kind == diagnose.ChangeSetting && s.Now == apply.InForce {
			values[s.Target] = s.To
		}
	}
	for _, c := range plan {
		if c.Kind == diagnose.ChangeSetting {
			values[c.Target] = c.To
		}
	}
	return settingsText(values), nil
}

// unsteady are settings that only exist once something else was loaded, which is
// later than sysctl.d is read: the unit sets them.
func unsteady(name string) bool { return strings.HasPrefix(name, "net.netfilter.") }

func settingsText(values map[string]string) string {
	var lines []string
	for name, value := range values {
		if !unsteady(name) {
			lines = append(lines, name+" = "+value+"\n")
		}
	}
	if len(lines) == 0 {
		return ""
	}
	slices.Sort(lines)
	return signed(strings.Join(lines, ""))
}

// inUnit are words that a unit of systemd takes as they are.
var inUnit = regexp.MustCompile(`^[-A-Za-z0-9_./:\[\]=,@]+$`)

// unit is the text of the unit that makes the further rungs when the system starts.
// A listener may come up later than it, so it tries again.
func (k Keeping) unit() (string, error) {
	for _, word := range append([]string{k.Program}, k.Call...) {
		if !inUnit.MatchString(word) {
			return "", fmt.Errorf("%q cannot stand in a unit of systemd: put the program at a plain path, or write the unit by hand", word)
		}
	}
	wants := "network-online.target"
	// What leads ports elsewhere comes first: where it is not yet there, apply would arm what it then breaks.
	const rules = " docker.service containerd.service nftables.service firewalld.service"
	if slices.Contains(k.Call, "--protect") { // connection tracking, which the settings of a router need
		wants += " modprobe@nf_conntrack.service"
	}
	return signed(`[Unit]
Description=Defence against SYN floods (synoptic guard)
After=` + wants + rules + `
Wants=` + wants + `
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=` + k.Program + " guard apply " + strings.Join(k.Call, " ") + `
Restart=on-failure
RestartSec=10

[Install]
WantedBy=multi-user.target
`), nil
}
