package main

import "golang.org/x/sys/unix"

// kernelRelease is the release of uname, "" when the kernel will not tell.
func kernelRelease() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return ""
	}
	return unix.ByteSliceToString(name.Release[:])
}
