package kernel

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const nobody = 65534

// As root every descriptor can be read, so root runs this again as nobody.
func TestHidden(t *testing.T) {
	if os.Geteuid() == 0 {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestHidden$", "-test.v")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Dir = "/"
		if report, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(report), "--- PASS: TestHidden") {
			t.Errorf("%v\n%s", err, report)
		}
		return
	}
	root := fixture(t, merge(
		process(1, "init", map[int]string{0: "/dev/null"}),
		process(10, "secret", map[int]string{3: "socket:[1]"}),
		process(11, "open", map[int]string{3: "socket:[1]"}),
		process(12, "kworker/0:1", map[int]string{3: "socket:[1]"}),
	))
	stat := root.path("proc/12/stat")
	text, err := os.ReadFile(stat)
	if err != nil {
		t.Fatal(err)
	}
	// 69238880 is what a kernel thread shows: PF_KTHREAD and others.
	if err := os.WriteFile(stat, []byte(strings.Replace(string(text), "4194560", "69238880", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, pid := range []string{"10", "12"} {
		folder := root.path("proc/" + pid + "/fd")
		if err := os.Chmod(folder, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(folder, 0o755) })
	}
	found, err := root.Processes(nil)
	if err != nil || found.Hidden != 1 || len(found.List) != 1 || found.List[0].PID != 11 {
		t.Errorf("%+v, %v", found, err)
	}
	if live, err := Host.Processes(nil); err != nil || live.Hidden == 0 {
		t.Errorf("nobody sees the descriptors of everyone: hidden %d, %v", live.Hidden, err)
	}
}
