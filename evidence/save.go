package evidence

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxSaved bounds what Read unpacks: a bundle of half a million sockets is
// about 400 MB of JSON, a damaged or hostile file could claim any size.
const maxSaved = 1 << 30

// ErrDamaged is wrapped by every error of Read that the file itself causes.
var ErrDamaged = errors.New("not a readable bundle")

// Write saves the bundle: gzip-compressed JSON, so that zcat and jq read it too.
func Write(w io.Writer, b *Bundle) error {
	b.Schema = Schema
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(packed).Encode(b); err != nil {
		return err
	}
	return packed.Close()
}

// Read reads what Write saved. Plain JSON is accepted too, so that a bundle
// may be unpacked and edited by hand.
func Read(r io.Reader) (*Bundle, error) {
	buffered := bufio.NewReader(r)
	plain, err := unpack(buffered)
	if err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: plain, N: maxSaved}
	decoder := json.NewDecoder(limited)
	var b Bundle
	if err := decoder.Decode(&b); err != nil {
		return nil, damaged(err, decoder.InputOffset(), limited.N <= 0)
	}
	if err := readToEnd(decoder, limited); err != nil {
		return nil, err
	}
	return &b, b.check()
}

func unpack(r *bufio.Reader) (io.Reader, error) {
	magic, err := r.Peek(2)
	switch {
	case errors.Is(err, io.EOF) && len(magic) == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrDamaged)
	case len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		unpacked, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("%w: damaged gzip header", ErrDamaged)
		}
		return unpacked, nil
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	default:
		return r, nil
	}
}

// readToEnd reads past the document: gzip checks its sum only at the end, and
// whatever follows the document shows that the file is not what Write wrote.
func readToEnd(decoder *json.Decoder, rest *io.LimitedReader) error {
	_, err := decoder.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return fmt.Errorf("%w: more data follows the bundle at byte %d", ErrDamaged, decoder.InputOffset())
	default:
		return damaged(err, decoder.InputOffset(), rest.N <= 0)
	}
}

func damaged(err error, offset int64, overLimit bool) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case overLimit:
		return fmt.Errorf("%w: larger than %d bytes unpacked", ErrDamaged, int64(maxSaved))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it ends in the middle, near byte %d", ErrDamaged, offset)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("%w: gzip checksum is wrong near byte %d", ErrDamaged, offset)
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: %v at byte %d", ErrDamaged, err, syntax.Offset)
	case errors.As(err, &mismatch):
		return fmt.Errorf("%w: field %s holds a %s at byte %d", ErrDamaged, mismatch.Field, mismatch.Value, mismatch.Offset)
	default:
		return fmt.Errorf("%w: %v near byte %d", ErrDamaged, err, offset)
	}
}

// check refuses a document that is JSON but no bundle.
func (b *Bundle) check() error {
	switch {
	case b.Schema == "":
		return fmt.Errorf("%w: it has no schema field", ErrDamaged)
	case b.Schema != Schema:
		return fmt.Errorf("%w: schema %q, this version reads %q", ErrDamaged, b.Schema, Schema)
	case b.End.Before(b.Start):
		return fmt.Errorf("%w: it ends before it starts", ErrDamaged)
	default:
		return nil
	}
}
