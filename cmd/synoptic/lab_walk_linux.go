package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/walk"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func newLabWalkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "walk",
		Short: "Drive real Linux sockets over every edge of the TCP state machine",
		Long: `Makes private network namespaces, plays the peer of real Linux sockets there,
and drives them over every edge of the kernel's TCP state machine, in each way
that there is: by segments, system calls, timers and SOCK_DESTROY. sock_diag says
in which state each connection is before and after. Meanwhile our own machine
holds whole conversations with Linux, as client and as server.

It takes a few seconds; with --slow, which waits for the end of TIME-WAIT, a
minute.`,
		Example: `  synoptic lab walk
  synoptic lab walk --slow -o json
  synoptic lab walk -o svg > walked.svg`,
		Args: noArguments,
	}
	slow := cmd.Flags().Bool("slow", false, "also the edges that take a minute")
	format := addOutputFlag(cmd, "text", "json", "svg")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := lab.Enter(); err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		started := time.Now()
		walked, err := walk.Run(ctx, walk.Options{Look: lookForWalk, Slow: *slow, Ended: walkProgress(cmd)})
		if err != nil {
			return err
		}
		if err := buffered(cmd, func(w *bufio.Writer) error {
			return writeWalk(w, walked, format.value, languageOf(cmd), time.Since(started))
		}); err != nil {
			return err
		}
		return walkFailed(walked)
	}
	return cmd
}

// lookForWalk reads the sockets, those too that are only bound.
func lookForWalk(ctx context.Context) (host.Snapshot, error) {
	return sockdiag.Snapshot(ctx, sockdiag.Options{BoundInactive: true})
}

// walkProgress counts for a person who waits.
func walkProgress(cmd *cobra.Command) func(walk.Result) {
	errs := cmd.ErrOrStderr()
	if !isTerminal(errs) {
		return nil
	}
	done, all := 0, len(walk.Edges())
	return func(walk.Result) {
		if done++; done < all {
			fmt.Fprintf(errs, wipeLine+"%s", languageOf(cmd).Say("walk-progress", done, all))
		} else {
			fmt.Fprint(errs, wipeLine)
		}
	}
}

var errWalkFailed = errors.New("the kernel did not go where it was expected to")

func walkFailed(walked walk.Walk) error {
	failed := 0
	for i := range walked.Edges {
		if walked.Edges[i].Failed {
			failed++
		}
	}
	for i := range walked.Roles {
		if !walked.Roles[i].Passed {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d times", errWalkFailed, failed)
	}
	return nil
}

func writeWalk(w *bufio.Writer, walked walk.Walk, format string, l explain.Language, took time.Duration) error {
	switch format {
	case "json":
		return writeDocument(w, "json", newWalkDocument(walked))
	case "svg":
		_, err := w.WriteString(explain.DiagramSVG(explain.WithEdges(walkedEdges(walked)...), explain.WithLanguage(l)))
		return err
	default:
		writeWalkText(w, walked, took, l)
		return nil
	}
}

// walkedEdges returns the edges that were seen, by their states. Those that are
// Linux's alone have no place in the diagram of RFC 9293.
func walkedEdges(walked walk.Walk) []tcp.Edge {
	var edges []tcp.Edge
	for i := range walked.Edges {
		if r := &walked.Edges[i]; r.Seen {
			edges = append(edges, tcp.Edge{From: r.From.State, To: r.To.State})
		}
	}
	return edges
}

type edgeDocument struct {
	From        tcp.State `json:"from"`
	To          tcp.State `json:"to"`
	Kind        host.Kind `json:"kind"`
	Way         string    `json:"way"`
	Seen        bool      `json:"seen"`
	ConfirmedBy []string  `json:"confirmed_by"`
	Why         string    `json:"why"`
	FromKind    host.Kind `json:"from_kind"`
	ToKind      host.Kind `json:"to_kind"`
	Failed      bool      `json:"failed,omitempty"`
	Seconds     float64   `json:"seconds"`
}

type roleDocument struct {
	Role    string  `json:"role"`
	About   string  `json:"about"`
	Passed  bool    `json:"pass"`
	Why     string  `json:"why"`
	Seconds float64 `json:"seconds"`
}

type walkDocument struct {
	Edges []edgeDocument `json:"edges"`
	Roles []roleDocument `json:"roles"`
}

func newWalkDocument(walked walk.Walk) walkDocument {
	d := walkDocument{Edges: []edgeDocument{}, Roles: []roleDocument{}}
	for i := range walked.Edges {
		r := &walked.Edges[i]
		d.Edges = append(d.Edges, edgeDocument{
			From: r.From.State, To: r.To.State, Kind: r.Kind, Way: r.Way, Seen: r.Seen, ConfirmedBy: append([]string{}, r.ConfirmedBy...),
			Why: r.Why, FromKind: r.From.Kind, ToKind: r.To.Kind, Failed: r.Failed, Seconds: r.Took.Seconds(),
		})
	}
	for i := range walked.Roles {
		r := &walked.Roles[i]
		d.Roles = append(d.Roles, roleDocument{Role: r.Name, About: r.About, Passed: r.Passed, Why: r.Why, Seconds: r.Took.Seconds()})
	}
	return d
}
