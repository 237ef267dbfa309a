package bpf

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// TestObjectsAreWhatTheSourceSays: the committed objects are those that the
// recorded compiler makes of the source, octet by octet.
func TestObjectsAreWhatTheSourceSays(t *testing.T) {
	out := t.TempDir()
	build := exec.Command("c/build.sh", out)
	said, err := build.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		t.Skipf("the recorded compiler is not here: %s", said)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	made, err := filepath.Glob(filepath.Join(out, "*.o"))
	if err != nil || len(made) == 0 {
		t.Fatalf("nothing was made: %v", err)
	}
	committed, _ := filepath.Glob("*.o")
	if len(committed) != len(made) {
		t.Errorf("%d objects are committed, %d are made", len(committed), len(made))
	}
	for _, path := range made {
		fresh, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Base(path))
		if err != nil || !bytes.Equal(fresh, kept) {
			t.Errorf("%s is not what its source says: run make bpf (%v)", filepath.Base(path), err)
		}
	}
}

// structure returns a C structure of an object by its name.
func structure(t *testing.T, object []byte, name string) *btf.Struct {
	t.Helper()
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(object))
	if err != nil {
		t.Fatal(err)
	}
	var found *btf.Struct
	if err := spec.Types.TypeByName(name, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// checkLayout compares the offsets that the decoder uses with the object's.
func checkLayout(t *testing.T, s *btf.Struct, offsets map[string]int, size int) {
	t.Helper()
	if int(s.Size) != size {
		t.Errorf("%s has %d octets, not %d", s.Name, s.Size, size)
	}
	if len(s.Members) != len(offsets) {
		t.Errorf("%s has %d fields, not %d", s.Name, len(s.Members), len(offsets))
	}
	for _, m := range s.Members {
		if at, known := offsets[m.Name]; !known || at != int(m.Offset.Bytes()) {
			t.Errorf("%s.%s is at %d, not %d", s.Name, m.Name, m.Offset.Bytes(), at)
		}
	}
}

func TestLayouts(t *testing.T) {
	checkLayout(t, structure(t, transitionsObject, "transition"), map[string]int{
		"time": atTime, "sock": atSock, "cookie": atCookie, "dwell": atDwell, "inode": atInode, "tuple": atTuple, "netns": atNetNS,
		"pid": atPID, "mark": atMark, "device": atDevice, "error": atError, "from": atFrom, "to": atTo,
		"orphan": atOrphan, "reset": atReset, "comm": atName, "unused": atEnd,
	}, sizeOfRecord)
	checkLayout(t, structure(t, transitionsObject, "tuple"), map[string]int{
		"local": 0, "remote": atRemote - atTuple, "local_port": atLocalPort - atTuple, "remote_port": atRemotePort - atTuple,
		"family": atFamily - atTuple, "unused": atFamily - atTuple + 2,
	}, sizeOfTuple)
	checkLayout(t, structure(t, minisocketsObject, "minisocket"), map[string]int{
		"cookie": atMiniCookie, "since": atMiniSince, "tuple": atMiniTuple, "mark": atMiniMark, "device": atMiniDevice,
		"netns": atMiniNetNS, "state": atMiniState, "unused": atMiniState + 1,
	}, sizeOfMinisocket)
	checkLayout(t, structure(t, holdersObject, "holder"), map[string]int{
		"inode": atHolderInode, "pid": atHolderPID, "fd": atHolderFD, "comm": atHolderName,
	}, sizeOfHolder)
	checkLayout(t, structure(t, countsObject, "place"), map[string]int{"address": 0, "port": atPlacePort, "family": atPlaceFamily}, sizeOfPlace)
	checkLayout(t, structure(t, countsObject, "sums"), map[string]int{"cells": 0, "v6_only": atV6Only}, sizeOfSums)
	checkMirror(t, structure(t, socketsObject, "socket_record"), reflect.TypeFor[Socket]())
	checkMirror(t, structure(t, socketsObject, "details"), reflect.TypeFor[Details]())
	checkLayout(t, structure(t, mishapsObject, "mishap"), map[string]int{
		"time": atTime, "sock": atSock, "cookie": atCookie, "location": atMishapLocation, "unused": atInode, "tuple": atTuple, "netns": atNetNS,
		"reason": atMishapReason, "mark": atMark, "device": atDevice, "error": atMishapError, "kind": atMishapKind, "state": atMishapState,
		"flags": atMishapFlags, "way": atMishapWay, "length": atMishapLength,
	}, sizeOfMishap)
	checkLayout(t, structure(t, mishapsObject, "key"), map[string]int{
		"netns": atKeyNetNS, "reason": atKeyReason, "kind": atKeyKind, "state": atKeyState, "flags": atKeyFlags, "way": atKeyWay,
		"error": atKeyError, "unused": atKeyError + 2,
	}, sizeOfKey)
}

// checkMirror compares a C structure with the Go one that is laid over its
// octets, field by field: where it begins, how long it is, and its name.
func checkMirror(t *testing.T, c *btf.Struct, mirror reflect.Type) {
	t.Helper()
	if int(c.Size) != int(mirror.Size()) {
		t.Errorf("%s has %d octets, %v has %d", c.Name, c.Size, mirror, mirror.Size())
	}
	type field struct{ at, size int }
	mine := map[string]field{}
	for i := range mirror.NumField() {
		f := mirror.Field(i)
		mine[strings.ToLower(f.Name)] = field{int(f.Offset), int(f.Type.Size())}
	}
	for _, m := range flat(t, c.Members, 0) {
		name := strings.ReplaceAll(m.Name, "_", "")
		size, err := btf.Sizeof(m.Type)
		if err != nil {
			t.Fatal(err)
		}
		if got := mine[name]; !strings.HasPrefix(name, "unused") && got != (field{int(m.Offset.Bytes()), size}) {
			t.Errorf("%s.%s is at %d with %d octets, the mirror's %+v", c.Name, m.Name, m.Offset.Bytes(), size, got)
		}
	}
}

// flat replaces a tuple by its members.
func flat(t *testing.T, members []btf.Member, by btf.Bits) (all []btf.Member) {
	t.Helper()
	for _, m := range members {
		m.Offset += by
		if inner, nested := m.Type.(*btf.Struct); nested {
			all = append(all, flat(t, inner.Members, m.Offset)...)
		} else {
			all = append(all, m)
		}
	}
	return all
}
