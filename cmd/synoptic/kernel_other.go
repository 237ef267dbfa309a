//go:build !linux

package main

// kernelRelease is known on Linux only.
func kernelRelease() string { return "" }
