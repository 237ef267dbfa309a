package lab

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// kernelStates is by the numbers of include/net/tcp_states.h.
var kernelStates = [...]tcp.State{
	0x01: tcp.Established, 0x02: tcp.SynSent, 0x03: tcp.SynReceived, 0x04: tcp.FinWait1, 0x05: tcp.FinWait2,
	0x06: tcp.TimeWait, 0x07: tcp.Closed, 0x08: tcp.CloseWait, 0x09: tcp.LastAck, 0x0A: tcp.Listen, 0x0B: tcp.Closing,
}

// Counts reads /proc/net/tcp and tcp6: on purpose another way than the one that
// diagnosis takes, so that a scenario's symptom is proved by a second witness.
func (n *Namespace) Counts() (counts tcp.Counts, err error) {
	return n.countSockets(func([]string) bool { return true })
}

// read tells whether nothing waits in the receive queue of a line: the program
// has read everything, an end of the stream too.
func read(fields []string) bool { return strings.HasSuffix(fields[4], ":00000000") }

func (n *Namespace) countSockets(counted func(fields []string) bool) (counts tcp.Counts, err error) {
	err = n.Do(func() error {
		for _, name := range []string{"tcp", "tcp6"} {
			if err := countFile("/proc/thread-self/net/"+name, counted, &counts); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		return nil
	})
	return counts, err
}

func countFile(path string, counted func(fields []string) bool, counts *tcp.Counts) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 || fields[0] == "sl" {
			continue
		}
		number, err := strconv.ParseUint(fields[3], 16, 8)
		if err != nil || int(number) >= len(kernelStates) {
			return fmt.Errorf("%s: state %q", path, fields[3])
		}
		if counted(fields) {
			counts[kernelStates[number]]++
		}
	}
	return lines.Err()
}

// Counter reads one event counter of the namespace by the name that nstat
// prints ("TcpExtListenOverflows").
func (n *Namespace) Counter(name string) (value int64, err error) {
	err = n.Do(func() error {
		for _, file := range []string{"netstat", "snmp", "snmp6"} {
			text, err := os.ReadFile("/proc/thread-self/net/" + file)
			if err != nil {
				return err
			}
			if found, ok := counterIn(string(text), name); ok {
				value = found
				return nil
			}
		}
		return fmt.Errorf("there is no counter %s", name)
	})
	return value, err
}

// counterIn looks in the pairs of lines of netstat and snmp ("TcpExt: names",
// "TcpExt: values"), and in the single lines of snmp6.
func counterIn(text, name string) (int64, bool) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		group, names, paired := strings.Cut(line, ":")
		if !paired {
			if fields := strings.Fields(line); len(fields) == 2 && fields[0] == name {
				value, err := strconv.ParseInt(fields[1], 10, 64)
				return value, err == nil
			}
			continue
		}
		if i+1 == len(lines) || !strings.HasPrefix(lines[i+1], group+":") {
			continue
		}
		values := strings.Fields(lines[i+1])[1:]
		for j, short := range strings.Fields(names) {
			if group+short == name && j < len(values) {
				value, err := strconv.ParseInt(values[j], 10, 64)
				return value, err == nil
			}
		}
	}
	return 0, false
}

// Shows waits until the host has at least n sockets in the state.
func (h *Host) Shows(state tcp.State, n int) { h.shows(state, n, h.Counts) }

// ShowsRead is Shows for sockets whose program has read everything.
func (h *Host) ShowsRead(state tcp.State, n int) {
	h.shows(state, n, func() (tcp.Counts, error) { return h.countSockets(read) })
}

func (h *Host) shows(state tcp.State, n int, count func() (tcp.Counts, error)) {
	h.world.Wait(fmt.Sprintf("%s shows %d sockets in %v", h.Name, n, state), func() (bool, string) {
		counts, err := count()
		if err != nil {
			return false, err.Error()
		}
		return counts[state] >= uint64(n), fmt.Sprintf("it shows %d", counts[state])
	})
}

// Dropped waits until n packets came in that the IP layer did not hand on.
func (h *Host) Dropped(n int64) {
	h.world.Wait(fmt.Sprintf("%s drops %d packets", h.Name, n), func() (bool, string) {
		received, err := h.Counter("IpInReceives")
		if err != nil {
			return false, err.Error()
		}
		delivered, err := h.Counter("IpInDelivers")
		if err != nil {
			return false, err.Error()
		}
		return received-delivered >= n, fmt.Sprintf("%d came in and %d were handed on", received, delivered)
	})
}

// Counted waits until a counter of the host stands at n or more.
func (h *Host) Counted(name string, n int64) {
	h.world.Wait(fmt.Sprintf("%s counts %d %s", h.Name, n, name), func() (bool, string) {
		value, err := h.Counter(name)
		if err != nil {
			return false, err.Error()
		}
		return value >= n, fmt.Sprintf("it counts %d", value)
	})
}
