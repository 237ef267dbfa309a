package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"weak"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
)

// iterator is a program that the kernel runs over its objects when it is read.
type iterator struct {
	objects  *ebpf.Collection
	attached *link.Iter
	buffer   []byte
	size     int // of a record
}

// types are the kernel's own: to read them is most of the time that opening an
// iterator takes, and several that are opened one after the other share them.
// They are megabytes, so they go with the next collection of garbage.
var types struct {
	sync.Mutex
	kept weak.Pointer[btf.Cache]
}

func kernelTypes() *btf.Cache {
	types.Lock()
	defer types.Unlock()
	if kept := types.kept.Value(); kept != nil {
		return kept
	}
	made := btf.NewCache()
	types.kept = weak.Make(made)
	return made
}

// openIterator loads the program of that name. set, if not nil, writes options
// into it.
func openIterator(object []byte, name string, size int, set func(*ebpf.CollectionSpec) error, needs ...*Feature) (*iterator, error) {
	if err := mayLoad(); err != nil {
		return nil, err
	}
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(object))
	if err != nil {
		return nil, fmt.Errorf("bpf: damaged object: %w", err)
	}
	if set != nil {
		if err := set(spec); err != nil {
			return nil, fmt.Errorf("bpf: %s: %w", name, err)
		}
	}
	objects, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{Cache: kernelTypes()})
	if err != nil {
		return nil, explain(err, needs...)
	}
	attached, err := link.AttachIter(link.IterOptions{Program: objects.Programs[name]})
	if err != nil {
		objects.Close()
		return nil, explain(err, needs...)
	}
	return &iterator{objects: objects, attached: attached, buffer: make([]byte, size*(1<<16/size)), size: size}, nil
}

// each reads all records, on the calling thread.
func (it *iterator) each(use func(record []byte) error) (err error) {
	stream, err := it.attached.Open()
	if err != nil {
		return fmt.Errorf("bpf: open the iterator: %w", err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	for held := 0; ; {
		n, err := stream.Read(it.buffer[held:])
		held += n
		whole := held - held%it.size
		for at := 0; at < whole; at += it.size {
			if err := use(it.buffer[at : at+it.size]); err != nil {
				return err
			}
		}
		held = copy(it.buffer, it.buffer[whole:held])
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("bpf: read the iterator: %w", err)
		}
	}
}

// Close unloads the program.
func (it *iterator) Close() error {
	err := it.attached.Close()
	it.objects.Close()
	return err
}

// Minisockets reads half-open requests, time-wait minisockets and sockets in
// SYN-SENT.
type Minisockets struct{ *iterator }

// OpenMinisockets loads the program. The error says what is missing.
func OpenMinisockets() (*Minisockets, error) {
	it, err := openIterator(minisocketsObject, "minisockets", sizeOfMinisocket, nil, SocketIterator)
	return &Minisockets{it}, err
}

// Each hands over those of the calling thread's network namespace. The record
// is valid until use returns.
func (m *Minisockets) Each(use func(*Minisocket) error) error {
	var decoded Minisocket
	return m.each(func(record []byte) error {
		decoded.decode(record)
		return use(&decoded)
	})
}

// Holders reads which process holds which TCP socket.
type Holders struct {
	*iterator
	names map[string]string
}

// OpenHolders loads the program. The error says what is missing.
func OpenHolders() (*Holders, error) {
	it, err := openIterator(holdersObject, "holders", sizeOfHolder, nil, FileIterator, SocketOfFile)
	return &Holders{it, map[string]string{}}, err
}

// Each hands over the descriptors of all processes that the caller's pid
// namespace shows, in every network namespace. The record is valid until use
// returns.
func (h *Holders) Each(use func(*Holder) error) error {
	var decoded Holder
	return h.each(func(record []byte) error {
		decoded.decode(record, h.names)
		return use(&decoded)
	})
}
