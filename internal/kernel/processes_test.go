package kernel

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	"github.com/synoptic-net/synoptic/host"
)

const containerHash = "4f5c8a1e0d9b7c6a5f4e3d2c1b0a99887766554433221100ffeeddccbbaa0099"

// process returns the files of a process that holds the given links.
func process(pid int, comm string, fds map[int]string) map[string]string {
	dir := fmt.Sprintf("proc/%d/", pid)
	files := map[string]string{
		dir + "stat":   fmt.Sprintf("%d (%s) S 1 1 1 0 -1 4194560 9 0 0 0 150 25 0 0 20 0 4 0 100 1000 10 1 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0\n", pid, comm),
		dir + "status": "Name:\tx\nPid:\t1\nUid:\t1000\t33\t33\t33\nGid:\t1\t1\t1\t1\n",
		dir + "cgroup": "0::/system.slice/docker-" + containerHash + ".scope\n",
		dir + "wchan":  "inet_csk_accept",
		dir + "exe":    "->/usr/sbin/nginx (deleted)",
		dir + "fd/.":   "",
	}
	delete(files, dir+"fd/.")
	for fd, target := range fds {
		files[fmt.Sprintf("%sfd/%d", dir, fd)] = "->" + target
	}
	return files
}

func merge(all ...map[string]string) map[string]string {
	merged := map[string]string{}
	for _, files := range all {
		for name, content := range files {
			merged[name] = content
		}
	}
	return merged
}

func TestProcesses(t *testing.T) {
	root := fixture(t, merge(
		process(812, "nginx: (w) x", map[int]string{0: "/dev/null", 6: "socket:[40]", 7: "socket:[30]", 8: "socket:[99]", 9: "anon_inode:[eventpoll]"}),
		process(90, "nginx", map[int]string{6: "socket:[40]", 12: "socket:[40]"}),
		process(1, "init", map[int]string{0: "/dev/null"}),
		process(91, "bash", map[int]string{0: "/dev/pts/0"}),
		process(92, "other", map[int]string{3: "socket:[99]"}),
		map[string]string{"proc/uptime": "1 2\n", "proc/self/stat": "x", "proc/5/fd/3": "->socket:[30]"}, // 5 has just ended
	))
	got, err := root.Processes(func(inode uint32) bool { return inode < 99 })
	if err != nil || got.Time.IsZero() || got.Hidden != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	owners := []host.Owner{{Inode: 30, PID: 812, FD: 7}, {Inode: 40, PID: 90, FD: 6}, {Inode: 40, PID: 90, FD: 12}, {Inode: 40, PID: 812, FD: 6}}
	if !reflect.DeepEqual(got.Owners, owners) {
		t.Errorf("owners %v, want %v", got.Owners, owners)
	}
	nginx := host.Process{PID: 90, Name: "nginx", Exe: "/usr/sbin/nginx", ExeDeleted: true, UID: 33, State: "S", Wait: "inet_csk_accept",
		Threads: 4, CPU: 1750 * time.Millisecond, Cgroup: "/system.slice/docker-" + containerHash + ".scope", Container: containerHash}
	worker := nginx
	worker.PID, worker.Name = 812, "nginx: (w) x"
	if !reflect.DeepEqual(got.List, []host.Process{nginx, worker}) {
		t.Errorf("got  %+v\nwant %+v", got.List, []host.Process{nginx, worker})
	}
}

// With hidepid a process sees only those of its own user, and no process 1:
// somebody else may hold what nobody seems to.
func TestProcessesHiddenByMount(t *testing.T) {
	root := fixture(t, process(92, "other", map[int]string{3: "socket:[99]"}))
	if got, err := root.Processes(nil); err != nil || got.Hidden != 1 {
		t.Errorf("hidden %d, %v", got.Hidden, err)
	}
}

func TestProcessesWithoutProc(t *testing.T) {
	root := fixture(t, map[string]string{"proc/stat": ""})
	if _, err := root.Processes(nil); err == nil || !strings.Contains(err.Error(), "not mounted") {
		t.Errorf("error %v", err)
	}
}

func TestProcessesWantedNil(t *testing.T) {
	root := fixture(t, process(92, "other", map[int]string{3: "socket:[99]"}))
	if got, err := root.Processes(nil); err != nil || len(got.Owners) != 1 || len(got.List) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := fixture(t, nil).Processes(nil); err == nil {
		t.Error("an empty root has processes")
	}
}

func TestSocketInode(t *testing.T) {
	for link, want := range map[string]uint32{
		"socket:[1]": 1, "socket:[4294967295]": 4294967295, "socket:[4294967296]": 0, "socket:[]": 0, "socket:[1": 0,
		"socket:[x]": 0, "pipe:[1]": 0, "/tmp/socket:[1]": 0, "": 0, "socket:[-1]": 0, "socket:": 0,
	} {
		got, ok := socketInode([]byte(link))
		if ok != (want != 0) || got != want {
			t.Errorf("socketInode(%q) = %d, %v", link, got, ok)
		}
	}
}

func TestContainerID(t *testing.T) {
	const id = containerHash
	for path, want := range map[string]string{
		"/docker/" + id:                                                                              id,
		"/system.slice/docker-" + id + ".scope":                                                      id,
		"/kubepods/besteffort/pod0f5e/" + id:                                                         id,
		"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope":                        id,
		"/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:" + id:        id,
		"/kubepods.slice/kubepods-pod1.slice/crio-" + id + ".scope":                                  id,
		"/kubepods.slice/kubepods-pod1.slice/crio-conmon-" + id + ".scope":                           "",
		"/machine.slice/libpod-" + id + ".scope":                                                     id,
		"/machine.slice/libpod-" + id + ".scope/container":                                           id,
		"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope/container": id,
		"/machine.slice/libpod-conmon-" + id + ".scope":                                              "",
		"/docker/" + strings.Repeat("a", 64) + "/docker/" + id:                                       id, // innermost
		"/":                         "",
		"":                          "",
		"/system.slice/ssh.service": "",
		"/docker/" + id[:63]:        "",
		"/docker/" + id[:63] + "g":  "",
	} {
		if got := containerID(path); got != want {
			t.Errorf("containerID(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestCgroupPath(t *testing.T) {
	for _, test := range []struct {
		name   string
		groups []procfs.Cgroup
		want   string
	}{
		{"version 2", []procfs.Cgroup{{Path: "/a"}}, "/a"},
		{"hybrid, in version 2", []procfs.Cgroup{{HierarchyID: 3, Path: "/x"}, {Path: "/a"}}, "/a"},
		{"hybrid, in version 1", []procfs.Cgroup{{HierarchyID: 9, Path: "/"}, {HierarchyID: 4, Path: "/m"}, {Path: "/"}}, "/m"},
		{"version 1 root", []procfs.Cgroup{{HierarchyID: 9, Path: "/"}, {Path: "/"}}, "/"},
		{"none", nil, ""},
	} {
		if got := cgroupPath(test.groups); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
