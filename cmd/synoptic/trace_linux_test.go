package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestTraceUsage(t *testing.T) {
	for _, args := range [][]string{
		{"-o", "svg"}, {"-o", "json"}, {"--summary", "-o", "jsonl"}, {"--summary", "--count", "3"}, {"state", "nowhere"}, {"--for", "-1s"}, {"--with", "everything"},
	} {
		var out, said bytes.Buffer
		if code := run(append([]string{"trace"}, args...), nil, &out, &said); code != exitUsage || out.Len() > 0 || strings.Count(said.String(), "\n") > 3 {
			t.Errorf("%q: code %d, %s%s", args, code, &out, &said)
		}
	}
}

// traced runs trace with the arguments while connections open and close, or
// demands that it says what is missing and what still works.
func traced(t *testing.T, args ...string) (out string) {
	t.Helper()
	if sum, err := live.OpenSummary(live.Options{}); err == nil {
		_ = sum.Close()
	} else {
		var stdout, stderr bytes.Buffer
		code := run(append([]string{"trace"}, args...), nil, &stdout, &stderr)
		if said := stderr.String(); code != exitFailed || strings.Count(said, "\n") != 1 || !strings.Contains(said, `"synoptic states"`) {
			t.Errorf("code %d: %s", code, said)
		}
		t.Skip(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		dialAgainAndAgain(ctx)
	}()
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"trace"}, args...), nil, &stdout, &stderr)
	stop()
	<-ended
	if code != exitDone {
		t.Fatalf("code %d: %s", code, &stderr)
	}
	return stdout.String()
}

func dialAgainAndAgain(ctx context.Context) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer l.Close()
	for ctx.Err() == nil {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return
		}
		server, err := l.Accept()
		if err != nil {
			return
		}
		_ = server.Close()
		_ = client.Close()
		<-time.After(10 * time.Millisecond)
	}
}

func TestTraceLines(t *testing.T) {
	out := traced(t, "--for", "10s", "--count", "20", "-o", "jsonl", "src", "127.0.0.1")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, line := range lines[:len(lines)-1] {
		var record struct {
			From, To tcp.State
			Local    string
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil || record.From == tcp.Unknown || !strings.HasPrefix(record.Local, "127.0.0.1:") {
			t.Errorf("%v: %s", err, line)
		}
	}
	var end struct {
		Transitions int
		Lost        *int `json:"events_lost"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.Transitions != 20 || len(lines) != 21 || end.Lost == nil || *end.Lost != 0 {
		t.Errorf("%d lines, the last of them %s", len(lines), lines[len(lines)-1])
	}
}

func TestTraceSummary(t *testing.T) {
	out := traced(t, "--for", "500ms", "--summary", "-o", "json", "src", "127.0.0.1")
	var document struct {
		Seconds     float64
		Transitions []struct {
			From, To tcp.State
			Count    uint64
		}
	}
	if err := json.Unmarshal([]byte(out), &document); err != nil || document.Seconds < 0.5 || len(document.Transitions) < 8 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestTraceTable(t *testing.T) {
	out := traced(t, "--count", "3", "--for", "10s", "state", "established")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 4 || !strings.Contains(lines[1], "ESTABLISHED") {
		t.Error(out)
	}
}
