package kernel

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// Meter reads a few counters of one network namespace over and over, at a
// fraction of what Counters costs: its files stay open. It is for one goroutine at
// a time.
type Meter struct {
	files []meterFile
	buf   []byte
}

// meterFile is one file of pairs of lines, with the counters that are wanted of it.
type meterFile struct {
	*os.File
	prefix []byte // of both lines: "TcpExt:"
	index  []int  // of the value, from 0, for each wanted counter of this file
	into   []int  // where it goes
}

// meterFiles say where the counters of a prefix stand.
var meterFiles = []struct{ file, prefix string }{{"netstat", "TcpExt"}, {"snmp", "Tcp"}}

// NewMeter opens what the counters need, in the network namespace of the calling
// thread. Names are those of host.Counters that begin with TcpExt or Tcp. One
// that this kernel does not have is an error.
func (r Root) NewMeter(names ...string) (m *Meter, err error) {
	m = &Meter{buf: make([]byte, 16<<10)}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.Close())
			m = nil
		}
	}()
	found := make([]bool, len(names))
	for _, f := range meterFiles {
		file, err := r.openNet(f.file)
		if err != nil {
			return m, err
		}
		one := meterFile{File: file, prefix: []byte(f.prefix + ":")}
		m.files = append(m.files, one)
		if err := m.find(&m.files[len(m.files)-1], f.prefix, names, found); err != nil {
			return m, err
		}
	}
	for i, ok := range found {
		if !ok {
			return m, fmt.Errorf("this kernel has no counter %s", names[i])
		}
	}
	return m, nil
}

// openNet opens a file of /proc/net for the namespace of the calling thread, as
// readNet reads it.
func (r Root) openNet(name string) (*os.File, error) {
	file, err := os.Open(r.path("proc/thread-self/net/" + name))
	if errors.Is(err, fs.ErrNotExist) {
		file, err = os.Open(r.path("proc/net/" + name))
	}
	return file, err
}

// find looks the wanted names up in the file's line of names.
func (m *Meter) find(f *meterFile, prefix string, names []string, found []bool) error {
	header, _, err := m.pair(f)
	if err != nil {
		return err
	}
	for i, field := range bytes.Fields(header) {
		for k, name := range names {
			if !found[k] && name == prefix+string(field) {
				found[k] = true
				f.index, f.into = append(f.index, i), append(f.into, k)
			}
		}
	}
	return nil
}

// Read fills values, one for each name, in their order.
func (m *Meter) Read(values []uint64) error {
	for i := range m.files {
		f := &m.files[i]
		_, line, err := m.pair(f)
		if err != nil {
			return err
		}
		if err := f.pick(line, values); err != nil {
			return err
		}
	}
	return nil
}

// pick takes the wanted fields of a line of values; their indices rise.
func (f *meterFile) pick(line []byte, values []uint64) error {
	at := 0
	for k, wanted := range f.index {
		var field []byte
		for ; at <= wanted; at++ {
			line = bytes.TrimLeft(line, " ")
			field, line, _ = bytes.Cut(line, []byte{' '})
		}
		n, err := strconv.ParseUint(string(field), 10, 64)
		if err != nil {
			return fmt.Errorf("%s: value %d of %s is %q, and no number", f.Name(), wanted+1, f.prefix, field)
		}
		values[f.into[k]] = n
	}
	return nil
}

// pair reads the file and returns its line of names and that of values, without
// the prefix.
func (m *Meter) pair(f *meterFile) (names, values []byte, err error) {
	n, err := m.readAll(f.File)
	if err != nil {
		return nil, nil, err
	}
	for rest := m.buf[:n]; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		line, ours := bytes.CutPrefix(line, f.prefix)
		switch {
		case ours && names == nil:
			names = line
		case ours:
			return names, line, nil
		}
	}
	return nil, nil, fmt.Errorf("%s: no values of %s", f.Name(), f.prefix)
}

// readAll reads the file anew from its beginning: the kernel makes its text then.
func (m *Meter) readAll(f *os.File) (n int, err error) {
	for {
		k, err := f.ReadAt(m.buf[n:], int64(n))
		n += k
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
		m.buf = append(m.buf, make([]byte, len(m.buf))...) // it was full
	}
}

// Close closes the files.
func (m *Meter) Close() error {
	var errs []error
	for _, f := range m.files {
		errs = append(errs, f.Close())
	}
	m.files = nil
	return errors.Join(errs...)
}
