// Package guard decides what to do about a SYN flood, does it, and takes it back.
//
// It goes up a ladder, least force first. It looks before anything else: a full
// accept queue or a SYN-ACK that does not get out is no flood, and then nothing
// is proposed. Next come settings of the kernel, and where a flood was found, or
// somebody asks for it, cookies by XDP (package bpf). A limit on SYNs is never
// proposed: it turns genuine clients away.
//
// Every change goes through package apply: its journal is on disk before the
// change is made, and what stood there before comes back exactly.
package guard
