package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/packet"
)

const envInside = "SYNOPTIC_TEST_INSIDE"

// TestCapture runs itself again in a network namespace of its own, so that the
// program never listens to this host.
func TestCapture(t *testing.T) {
	if os.Getenv(envInside) == t.Name() {
		lo, err := netlink.LinkByName("lo")
		if err == nil {
			err = netlink.LinkSetUp(lo)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Run("file", captureToFile)
		t.Run("any", captureOfAny)
		t.Run("rotation", captureInTurn)
		t.Run("pipe", captureToPipe)
		t.Run("lines", captureAsLines)
		t.Run("full", captureToFullDisk)
		return
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestCapture$", "-test.v")
	cmd.Env = append(os.Environ(), envInside+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	report, err := cmd.CombinedOutput()
	if os.Geteuid() != 0 && (errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL)) {
		t.Skipf("no private network namespace here: %v", err)
	}
	if err != nil || !strings.Contains(string(report), "--- PASS: TestCapture") {
		t.Errorf("inside: %v\n%s", err, report)
	}
}

// program is a running synoptic.
type program struct {
	*exec.Cmd
	out  io.ReadCloser
	said bytes.Buffer
}

func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command("/proc/self/exe", args...)}
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stderr = &p.said
	var err error
	if p.out, err = p.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// end asks the program to end, and returns how many packets it says it took.
func (p *program) end(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Fatalf("%v: %s", err, &p.said)
	}
	match := regexp.MustCompile(`^synoptic: (\d+) packets? on \S+ in [\d.]+ s, none dropped`).FindStringSubmatch(p.said.String())
	if match == nil {
		t.Fatalf("it says %q", &p.said)
	}
	n, _ := strconv.Atoi(match[1])
	return n
}

// appears waits for a file that holds something.
func appears(t *testing.T, path string) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
		<-tick.C
	}
	t.Fatalf("%s does not appear", path)
}

// converse makes connections to port 8080, one after the other.
func converse(t *testing.T, connections int) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for range connections {
		from, err := net.Dial("tcp4", "127.0.0.1:8080")
		if err != nil {
			t.Fatal(err)
		}
		to, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(from, strings.Repeat("question", 100))
		from.Close()
		_, _ = io.Copy(io.Discard, to)
		to.Close()
	}
}

// contents reads a capture: its packets and how many SYNs are among them.
func contents(t *testing.T, from io.Reader) (packets, syns int) {
	t.Helper()
	r, err := packet.NewReader(from)
	if err != nil {
		t.Fatal(err)
	}
	var d packet.Decoder
	var f packet.Frame
	var s packet.Segment
	for r.Next(&f) {
		packets++
		if d.Decode(&f, &s) == packet.IsSegment && s.TCP.Flags.String() == "SYN" {
			syns++
		}
	}
	if err := r.Err(); err != nil || r.Damage() != (packet.Damages{}) {
		t.Errorf("%v, %v", err, r.Damage())
	}
	return packets, syns
}

func contentsOf(t *testing.T, path string) (packets, syns int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	return contents(t, file)
}

// others checks that "read" and, where there is one, tcpdump count the same.
func others(t *testing.T, path string, packets int) {
	t.Helper()
	p := startProgram(t, "read", path)
	if out, _ := io.ReadAll(p.out); !strings.HasPrefix(string(out), strconv.Itoa(packets)+" packets, ") || p.Wait() != nil {
		t.Errorf("read: %s%s", out, &p.said)
	}
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Log("tcpdump is not installed")
		return
	}
	dump := exec.Command("tcpdump", "-n", "-r", path)
	var said bytes.Buffer
	dump.Stderr = &said
	out, err := dump.Output()
	if strings.Contains(said.String(), "Couldn't change to") {
		t.Log("tcpdump gives up its rights as root, and cannot in a user namespace of one user")
		return
	}
	if err != nil || bytes.Count(out, []byte("\n")) != packets {
		t.Errorf("tcpdump: %d lines, want %d; %v: %s", bytes.Count(out, []byte("\n")), packets, err, &said)
	}
}

func captureToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	p := startProgram(t, "capture", "-w", path, "-i", "lo", "--comment", "hello", "tcp port 8080")
	appears(t, path)
	converse(t, 20)
	said := p.end(t, os.Interrupt)
	packets, syns := contentsOf(t, path)
	if packets != said || syns != 20 || !strings.HasSuffix(p.said.String(), path+"\n") {
		t.Errorf("%d packets, %d SYNs; it says %s", packets, syns, &p.said)
	}
	others(t, path, packets)
	whole, _ := os.ReadFile(path)
	for _, text := range []string{"hello", "tcp port 8080", "synoptic ", "lo", "connection 20, originator SYN-SENT to ESTABLISHED", "ESTABLISHED to CLOSE-WAIT"} {
		if !bytes.Contains(whole, []byte(text)) {
			t.Errorf("the file does not say %q", text)
		}
	}
}

func captureOfAny(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	p := startProgram(t, "capture", "-w", path, "--snaplen", "60", "tcp port 8080")
	appears(t, path)
	converse(t, 5)
	said := p.end(t, syscall.SIGTERM)
	packets, syns := contentsOf(t, path)
	if packets != said || syns != 5 {
		t.Errorf("%d packets, %d SYNs; it says %s", packets, syns, &p.said)
	}
	others(t, path, packets)
}

func captureInTurn(t *testing.T) {
	folder := t.TempDir()
	p := startProgram(t, "capture", "-w", filepath.Join(folder, "x.pcapng"), "--snaplen", "0", "--rotate-size", "64KB", "tcp port 8080")
	appears(t, filepath.Join(folder, "x-0001.pcapng"))
	converse(t, 100)
	said := p.end(t, os.Interrupt)
	files, _ := filepath.Glob(filepath.Join(folder, "x-*.pcapng"))
	packets, syns := 0, 0
	for _, path := range files {
		a, b := contentsOf(t, path)
		packets, syns = packets+a, syns+b
		if info, err := os.Stat(path); err != nil || info.Size() > 64<<10+200 {
			t.Errorf("%s: %v", path, info.Size())
		}
	}
	if packets != said || syns != 100 || len(files) < 3 {
		t.Errorf("%d packets, %d SYNs in %d files; it says %s", packets, syns, len(files), &p.said)
	}
	p = startProgram(t, "capture", "-w", filepath.Join(folder, "y.pcapng"), "--snaplen", "0", "--rotate-size", "64KB", "--rotate-count", "2", "tcp port 8080")
	appears(t, filepath.Join(folder, "y-0001.pcapng"))
	converse(t, 100)
	p.end(t, os.Interrupt)
	files, _ = filepath.Glob(filepath.Join(folder, "y-*.pcapng"))
	if len(files) != 2 || !strings.Contains(p.said.String(), "older ones were removed") {
		t.Errorf("%v; it says %s", files, &p.said)
	}
}

func captureToPipe(t *testing.T) {
	p := startProgram(t, "capture", "-w", "-", "--count", "12", "-i", "lo", "tcp port 8080")
	begin := make([]byte, 4)
	if _, err := io.ReadFull(p.out, begin); err != nil { // it listens now
		t.Fatal(err)
	}
	converse(t, 5)
	packets, _ := contents(t, io.MultiReader(bytes.NewReader(begin), p.out))
	if err := p.Wait(); err != nil || packets != 12 {
		t.Errorf("%d packets, %v: %s", packets, err, &p.said)
	}
}

// captureAsLines makes connections until the first line comes.
func captureAsLines(t *testing.T) {
	p := startProgram(t, "capture", "--count", "1", "tcp dst port 8080 and tcp[tcpflags] == tcp-syn")
	over := make(chan struct{})
	go func() {
		defer close(over)
		out, _ := io.ReadAll(p.out)
		if !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{6}  in   lo  127\.0\.0\.1:\d+ → 127\.0\.0\.1:8080  <SEQ=\d+><CTL=SYN>\n$`).Match(out) {
			t.Errorf("it prints %q", out)
		}
	}()
	for waiting := true; waiting; {
		converse(t, 1)
		select {
		case <-over:
			waiting = false
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, &p.said)
	}
}

// captureToFullDisk writes where a file may have 20,000 octets: what there is
// at the end is whole.
func captureToFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	p := &program{Cmd: exec.Command("/bin/sh", "-c", "ulimit -f 40; trap '' XFSZ; exec /proc/"+strconv.Itoa(os.Getpid())+"/exe capture -w "+path+" -i lo --snaplen 0 tcp port 8080")}
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stderr = &p.said
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	appears(t, path)
	converse(t, 60)
	if err := p.Wait(); err == nil || !strings.Contains(p.said.String(), "file too large") {
		t.Errorf("%v: %s", err, &p.said)
	}
	if packets, _ := contentsOf(t, path); packets == 0 {
		t.Error("nothing was kept")
	}
}
