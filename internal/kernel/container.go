package kernel

import (
	"strings"

	"github.com/prometheus/procfs"
)

// cgroupPath returns the path in the unified hierarchy (version 2), or, where a
// process sits only in those of version 1, the first of them that is not "/".
func cgroupPath(groups []procfs.Cgroup) string {
	path := ""
	for _, g := range groups {
		switch {
		case g.HierarchyID == 0 && g.Path != "/":
			return g.Path
		case path == "" || path == "/":
			path = g.Path
		}
	}
	return path
}

// container returns the id that a container runtime put into the path of a
// cgroup, "" outside of containers.
func container(groups []procfs.Cgroup) string {
	for _, g := range groups {
		if id := containerID(g.Path); id != "" {
			return id
		}
	}
	return ""
}

const containerIDLength = 64 // hexadecimal digits

// containerID looks for the innermost container in a path. Seen in the wild:
//
//	/docker/ID, /system.slice/docker-ID.scope                     Docker
//	/kubepods.slice/.../cri-containerd-ID.scope, .../podUID/ID    containerd
//	/system.slice/containerd.service/kubepods-...:cri-containerd:ID
//	/kubepods.slice/.../crio-ID.scope                             CRI-O
//	/machine.slice/libpod-ID.scope/container                      Podman
//
// The monitor of a container (conmon) is not inside it.
func containerID(path string) string {
	segments := strings.Split(path, "/")
	for i := len(segments) - 1; i >= 0; i-- {
		segment := strings.TrimSuffix(segments[i], ".scope")
		if strings.Contains(segment, "conmon") {
			continue
		}
		word := segment[strings.LastIndexAny(segment, "-:")+1:]
		if len(word) == containerIDLength && isHex(word) {
			return word
		}
	}
	return ""
}

func isHex(word string) bool {
	return strings.Trim(word, "0123456789abcdef") == ""
}
