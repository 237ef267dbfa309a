package bpf

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"
)

// Feature is something of the kernel that the programs need.
type Feature struct {
	Name   string // for people
	Kernel string // the first release that has it, "5.8"
	For    string // what goes without: the verbs and columns that need it
	probe  func() error
}

// The features. What Linux has since when is from the history of the kernel's
// source; distributions may have carried a feature to older kernels, so only the
// probe decides.
var (
	KernelTypes      = &Feature{"BTF, the kernel's own types (CONFIG_DEBUG_INFO_BTF)", "5.4", "everything here", probeTypes}
	TypedTracepoints = &Feature{"typed tracepoints (tp_btf)", "5.5", "trace", probeTracepoint}
	RingBuffer       = &Feature{"the BPF ring buffer", "5.8", "trace", func() error { return features.HaveMapType(ebpf.RingBuf) }}
	SocketCookie     = &Feature{"socket cookies in tracepoints", "5.12", "trace", probeCookie}
	SocketIterator   = &Feature{"the iterator over TCP sockets", "5.9", "half-open connections and TIME-WAIT in trace, queues of listeners", probeIterator("tcp")}
	CookieInIterator = &Feature{"socket cookies in iterators", "5.12", "sockets, states and listeners from the iterator", probeCookieInIterator}
	FileIterator     = &Feature{"the iterator over descriptors", "5.8", "owners of all processes in one pass", probeIterator("task_file")}
	DropReasons      = &Feature{"reasons of drops (kfree_skb)", "5.17", "why segments are dropped here", probeArguments("kfree_skb", 3)}
	ResetReasons     = &Feature{"reasons of resets (tcp_send_reset)", "6.10", "why a RST was sent", probeArguments("tcp_send_reset", 3)}
	SocketErrors     = &Feature{"errors of sockets (inet_sk_error_report)", "5.14", "errors of sockets", probeArguments("inet_sk_error_report", 1)}
	SocketOfFile     = &Feature{"sockets of files in iterators", "5.11", "owners of all processes in one pass", probeSocketOfFile}

	KernelCookie   = &Feature{"SYN cookies of the kernel for XDP (bpf_tcp_gen_syncookie)", "5.3", "guard", helper(asm.FnTcpGenSyncookie)}
	XDPLink        = &Feature{"links of XDP programs", "5.9", "guard", probeXDPLink}
	CoarseClock    = &Feature{"the coarse clock (bpf_ktime_get_coarse_ns)", "5.11", "guard: cookies of its own", helper(asm.FnKtimeGetCoarseNs)}
	BoundedLoop    = &Feature{"bounded loops (bpf_loop)", "5.17", "guard: cookies of its own", helper(asm.FnLoop)}
	FrameCopy      = &Feature{"copies of frames (bpf_xdp_load_bytes)", "5.18", "guard: cookies of its own", helper(asm.FnXdpLoadBytes)}
	TrafficControl = &Feature{"links of traffic-control programs (tcx)", "6.6", "guard: cookies of its own", probeTCX}
	AssignRequest  = &Feature{"connections made of cookies of ours (bpf_sk_assign_tcp_reqsk)", "6.9", "guard: cookies of its own", probeAssign}
)

// Features returns all of them.
func Features() []*Feature {
	return []*Feature{
		KernelTypes, TypedTracepoints, RingBuffer, SocketCookie, SocketIterator, CookieInIterator, FileIterator, SocketOfFile,
		DropReasons, ResetReasons, SocketErrors,
		KernelCookie, XDPLink, CoarseClock, BoundedLoop, FrameCopy, TrafficControl, AssignRequest,
	}
}

// Probe tells whether the running kernel has the feature: nil, ErrRights when
// it may not be tried, or an error that says what is missing.
func (f *Feature) Probe() error {
	err := f.probe()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("the kernel refuses %s: %w", f.Name, ErrRights)
	}
	return &Missing{Feature: f, Running: release(), Cause: err}
}

// Missing says that the running kernel lacks a feature.
type Missing struct {
	*Feature
	Running string // release of the running kernel
	Cause   error  // what the kernel said
}

func (m *Missing) Error() string {
	return fmt.Sprintf("Linux %s lacks %s, which Linux has since %s", m.Running, m.Name, m.Kernel)
}

func (m *Missing) Unwrap() error { return m.Cause }

// ErrRights says that the caller may not load programs.
var ErrRights = errors.New("CAP_BPF and CAP_PERFMON are needed, or root")

// mayLoad returns ErrRights, naming what is missing, unless the caller has the
// rights. A user namespace gives none: they must be those of the host.
func mayLoad() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return fmt.Errorf("bpf: read the capabilities: %w", err)
	}
	has := func(capability int) bool { return data[capability/32].Effective&(1<<(capability%32)) != 0 }
	if has(unix.CAP_SYS_ADMIN) {
		return nil
	}
	var missing []string
	if !has(unix.CAP_BPF) {
		missing = append(missing, "CAP_BPF")
	}
	if !has(unix.CAP_PERFMON) {
		missing = append(missing, "CAP_PERFMON")
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("without %s: %w", missing[0], ErrRights)
	}
	return ErrRights
}

// explain says why a program was refused: the first of the features that is
// missing, the rights, else what the kernel said.
func explain(err error, needs ...*Feature) error {
	for _, f := range append([]*Feature{KernelTypes}, needs...) {
		if missing := f.Probe(); missing != nil {
			return missing
		}
	}
	if errors.Is(err, unix.EPERM) {
		return fmt.Errorf("the kernel refuses the program: %w", ErrRights)
	}
	return fmt.Errorf("the kernel (Linux %s) refused the program: %w", release(), err)
}

func release() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return "?"
	}
	return unix.ByteSliceToString(name.Release[:])
}

var probeTypes = sync.OnceValue(func() error {
	_, err := btf.LoadKernelSpec()
	return err
})

// program is a probe: a tracing program that calls at most one helper, on its
// argument that is a pointer of the kernel.
func probeProgram(attach ebpf.AttachType, to string, body asm.Instructions, helpers ...asm.Instruction) error {
	code := append(append(body, helpers...), asm.Mov.Imm(asm.R0, 0), asm.Return())
	program, err := ebpf.NewProgramWithOptions(&ebpf.ProgramSpec{
		Name: "probe", Type: ebpf.Tracing, AttachType: attach, AttachTo: to, License: "Dual MIT/GPL", Instructions: code,
	}, ebpf.ProgramOptions{LogDisabled: true})
	if err != nil {
		return err
	}
	return program.Close()
}

const tracepoint = "inet_sock_set_state"

func probeTracepoint() error { return probeProgram(ebpf.AttachTraceRawTp, tracepoint, nil) }

func probeCookie() error {
	return probeProgram(ebpf.AttachTraceRawTp, tracepoint,
		asm.Instructions{asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord)}, asm.FnGetSocketCookie.Call())
}

// probeCookieInIterator asks for the cookie of the socket that stands in the
// context behind the metadata.
func probeCookieInIterator() error {
	const socketInContext = 8 // struct bpf_iter__tcp
	return probeProgram(ebpf.AttachTraceIter, "tcp",
		asm.Instructions{asm.LoadMem(asm.R1, asm.R1, socketInContext, asm.DWord)}, asm.FnGetSocketCookie.Call())
}

func probeIterator(over string) func() error {
	return func() error { return probeProgram(ebpf.AttachTraceIter, over, nil) }
}

// probeSocketOfFile asks for the socket of the file that stands in the context
// behind the metadata, the task and the descriptor's number.
func probeSocketOfFile() error {
	const fileInContext = 24 // struct bpf_iter__task_file
	return probeProgram(ebpf.AttachTraceIter, "task_file", asm.Instructions{
		asm.LoadMem(asm.R1, asm.R1, fileInContext, asm.DWord),
		asm.JNE.Imm(asm.R1, 0, "file"),
		asm.Mov.Imm(asm.R0, 0),
		asm.Return(),
	}, asm.FnSockFromFile.Call().WithSymbol("file"))
}

// probeArguments asks whether a tracepoint has so many arguments.
func probeArguments(tracepoint string, least int) func() error {
	return func() error {
		n, ok, err := tracepointArguments(tracepoint)
		switch {
		case err != nil:
			return err
		case !ok || n < least:
			return fmt.Errorf("tracepoint %s has %d arguments, not %d", tracepoint, n, least)
		}
		return nil
	}
}
