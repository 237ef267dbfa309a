package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// source is a file of /proc/net and the reader of its format.
type source struct {
	name     string
	optional bool // the kernel may lack it: no IPv6, no conntrack, not the first namespace
	parse    func(b []byte, into map[string]int64) error
}

var sources = []source{
	{"netstat", false, parsePairs},
	{"snmp", false, parsePairs},
	{"snmp6", true, parseLines},
	{"sockstat", true, parseSockstat},
	{"sockstat6", true, parseSockstat},
	{"stat/arp_cache", true, tableParser("arp_cache")},
	{"stat/ndisc_cache", true, tableParser("ndisc_cache")},
	{"stat/nf_conntrack", true, tableParser("conntrack")},
}

// Counters reads the counters of the network namespace of the calling thread,
// by the names that host.Counters describes. Counters that this program does not
// know are kept. What could be read is returned beside an error.
func (r Root) Counters() (host.Counters, error) {
	counters := host.Counters{Time: time.Now(), Values: make(map[string]int64, 512)}
	var failures []error
	for _, src := range sources {
		b, path, err := r.readNet(src.name)
		switch {
		case src.optional && errors.Is(err, fs.ErrNotExist), src.optional && errors.Is(err, fs.ErrPermission):
			continue
		case err == nil:
			err = located(path, src.parse(b, counters.Values))
		}
		failures = append(failures, err)
	}
	return counters, errors.Join(failures...)
}

// LineError says which line of a file could not be understood.
type LineError struct {
	File string // below the root, "proc/net/snmp"
	Line int    // from 1
	What string
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// located adds the file to an error of a parser.
func located(path string, err error) error {
	if line := (*LineError)(nil); errors.As(err, &line) {
		line.File = path
	}
	return err
}
