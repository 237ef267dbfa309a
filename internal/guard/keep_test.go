package guard

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// keeper is a folder in the place of the system's, and a hand that works in it.
type keeper struct {
	root string
	hand *apply.Hand
}

// memory holds settings in the place of the kernel.
type memory map[string]string

func (m memory) Read(c diagnose.Change) (string, error)      { return m[c.Target], nil }
func (m memory) Write(c diagnose.Change, value string) error { m[c.Target] = value; return nil }

func keeping(t *testing.T, settings memory) keeper {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{settingsFile, unitFile, unitLink} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return keeper{root, &apply.Hand{
		Dir: t.TempDir(), Here: apply.Place{Boot: "one", NetNS: "1"}, Now: time.Now,
		Doers: map[diagnose.ChangeKind]apply.Doer{
			diagnose.ChangeSetting: settings, diagnose.ChangeFile: apply.Files{Root: root}, diagnose.ChangeLink: apply.Links{Root: root},
		},
	}}
}

// files are all that stands below the root.
func (k keeper) files(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(k.root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, k.root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (k keeper) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(k.root, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (k keeper) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(k.root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// plan proposes settings, "name=value", over what stands.
func (k keeper) plan(settings memory, words ...string) Ladder {
	l := Ladder{Plan: remedy.Plan{Remedy: Name}}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		l.Plan.Changes = append(l.Plan.Changes, setting(name, name, settings[name], value, diagnose.Message{}, diagnose.Message{}))
	}
	return l
}

var atStart = []string{"--for", "0", "--xdp", "--interface", "eth0", "--listener", "[2001:db8::1]:80"}

// TestKeptAndReverted: files appear with their changes and go with them, also
// after a reboot at which they set what they hold.
func TestKeptAndReverted(t *testing.T) {
	for _, rebooted := range []bool{false, true} {
		settings := memory{cookies: "0", retries: "5"}
		k := keeping(t, settings)
		l := k.plan(settings, cookies+"=1", retries+"=3")
		if err := l.Keep(Keeping{Doers: k.hand.Doers, Program: "/usr/bin/synoptic", Call: atStart}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.hand.Apply(l.Plan); err != nil {
			t.Fatal(err)
		}
		if got := k.files(t); !slices.Equal(got, []string{settingsFile, unitLink, unitFile}) {
			t.Error(got)
		}
		if text := k.read(t, settingsFile); !strings.HasSuffix(text, "\nnet.ipv4.tcp_synack_retries = 3\nnet.ipv4.tcp_syncookies = 1\n") || !isOurs(text) {
			t.Error(text)
		}
		if text := k.read(t, unitLink); !strings.Contains(text, "\nExecStart=/usr/bin/synoptic guard apply --for 0 --xdp --interface eth0 --listener [2001:db8::1]:80\n") {
			t.Error("the link leads elsewhere:", text)
		}
		if rebooted {
			k.hand.Here.Boot = "two"
		}
		steps, err := Status(k.hand)
		if err != nil || len(steps) != 5 || slices.ContainsFunc(steps, func(s Step) bool { return s.Now != apply.InForce }) {
			t.Error(err, steps)
		}
		if done, err := Revert(k.hand, false); err != nil || len(done) != 1 {
			t.Error(err, done)
		}
		if got := k.files(t); len(got) > 0 || settings[cookies] != "0" || settings[retries] != "5" {
			t.Errorf("after a reboot: %v: left: %v %v", rebooted, got, settings)
		}
	}
}

// TestRebootWithoutFiles: what no file sets went with the reboot.
func TestRebootWithoutFiles(t *testing.T) {
	settings := memory{retries: "5"}
	k := keeping(t, settings)
	if _, err := k.hand.Apply(k.plan(settings, retries+"=3").Plan); err != nil {
		t.Fatal(err)
	}
	k.hand.Here.Boot = "two"
	if done, err := Revert(k.hand, false); err != nil || len(done) != 1 || done[0].Steps[0].State != apply.Ended || settings[retries] != "3" {
		t.Error(err, done, settings)
	}
}

// TestKeptMore: a second plan adds to the file of the first, and what was applied
// without a file gets into it; each revert goes one step back.
func TestKeptMore(t *testing.T) {
	settings := memory{cookies: "0", retries: "5", longest: "128"}
	k := keeping(t, settings)
	if _, err := k.hand.Apply(k.plan(settings, longest+"=4096").Plan); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, word := range []string{cookies + "=1", retries + "=2"} {
		standing, err := Status(k.hand)
		if err != nil {
			t.Fatal(err)
		}
		l := k.plan(settings, word)
		if err := l.Keep(Keeping{Doers: k.hand.Doers, Standing: standing}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.hand.Apply(l.Plan); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, k.read(t, settingsFile))
	}
	if !strings.HasSuffix(texts[1], "\nnet.core.somaxconn = 4096\nnet.ipv4.tcp_synack_retries = 2\nnet.ipv4.tcp_syncookies = 1\n") {
		t.Error(texts[1])
	}
	if _, err := k.hand.Undo(Name, false); err != nil || k.read(t, settingsFile) != texts[0] {
		t.Error(err, k.read(t, settingsFile))
	}
	if done, err := Revert(k.hand, false); err != nil || len(done) != 2 || len(k.files(t)) != 0 || settings[longest] != "128" {
		t.Error(err, done, k.files(t), settings)
	}
}

// TestForeignFilesStay: none of these is touched, and why is said in one line.
func TestForeignFilesStay(t *testing.T) {
	ours := signed("net.core.somaxconn = 4096\n")
	for name, text := range map[string]string{
		"by hand":       "net.ipv4.tcp_syncookies = 1\n",
		"empty":         "",
		"changed since": strings.Replace(ours, "4096", "65535", 1),
		"marked anew":   ours + "net.ipv4.tcp_syncookies = 0\n",
	} {
		settings := memory{cookies: "0"}
		k := keeping(t, settings)
		k.write(t, settingsFile, text)
		l := k.plan(settings, cookies+"=1")
		err := l.Keep(Keeping{Doers: k.hand.Doers})
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), settingsFile) || len(l.Plan.Changes) != 1 || k.read(t, settingsFile) != text {
			t.Errorf("%s: %v, %v", name, err, proposed(l))
		}
	}
	k := keeping(t, memory{})
	if err := os.Symlink("/dev/null", filepath.Join(k.root, unitFile)); err != nil { // "systemctl mask"
		t.Fatal(err)
	}
	l := k.plan(nil)
	if err := l.Keep(Keeping{Doers: k.hand.Doers, Program: "/usr/bin/synoptic", Call: atStart}); err == nil || len(l.Plan.Changes) > 0 {
		t.Error("a masked unit was replaced:", err, proposed(l))
	}
}

// TestCrashWhileAFileIsWritten: the name under which it was made goes too.
func TestCrashWhileAFileIsWritten(t *testing.T) {
	settings := memory{cookies: "0"}
	k := keeping(t, settings)
	for _, again := range []bool{false, true} {
		l := k.plan(settings, cookies+"=1")
		if err := l.Keep(Keeping{Doers: k.hand.Doers}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.hand.Apply(l.Plan); err != nil {
			t.Fatal(err)
		}
		half := filepath.Join(filepath.Dir(settingsFile), "."+filepath.Base(settingsFile)+".new")
		if err := os.Rename(filepath.Join(k.root, settingsFile), filepath.Join(k.root, half)); err != nil { // as a crash would leave it
			t.Fatal(err)
		}
		if again { // by who goes on
			if _, err := k.hand.Apply(remedy.Plan{Remedy: Name, Changes: l.Plan.Changes[1:]}); err != nil || !slices.Equal(k.files(t), []string{settingsFile}) {
				t.Error(err, k.files(t))
			}
		}
		if _, err := Revert(k.hand, false); err != nil || len(k.files(t)) > 0 {
			t.Errorf("again %v: %v, left: %v", again, err, k.files(t))
		}
	}
}

// TestEditedSince: who edits the file keeps it, and revert says so.
func TestEditedSince(t *testing.T) {
	settings := memory{cookies: "0"}
	k := keeping(t, settings)
	l := k.plan(settings, cookies+"=1")
	if err := l.Keep(Keeping{Doers: k.hand.Doers}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.hand.Apply(l.Plan); err != nil {
		t.Fatal(err)
	}
	k.write(t, settingsFile, "net.ipv4.tcp_syncookies = 2\n")
	if done, err := Revert(k.hand, false); err == nil || len(done) != 0 || settings[cookies] != "1" || k.read(t, settingsFile) != "net.ipv4.tcp_syncookies = 2\n" {
		t.Error(err, done, settings)
	}
}

// TestNoSystemd: a system without its folders is told so, and nothing is kept by half.
func TestNoSystemd(t *testing.T) {
	settings := memory{cookies: "0"}
	k := keeping(t, settings)
	if err := os.RemoveAll(filepath.Join(k.root, "/etc/systemd")); err != nil {
		t.Fatal(err)
	}
	l := k.plan(settings, cookies+"=1")
	err := l.Keep(Keeping{Doers: k.hand.Doers, Program: "/usr/bin/synoptic", Call: atStart})
	if err == nil || !strings.Contains(err.Error(), "there is no folder /etc/systemd/system") || strings.Contains(err.Error(), "\n") || len(l.Plan.Changes) != 1 {
		t.Error(err, proposed(l))
	}
}

// TestUnitOfPlainWords: nothing that a unit would read otherwise gets into it.
func TestUnitOfPlainWords(t *testing.T) {
	for _, program := range []string{"/opt/my tools/synoptic", "/opt/%h/synoptic", "/opt/\nExecStart=/bin/sh", ""} {
		if text, err := (Keeping{Program: program, Call: atStart}).unit(); err == nil {
			t.Errorf("%q: %s", program, text)
		}
	}
}

// TestUnitComesAfterRules: what leads ports elsewhere stands before anything is
// armed, so that "guard apply" sees it; a service that is not there is not waited for.
func TestUnitComesAfterRules(t *testing.T) {
	text, err := Keeping{Program: "/bin/true", Call: atStart}.unit()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		key, words, _ := strings.Cut(strings.TrimSpace(line), "=")
		for _, service := range []string{"docker.service", "containerd.service", "nftables.service", "firewalld.service"} {
			if has := slices.Contains(strings.Fields(words), service); has != (key == "After") {
				t.Errorf("%s: %q", service, line)
			}
		}
	}
}

// FuzzSigned: a signed text is ours, and no longer once an octet of it is another.
func FuzzSigned(f *testing.F) {
	f.Add("a = 1\n", 3, byte('x'))
	f.Add("", 0, byte(0))
	f.Fuzz(func(t *testing.T, text string, at int, to byte) {
		whole := []byte(signed(text))
		if !isOurs(string(whole)) {
			t.Fatalf("%q is not ours", whole)
		}
		if at = max(at, -at) % len(whole); at < 0 || whole[at] == to {
			return
		}
		if whole[at] = to; isOurs(string(whole)) {
			t.Errorf("%q is ours", whole)
		}
	})
}

// TestUnitIsUnderstood: by systemd itself, where it is installed.
func TestUnitIsUnderstood(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed")
	}
	text, err := Keeping{Program: "/bin/true", Call: append(slices.Clone(atStart), "--protect", "192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm")}.unit()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "synoptic-guard.service")
	if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(said), "synoptic-guard") {
		t.Errorf("%v: %s\n%s", err, said, text)
	}
}
