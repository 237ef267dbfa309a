package main

import (
	"bufio"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is what version -o json prints.
type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"` // of the revision, RFC 3339
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	OS       string `json:"goos"`
	Arch     string `json:"goarch"`
	Kernel   string `json:"kernel,omitempty"`
}

func newVersionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Which build this is, and on which kernel it runs",
		Args:  noArguments,
	}
	format := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return buffered(cmd, func(w *bufio.Writer) error {
			if format.value == "json" {
				return writeDocument(w, format.value, thisVersion())
			}
			_, err := fmt.Fprintln(w, thisVersion())
			return err
		})
	}
	return cmd
}

func thisVersion() version {
	v := version{Version: "(devel)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernelRelease()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Revision = setting.Value
		case "vcs.time":
			v.Time = setting.Value
		case "vcs.modified":
			v.Modified = setting.Value == "true"
		}
	}
	return v
}

// String is the one line of version -o text.
func (v version) String() string {
	line := "synoptic " + v.Version
	if len(v.Revision) >= 12 {
		line += " (" + v.Revision[:12]
		if v.Modified {
			line += ", modified"
		}
		line += ")"
	}
	line += fmt.Sprintf(" %s/%s %s", v.OS, v.Arch, v.Go)
	if v.Kernel != "" {
		line += ", kernel " + v.Kernel
	}
	return line
}
