// Package bpf holds what synoptic runs inside the kernel: programs that see
// every change of a TCP socket's state and what goes wrong with segments,
// iterators that read all sockets, count them, and read all descriptors, and the
// data path of the guard, which answers SYNs with cookies. All but the guard only
// look; the guard does nothing until a listener is armed.
//
// The C stands in the folder c, with the few kernel fields that it reads in one
// header; the compiled objects, for both byte orders, are committed beside this
// file, so that building synoptic needs nothing but Go. "make bpf" makes them
// again, bit for bit where the recorded compiler is installed. Fields are found
// by name in the running kernel's own types (CO-RE).
//
// Only typed tracepoints (tp_btf), iterators, XDP and traffic control are used: no
// kprobe and no fentry, which kernels may lack or refuse. Features tells which kernel has
// what. Loading needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN; errors say
// which of them is missing, and which kernel would do.
//
// States are Linux's numbers here, times nanoseconds; package live turns them
// into RFC 9293 words.
package bpf
