package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/report"
	"github.com/synoptic-net/synoptic/tcp"
)

// leak is a bundle that another program may have made: six connections that their
// peer has closed and that a program still holds, at both ends of 5 s.
func leak() *evidence.Bundle {
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	var sockets []host.Socket
	for i := range 6 {
		sockets = append(sockets, host.Socket{
			State: tcp.CloseWait, Inode: 77, Cookie: uint64(i + 1),
			Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.AddrPortFrom(netip.MustParseAddr("198.51.100.7"), uint16(40000+i)),
		})
	}
	sockets = append(sockets, host.Socket{State: tcp.Listen, Inode: 76, Cookie: 9, Local: netip.MustParseAddrPort("0.0.0.0:80"), SendQueue: 128})
	web := host.Processes{List: []host.Process{{PID: 812, Name: "web"}}, Owners: []host.Owner{{Inode: 77, PID: 812, FD: 5}}}
	return &evidence.Bundle{
		Schema: evidence.Schema, Start: start, End: start.Add(5 * time.Second),
		Sources: []evidence.Source{{Name: evidence.SourceSockets, OK: true}, {Name: evidence.SourceProcesses, OK: true}},
		Snapshots: []host.Snapshot{
			{Time: start, States: tcp.AllStates, Sockets: sockets},
			{Time: start.Add(5 * time.Second), States: tcp.AllStates, Sockets: sockets},
		},
		ProcessesBefore: web, ProcessesAfter: web,
	}
}

func ExampleOf() {
	document := report.Of(diagnose.Diagnose(leak()), "en")
	for _, f := range document.Findings {
		fmt.Println(f.Cause, f.Confidence)
		fmt.Println(f.Summary)
	}
	// Output:
	// app-not-closing certain
	// web (pid 812) does not close 6 connections on 0.0.0.0:80 whose clients have finished: it leaks descriptors.
}

func TestWrite(t *testing.T) {
	for _, language := range report.Languages() {
		var out bytes.Buffer
		if err := report.Write(&out, diagnose.Diagnose(leak()), language); err != nil {
			t.Fatal(err)
		}
		var document struct {
			Schema   string
			Findings []struct{ Cause, Summary string }
		}
		if err := json.Unmarshal(out.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		if document.Schema != report.Schema || len(document.Findings) != 1 || document.Findings[0].Cause != "app-not-closing" || document.Findings[0].Summary == "" {
			t.Errorf("%s: %+v", language, document)
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	err := report.Write(&bytes.Buffer{}, diagnose.Report{}, "tlh")
	if err == nil || !strings.Contains(err.Error(), "tlh") || !strings.Contains(err.Error(), "en") {
		t.Errorf("%v", err)
	}
	if got := report.Of(diagnose.Diagnose(leak()), "tlh").Findings[0].Summary; !strings.Contains(got, "does not close") {
		t.Errorf("not English: %q", got)
	}
}
