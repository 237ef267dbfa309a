package kernel

import (
	"os"
	"path/filepath"
	"testing"
)

// fixture makes a root folder of the given files; a value that starts with "->"
// is the target of a link.
func fixture(t testing.TB, files map[string]string) Root {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := write(path, content); err != nil {
			t.Fatal(err)
		}
	}
	return Root(root)
}

func write(path, content string) error {
	if len(content) > 2 && content[:2] == "->" {
		return os.Symlink(content[2:], path)
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

func TestIdentity(t *testing.T) {
	root := fixture(t, map[string]string{
		"proc/sys/kernel/hostname":  "web-1\n",
		"proc/sys/kernel/osrelease": "6.18.44\n",
		"proc/thread-self/ns/net":   "->net:[4026531840]",
	})
	id, err := root.Identity()
	if err != nil || id.Name != "web-1" || id.Kernel != "6.18.44" || id.NetNS != "4026531840" {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestIdentityInPart(t *testing.T) {
	root := fixture(t, map[string]string{
		"proc/sys/kernel/hostname": "web-1\n",
		"proc/self/ns/net":         "->net:[7]", // before thread-self
	})
	id, err := root.Identity()
	if err == nil || id.Name != "web-1" || id.Kernel != "" || id.NetNS != "7" {
		t.Errorf("%+v, %v", id, err)
	}
	odd := fixture(t, map[string]string{"proc/thread-self/ns/net": "->mnt:[7]"})
	if id, err := odd.Identity(); err == nil || id.NetNS != "" {
		t.Errorf("a mount namespace passes: %+v", id)
	}
}

func TestBracketed(t *testing.T) {
	for link, want := range map[string]string{
		"net:[4026531840]": "4026531840", "net:[1]": "1", "net:[1": "", "net1]": "", "mnt:[1]": "", "": "", "net": "",
	} {
		got, ok := bracketed(link, "net")
		if ok != (want != "") || ok && got != want {
			t.Errorf("bracketed(%q) = %q, %v", link, got, ok)
		}
	}
}
