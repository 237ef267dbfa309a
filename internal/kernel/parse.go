package kernel

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// eachLine calls each with the number and the fields of every non-empty line.
func eachLine(b []byte, each func(line int, fields []string) error) error {
	scanner := bufio.NewScanner(bytes.NewReader(b))
	scanner.Buffer(nil, len(b)+1) // a line may be as long as the file
	for line := 1; scanner.Scan(); line++ {
		fields := strings.Fields(scanner.Text())
		if len(fields) == 0 {
			continue
		}
		if err := each(line, fields); err != nil {
			return err
		}
	}
	return scanner.Err()
}

func bad(line int, format string, args ...any) error {
	return &LineError{Line: line, What: fmt.Sprintf(format, args...)}
}

// number reads a counter. Some are unsigned 64-bit and would not fit; they wrap
// as the kernel's own do, so that differences stay right.
func number(line int, name, text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, bad(line, "%s: %q is not a number", name, text)
	}
	return int64(n), nil
}

// parsePairs reads the form of /proc/net/netstat and snmp, a line of names
// above a line of values, both starting with the same word:
//
//	TcpExt: SyncookiesSent SyncookiesRecv
//	TcpExt: 0 0
func parsePairs(b []byte, into map[string]int64) error {
	var names []string
	last := 0
	err := eachLine(b, func(line int, fields []string) error {
		last = line
		if names == nil {
			names = fields
			return nil
		}
		err := storePair(line, names, fields, into)
		names = nil
		return err
	})
	if err == nil && names != nil {
		return bad(last, "%s has names but no values", names[0])
	}
	return err
}

func storePair(line int, names, values []string, into map[string]int64) error {
	prefix, ok := strings.CutSuffix(names[0], ":")
	if !ok || values[0] != names[0] {
		return bad(line, "expected the values of %q, found %q", names[0], values[0])
	}
	if len(values) != len(names) {
		return bad(line, "%d names but %d values for %s", len(names)-1, len(values)-1, prefix)
	}
	for i := 1; i < len(names); i++ {
		name := prefix + names[i]
		n, err := number(line, name, values[i])
		if err != nil {
			return err
		}
		into[name] = n
	}
	return nil
}

// parseLines reads the form of /proc/net/snmp6, one "Ip6InReceives 12" a line.
func parseLines(b []byte, into map[string]int64) error {
	return eachLine(b, func(line int, fields []string) error {
		if len(fields) != 2 {
			return bad(line, "expected a name and a value, found %d words", len(fields))
		}
		n, err := number(line, fields[0], fields[1])
		if err == nil {
			into[fields[0]] = n
		}
		return err
	})
}

// parseSockstat reads the form of /proc/net/sockstat:
//
//	TCP: inuse 3 orphan 0 tw 0 alloc 4 mem 1
func parseSockstat(b []byte, into map[string]int64) error {
	return eachLine(b, func(line int, fields []string) error {
		protocol, ok := strings.CutSuffix(fields[0], ":")
		if !ok || len(fields)%2 == 0 {
			return bad(line, `expected "PROTOCOL: name value ..."`)
		}
		for i := 1; i < len(fields); i += 2 {
			name := "sockstat." + protocol + "." + fields[i]
			n, err := number(line, name, fields[i+1])
			if err != nil {
				return err
			}
			into[name] = n
		}
		return nil
	})
}

// tableParser returns a reader of a table in /proc/net/stat: names, then one
// line of hexadecimal numbers a processor. They are added up, except "entries",
// which every line repeats.
func tableParser(table string) func([]byte, map[string]int64) error {
	return func(b []byte, into map[string]int64) error {
		var names []string
		return eachLine(b, func(line int, fields []string) error {
			if names == nil {
				names = fields
				return nil
			}
			return addRow(line, table+".", names, fields, into)
		})
	}
}

func addRow(line int, prefix string, names, values []string, into map[string]int64) error {
	if len(values) != len(names) {
		return bad(line, "%d names but %d values", len(names), len(values))
	}
	for i, name := range names {
		n, err := strconv.ParseUint(values[i], 16, 64)
		if err != nil {
			return bad(line, "%s: %q is not a hexadecimal number", name, values[i])
		}
		if name == "entries" {
			into[prefix+name] = int64(n)
		} else {
			into[prefix+name] += int64(n)
		}
	}
	return nil
}
