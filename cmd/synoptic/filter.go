package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/tcp"
)

// parseFilter reads a filter of ss. The error shows where it is wrong.
func parseFilter(args []string) (*ssfilter.Filter, error) {
	filter, err := ssfilter.Parse(strings.Join(args, " "), filterNames())
	var wrong *ssfilter.SyntaxError
	if errors.As(err, &wrong) {
		return nil, usagef("%s\n  %s", wrong.Error(), strings.ReplaceAll(wrong.Caret(), "\n", "\n  "))
	}
	return filter, err
}

// filterNames looks names up on this host, each kind when the first name of it
// is met.
func filterNames() ssfilter.Names {
	var services map[string]uint16
	return ssfilter.Names{
		Service: func(name string) (uint16, bool) {
			if services == nil {
				services = kernel.Host.Services()
			}
			port, ok := services[name]
			return port, ok
		},
		Device: func(name string) (uint32, bool) {
			device, err := net.InterfaceByName(name)
			if err != nil {
				return 0, false
			}
			return uint32(device.Index), true
		},
		Cgroup: cgroupID,
		Host:   addressesOf,
	}
}

// namePatience is how long a host name of a filter may take to be looked up.
const namePatience = 5 * time.Second

func addressesOf(name string) []netip.Addr {
	ctx, cancel := context.WithTimeout(context.Background(), namePatience)
	defer cancel()
	addresses, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", name) // none found is said by the filter
	return addresses
}

// selection says which sockets a command is about.
type selection struct {
	filter    *ssfilter.Filter
	states    tcp.StateSet
	listening bool // -l
}

// newSelection joins the flags with the filter: states in the filter win.
func newSelection(args []string, listening bool) (*selection, error) {
	filter, err := parseFilter(args)
	if err != nil {
		return nil, err
	}
	states, given := filter.States()
	if !given && listening {
		states = tcp.SetOf(tcp.Listen)
	}
	if given && states == 0 {
		return nil, usagef("filter: no state is left to show")
	}
	return &selection{filter: filter, states: states, listening: listening}, nil
}
