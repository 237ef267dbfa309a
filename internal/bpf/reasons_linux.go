package bpf

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cilium/ebpf/btf"
)

// RunningReasons reads from the running kernel's types how it names the reasons.
// A kernel that has none yet gives an empty list.
var RunningReasons = sync.OnceValues(func() (*Reasons, error) {
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		return nil, explain(err)
	}
	r := &Reasons{Drop: map[uint32]string{}, Reset: map[uint32]string{}}
	for _, e := range []struct {
		name, prefix string
		into         map[uint32]string
	}{{"skb_drop_reason", dropPrefix, r.Drop}, {"sk_rst_reason", resetPrefix, r.Reset}} {
		var found *btf.Enum
		switch err := kernel.TypeByName(e.name, &found); {
		case errors.Is(err, btf.ErrNotFound):
			continue
		case err != nil:
			return nil, fmt.Errorf("bpf: enum %s: %w", e.name, err)
		}
		for _, v := range found.Values {
			nameReason(e.into, e.prefix, v.Name, v.Value)
		}
	}
	return r, nil
})

// tracepointArguments is how many arguments the running kernel's tracepoint has,
// ok false where it has no such tracepoint.
func tracepointArguments(name string) (n int, ok bool, err error) {
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		return 0, false, err
	}
	var found *btf.Typedef
	switch err := kernel.TypeByName("btf_trace_"+name, &found); {
	case errors.Is(err, btf.ErrNotFound):
		return 0, false, nil
	case err != nil:
		return 0, false, err
	}
	if pointer, isPointer := found.Type.(*btf.Pointer); isPointer {
		if function, isFunction := pointer.Target.(*btf.FuncProto); isFunction {
			return len(function.Params) - 1, true, nil // the first is the kernel's own
		}
	}
	return 0, false, fmt.Errorf("bpf: the type of tracepoint %s is not understood", name)
}
