package bpf

import (
	"fmt"
	"os"
	"strings"
)

// ReadOfferSettings reads the settings of the calling thread's network
// namespace. The MTU is that of the way to the clients.
func ReadOfferSettings(mtu int, v6 bool) (OfferSettings, error) {
	s := OfferSettings{MTU: mtu, IPv6: v6}
	for name, into := range map[string][]any{
		"net/ipv4/tcp_timestamps":     {&s.Timestamps},
		"net/ipv4/tcp_sack":           {&s.SACK},
		"net/ipv4/tcp_window_scaling": {&s.WindowScaling},
		"net/ipv4/tcp_ecn":            {&s.ECN},
		"net/ipv4/tcp_rmem":           {&s.ReceiveBuffer[0], &s.ReceiveBuffer[1], &s.ReceiveBuffer[2]},
		"net/ipv4/tcp_adv_win_scale":  {&s.AdvanceWindow},
	} {
		if err := scanSetting(name, into); err != nil {
			return s, err
		}
	}
	// Hosts have it, other network namespaces before Linux 6.13 do not see it.
	if err := scanSetting("net/core/rmem_max", []any{&s.ReceiveMax}); err != nil && !os.IsNotExist(err) {
		return s, err
	}
	return s, nil
}

func scanSetting(name string, into []any) error {
	text, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(string(text), into...); err != nil {
		return fmt.Errorf("guard: %s is %q: %w", strings.ReplaceAll(name, "/", "."), strings.TrimSpace(string(text)), err)
	}
	return nil
}
