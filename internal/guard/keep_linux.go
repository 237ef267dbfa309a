package guard

import (
	"errors"
	"os"
)

// firstOnly is a setting that no network namespace has but the kernel's first.
const firstOnly = "/proc/sys/net/core/netdev_budget"

// MayKeep says why nothing may be kept beyond a reboot: what the system sets when it
// starts it sets in the network namespace of its first process.
func MayKeep() error {
	if exists(firstOnly) {
		return nil
	}
	first, err := os.Readlink("/proc/1/ns/net") // of a container that is a system of its own
	own, e := os.Readlink("/proc/thread-self/ns/net")
	if err == nil && e == nil && own == first {
		return nil
	}
	return errors.New("--persist: this is not the network namespace in which the system starts, so its files would say nothing about this one")
}
