package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/lab/witness"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/tcp"
)

func labCommand(args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{"lab"}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

var only = flag.String("scenario", "", "with TestLab: this `NAME` alone")

// TestLab plays every scenario, as whoever runs the tests, and finds the host
// as it was. What was saved of each must say what was found live.
func TestLab(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the whole lab takes more than a minute")
	}
	before := hostNow(t)
	var out, errs bytes.Buffer
	folder := t.TempDir()
	cmd := labCommand("run", "--all", "-o", "json", "--save-bundle", folder, "--save-pcap", folder)
	if *only != "" {
		t.Logf("of the lab, %s", *only)
		file := filepath.Join(folder, *only)
		s, _ := scenario.Find(*only)
		cmd = labCommand("run", *only, "-o", "json", "--save-bundle", file+".bundle", "--save-pcap", file+"."+s.At+".pcapng.gz")
	}
	if sum, err := live.OpenSummary(live.Options{}); err == nil { // and the three witnesses agree, or it is known why not
		_ = sum.Close()
		cmd.Args = append(cmd.Args, "--witnesses")
	}
	cmd.Stdout, cmd.Stderr = &out, &errs
	runErr := cmd.Run()
	if strings.Contains(errs.String(), "lab needs") {
		t.Skip(errs.String()) // says which right is missing
	}
	var result struct{ Runs []liveRun }
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v: %v\n%s", runErr, err, errs.String())
	}
	deferred := 0
	for _, r := range result.Runs {
		if !r.Pass {
			t.Errorf("%s: %v", r.Scenario, r.Why)
		}
		if r.Deferred {
			deferred++
		}
		if r.Diagnosis != nil {
			sameRows(t, folder, r)
		}
	}
	if runErr != nil {
		t.Error(runErr)
	}
	t.Logf("%d scenarios, %d of them deferred", len(result.Runs), deferred)
	checkWitnesses(t, result.Runs)
	if *only == "" && len(result.Runs) < 45 {
		t.Errorf("only %d scenarios ran", len(result.Runs))
	}
	sameHost(t, before)
}

// checkWitnesses: no difference without a reason.
func checkWitnesses(t *testing.T, runs []liveRun) {
	t.Helper()
	reasons := map[witness.Reason]int{}
	for _, r := range runs {
		if r.Witnesses == nil {
			continue
		}
		for _, d := range r.Witnesses.Differences {
			if reasons[d.Reason] += d.Count; d.Reason == witness.Unexplained {
				t.Errorf("%s: %d in %s by sockets, %v by %s", r.Scenario, d.Count, d.Socket, d.Other, d.Witness)
			}
		}
	}
	t.Logf("differences of the witnesses: %v", reasons)
}

// TestWitnesses: of a scenario in which a rule drops what leaves, the three agree.
func TestWitnesses(t *testing.T) {
	sum, err := live.OpenSummary(live.Options{})
	if err != nil {
		t.Skip(err)
	}
	_ = sum.Close()
	out, err := labCommand("run", "synack-blocked-here", "--for", "2s", "--witnesses", "-o", "json").Output()
	var result struct{ Runs []liveRun }
	if err := errors.Join(err, json.Unmarshal(out, &result)); err != nil || len(result.Runs) != 1 || result.Runs[0].Witnesses == nil {
		t.Fatalf("%v: %s", err, out)
	}
	checkWitnesses(t, result.Runs)
	for _, c := range result.Runs[0].Witnesses.States {
		if c.State == tcp.SynReceived && c.Sockets == c.Events && c.Sockets == c.Packets && c.Sockets > 0 {
			return
		}
	}
	t.Errorf("%+v", result.Runs[0].Witnesses)
}

// TestLabKilled kills the lab in the middle, with no chance to tidy up.
func TestLabKilled(t *testing.T) {
	before := hostNow(t)
	cmd := labCommand("run", "--all", "--for", "20s")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var actors []int
	poll(t, "eight actors at work", func() bool {
		select {
		case <-done:
			if strings.Contains(errs.String(), "lab needs") {
				t.Skip(errs.String())
			}
			t.Fatalf("the lab ended by itself: %s", errs.String())
		default:
		}
		actors = actorsOf(cmd.Process.Pid)
		return len(actors) >= 8
	})
	family := append(actors, children(cmd.Process.Pid)...)
	worlds := namespacesOf(actors)
	if len(worlds) < 2 {
		t.Fatalf("eight actors live in %d namespaces", len(worlds))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-done
	poll(t, "every process of the lab gone", func() bool {
		return !slices.ContainsFunc(family, func(pid int) bool {
			_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
			return err == nil
		})
	})
	poll(t, "every namespace of the lab gone", func() bool { return len(stillThere(worlds)) == 0 })
	sameHost(t, before)
}

// namespacesOf returns the network namespaces of processes.
func namespacesOf(pids []int) map[string]bool {
	found := map[string]bool{}
	for _, pid := range pids {
		if link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid)); err == nil {
			found[link] = true
		}
	}
	return found
}

// stillThere returns those of the namespaces that some thread or descriptor of
// this host still holds.
func stillThere(worlds map[string]bool) (held []string) {
	for _, pattern := range []string{"/proc/[0-9]*/ns/net", "/proc/[0-9]*/task/[0-9]*/ns/net", "/proc/[0-9]*/fd/*"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			if link, err := os.Readlink(path); err == nil && worlds[link] {
				held = append(held, path)
			}
		}
	}
	return held
}

// actorsOf returns the actors that descend from a process.
func actorsOf(pid int) (actors []int) {
	for _, child := range children(pid) {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
		if strings.HasPrefix(string(line), "synoptic lab: ") {
			actors = append(actors, child)
		}
		actors = append(actors, actorsOf(child)...)
	}
	return actors
}

func children(pid int) (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// hostNow is what the lab must leave alone: links, routes, settings, firewall
// rules, and the folder of temporary files.
func hostNow(t *testing.T) map[string]string {
	t.Helper()
	now := map[string]string{}
	addresses, _ := os.ReadFile("/proc/net/if_inet6")
	now["/proc/net/if_inet6"] = string(addresses)
	routes, _ := exec.Command("ip", "route", "show", "table", "all").Output() // "" where ip is not there
	now["routes"] = string(routes)
	for _, folder := range []string{"/sys/class/net", "/run/netns", "/var/run/netns"} {
		entries, _ := os.ReadDir(folder)
		now[folder] = fmt.Sprint(entries)
	}
	rules, _ := exec.Command("nft", "list", "ruleset").Output() // "" where it may not, or is not there
	now["firewall"] = string(rules)
	_ = filepath.WalkDir("/proc/sys/net", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !moving(path) {
			text, _ := os.ReadFile(path)
			now[path] = string(text)
		}
		return nil
	})
	return now
}

// moving settings are counters, or change by themselves.
func moving(path string) bool {
	return strings.HasSuffix(path, "nf_conntrack_count") || strings.Contains(path, "/stable_secret") || strings.HasSuffix(path, "tcp_fastopen_key") ||
		strings.HasSuffix(path, "/flush") || strings.Contains(path, "unix/max_dgram_qlen") || strings.HasSuffix(path, "nf_log_all_netns")
}

func sameHost(t *testing.T, before map[string]string) {
	t.Helper()
	after := hostNow(t)
	for name, was := range before {
		if after[name] != was {
			t.Errorf("%s was\n%s\nand is\n%s", name, was, after[name])
		}
	}
	leftovers, _ := filepath.Glob(filepath.Join(os.TempDir(), "*synoptic-lab*"))
	if len(leftovers) > 0 {
		t.Errorf("files remain: %v", leftovers)
	}
}
