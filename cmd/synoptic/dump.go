package main

import (
	"context"
	"errors"
	"syscall"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// lacking are what kernels and rights may refuse in a filter, from the least to
// the most.
var lacking = []ssfilter.Ability{
	0, ssfilter.MarkConditions, ssfilter.MarkConditions | ssfilter.CgroupConditions,
	ssfilter.MarkConditions | ssfilter.CgroupConditions | ssfilter.DeviceConditions,
}

// dump asks the kernel for the selected sockets. What the kernel does not sort
// out is sorted out here.
func (sel *selection) dump(ctx context.Context, reader *collect.Reader, o sockdiag.Options, each func(*host.Socket) error) (result sockdiag.Result, err error) {
	o.States = sel.states
	_, given := sel.filter.States()
	o.BoundInactive = given && sel.states.Has(tcp.Closed)
	for _, missing := range lacking {
		code, exact := sel.filter.BytecodeWithout(missing)
		o.Filter = code
		result, err = reader.Dump(ctx, o, sel.sorting(exact && reader.Filters(o), each))
		if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EINVAL) {
			break
		}
	}
	return result, err
}

// sorting asks the filter about every socket unless the kernel did. What cannot
// be known is left out, as the filter asked for what it names.
func (sel *selection) sorting(exact bool, each func(*host.Socket) error) func(*host.Socket) error {
	if exact {
		return each
	}
	return func(s *host.Socket) error {
		endpoint := ssfilter.OfSocket(s, false)
		if !sel.filter.Match(&endpoint) {
			return nil
		}
		return each(s)
	}
}
