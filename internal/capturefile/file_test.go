package capturefile

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

var capture = bytes.Repeat([]byte("\xd4\xc3\xb2\xa1 a capture "), 50_000)

func compressed(t *testing.T, write func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var out bytes.Buffer
	w := write(&out)
	if _, err := w.Write(capture); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOpen(t *testing.T) {
	forms := map[string][]byte{
		"plain": capture,
		"gzip":  compressed(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zstd": compressed(t, func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}),
	}
	for name, content := range forms {
		path := filepath.Join(t.TempDir(), "any.name")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{path, Stdin} {
			f, err := Open(from, bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || !bytes.Equal(got, capture) || f.Taken() != int64(len(content)) {
				t.Errorf("%s from %s: %d octets of %d, %d taken of %d, %v", name, from, len(got), len(capture), f.Taken(), len(content), err)
			}
			if from == path && f.Size != int64(len(content)) {
				t.Errorf("%s: size %d", name, f.Size)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), nil); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(Stdin, bytes.NewReader([]byte{0x1f, 0x8b, 9, 9})); err == nil || !strings.HasPrefix(err.Error(), "standard input: gzip") {
		t.Errorf("no gzip: %v", err)
	}
	for name, content := range map[string]string{"empty": "", "one octet": "x"} {
		f, err := Open(Stdin, strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != content {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
