package kernel

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

func TestWaits(t *testing.T) {
	task := func(n int, name string) string { return fmt.Sprintf("proc/812/task/%d/%s", n, name) }
	root := fixture(t, map[string]string{
		task(812, "wchan"): "futex_do_wait", task(813, "wchan"): "futex_do_wait\n", task(814, "wchan"): "0",
		task(815, "wchan"): "wait_woken", task(815, "syscall"): "45 0x7 0x7fe57d2965a0 0x1 0x0 0x0 0x0 0x7fe57cfbfa10 0x7fe57d928974\n",
		task(816, "wchan"): "wait_woken", task(816, "syscall"): "running\n",
		task(817, "wchan"): "sk_wait_data", // its call may not be read
		task(818, "wchan"): "wait_woken", task(818, "syscall"): "0 0xffffffffffff 0x0\n",
		task(819, "comm"): "no wchan",
		"proc/812/fd/7":   "->socket:[40]",
	})
	want := []host.Wait{
		{In: "", Threads: 2}, {In: "futex_do_wait", Threads: 2}, {In: "wait_woken", Threads: 2},
		{In: "sk_wait_data", Threads: 1}, {In: "wait_woken", Inode: 40, Threads: 1},
	}
	if got := root.Waits(812); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := root.Waits(5); len(got) > 0 {
		t.Errorf("a process that has ended waits: %+v", got)
	}
}

func TestWaitsAreBounded(t *testing.T) {
	files := map[string]string{}
	for n := range mostThreads + 5 {
		files[fmt.Sprintf("proc/7/task/%d/wchan", 10000+n)] = "ep_poll"
	}
	want := []host.Wait{{In: "ep_poll", Threads: mostThreads}, {Threads: 5}}
	if got := fixture(t, files).Waits(7); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}
