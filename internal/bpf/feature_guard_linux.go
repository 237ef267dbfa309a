package bpf

import (
	"errors"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

const ingress = ebpf.AttachTCXIngress

// helper probes for a helper in XDP programs.
func helper(f asm.BuiltinFunc) func() error {
	return func() error { return features.HaveProgramHelper(ebpf.XDP, f) }
}

// noInterface is an index that no interface has: a kernel that knows the kind
// of link looks for the interface, and says that there is none.
const noInterface = 1<<31 - 1

// probeAttach loads the shortest program and tries to attach it nowhere.
func probeAttach(kind ebpf.ProgramType, attach func(*ebpf.Program) (link.Link, error)) error {
	program, err := ebpf.NewProgramWithOptions(&ebpf.ProgramSpec{
		Name: "probe", Type: kind, License: "Dual MIT/GPL", Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 2), asm.Return()},
	}, ebpf.ProgramOptions{LogDisabled: true})
	if err != nil {
		return err
	}
	defer program.Close()
	attached, err := attach(program)
	switch {
	case err == nil:
		return attached.Close()
	case errors.Is(err, unix.ENODEV):
		return nil
	}
	return err
}

// probeXDPLink looks for the function that attaches them: for an interface that
// does not exist old and new kernels answer alike.
func probeXDPLink() error { return probeFunction("bpf_xdp_link_attach") }

func probeTCX() error {
	return probeAttach(ebpf.SchedCLS, func(p *ebpf.Program) (link.Link, error) {
		return link.AttachTCX(link.TCXOptions{Interface: noInterface, Program: p, Attach: ingress})
	})
}

// probeAssign looks for the kernel function that programs may call.
func probeAssign() error { return probeFunction("bpf_sk_assign_tcp_reqsk") }

// probeFunction looks for a function among the kernel's types.
func probeFunction(name string) error {
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		return err
	}
	var function *btf.Func
	return spec.TypeByName(name, &function)
}
