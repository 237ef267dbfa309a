// Package capturefile opens capture files: by path or from standard input,
// plain or compressed by gzip, zstd or bzip2, which their first octets tell and
// not their names.
package capturefile

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// buffered is little enough that a packet reader, which asks for more, reads past
// it into its own memory.
const buffered = 64 << 10

// File is an open capture.
type File struct {
	Name  string // for messages: the path, or "standard input"
	Size  int64  // octets on disk, 0 when nobody knows
	taken atomic.Int64
	plain io.Reader
	ends  []func() error
}

// Open opens a path, or takes stdin for "-". The error names the file.
func Open(path string, stdin io.Reader) (*File, error) {
	if path == Stdin {
		f := &File{Name: "standard input"}
		return f, f.decompress(stdin)
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{Name: path, ends: []func() error{opened.Close}}
	info, err := opened.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder, not a capture file", path)
	}
	if err == nil {
		if info.Mode().IsRegular() {
			f.Size = info.Size()
		}
		err = f.decompress(opened)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// decompress looks at the first octets and puts the right reader in front.
func (f *File) decompress(source io.Reader) error {
	counted := bufio.NewReaderSize(counter{source, &f.taken}, buffered)
	begin, err := counted.Peek(4)
	if err != nil && err != io.EOF {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	switch {
	case bytes.HasPrefix(begin, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(counted)
		if err != nil {
			return fmt.Errorf("%s: gzip: %w", f.Name, err)
		}
		f.plain, f.ends = unzipped, append(f.ends, unzipped.Close)
	case bytes.HasPrefix(begin, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		unpacked, err := zstd.NewReader(counted, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return fmt.Errorf("%s: zstd: %w", f.Name, err)
		}
		f.plain, f.ends = unpacked, append(f.ends, func() error { unpacked.Close(); return nil })
	case bytes.HasPrefix(begin, []byte("BZh")):
		f.plain = bzip2.NewReader(counted)
	default:
		f.plain = counted
	}
	return nil
}

// Read reads the capture as it was before it was compressed.
func (f *File) Read(p []byte) (int, error) { return f.plain.Read(p) }

// Taken returns how many octets have been read from the disk, or from standard
// input, so far. It may be called from other goroutines.
func (f *File) Taken() int64 { return f.taken.Load() }

// Close closes what Open opened; standard input stays open.
func (f *File) Close() error {
	var first error
	for i := len(f.ends) - 1; i >= 0; i-- {
		if err := f.ends[i](); err != nil && first == nil {
			first = err
		}
	}
	f.ends = nil
	return first
}

type counter struct {
	source io.Reader
	taken  *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.source.Read(p)
	c.taken.Add(int64(n))
	return n, err
}
