package host

import "strings"

// Wait is threads of one process that wait alike.
type Wait struct {
	In      string `json:"in"`              // kernel function (wchan); "" when they run or we may not see
	Inode   uint32 `json:"inode,omitempty"` // the socket that they wait for, 0 when none or not to be seen
	Threads int    `json:"threads"`
}

// WaitKind says what a thread waits for, as far as the kernel function tells.
type WaitKind uint8

// The kinds.
const (
	WaitUnknown        WaitKind = iota // it runs, or we may not see
	WaitsForLock                       // a mutex, a condition, another thread
	WaitsForEvents                     // epoll, poll, select, io_uring: of many descriptors
	WaitsForSocket                     // more to read, or room to write, on one connection
	WaitsForConnection                 // accept()
	WaitsForTime                       // sleeping
	WaitsElsewhere                     // anything else: a pipe, a disk, a child
)

// waitKinds is by the beginnings of the functions' names. Compilers append
// suffixes (".constprop.0"), kernels rename: several stand for one.
var waitKinds = []struct {
	function string
	kind     WaitKind
}{
	{"futex", WaitsForLock},
	{"ep_poll", WaitsForEvents},
	{"do_epoll", WaitsForEvents},
	{"poll_schedule_timeout", WaitsForEvents},
	{"do_poll", WaitsForEvents},
	{"do_sys_poll", WaitsForEvents},
	{"do_select", WaitsForEvents},
	{"io_cqring_wait", WaitsForEvents},
	{"wait_woken", WaitsForSocket}, // tcp_recvmsg and tcp_sendmsg sleep here
	{"sk_wait_data", WaitsForSocket},
	{"sk_stream_wait_memory", WaitsForSocket},
	{"inet_csk_accept", WaitsForConnection},
	{"inet_csk_wait_for_connect", WaitsForConnection},
	{"hrtimer_nanosleep", WaitsForTime},
	{"do_nanosleep", WaitsForTime},
	{"common_nsleep", WaitsForTime},
}

// Kind says what the threads wait for.
func (w Wait) Kind() WaitKind {
	if w.In == "" || w.In == "0" {
		return WaitUnknown
	}
	for _, k := range waitKinds {
		if strings.HasPrefix(w.In, k.function) {
			return k.kind
		}
	}
	return WaitsElsewhere
}
