package text

import (
	"bufio"
	"cmp"
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/tcp"
)

// Groups prints a row for each group and a column for each state that occurs.
func Groups(w io.Writer, by string, groups []inventory.Group, style Style) error {
	var total tcp.Counts
	for _, g := range groups {
		for state, n := range g.Counts {
			total[state] += n
		}
	}
	states := present(total)
	t := &table{style: style, columns: []column{{title: groupHead(by, style)}, {title: style.say("head-all"), right: true}}}
	for _, s := range states {
		t.columns = append(t.columns, column{title: s.String(), right: true, spare: 1})
	}
	names := groupNames(by, style)
	t.measure(t.titles())
	for _, g := range groups {
		t.measure(groupCells(g, states, names))
	}
	t.fit()
	out := bufio.NewWriterSize(w, 64<<10)
	if err := t.write(out, "", t.titles(), func(int) ansi.Style { return dim }); err != nil {
		return err
	}
	for _, g := range groups {
		if err := t.write(out, "", groupCells(g, states, names), func(int) ansi.Style { return plain }); err != nil {
			return err
		}
	}
	return out.Flush()
}

// groupHead is the heading for what is grouped by.
func groupHead(by string, style Style) string {
	if id := "head-" + by; explain.HasLabel(id) {
		return style.say(id)
	}
	return strings.ToUpper(by)
}

// groupNames returns what names the key of a group: keys that are no addresses,
// programs or numbers are words.
func groupNames(by string, style Style) func(key string) string {
	words := map[string]string{}
	switch inventory.By(by) {
	case inventory.ByListener:
		words[inventory.Dialled] = style.say("owner-dialled")
	case inventory.ByOwner:
		for kind, id := range noHolders {
			words["("+string(kind)+")"] = style.say(id)
		}
	case inventory.ByPort:
		way := style.say("port-dialled", "%s")
		return func(key string) string {
			if port, dialled := strings.CutPrefix(key, "to "); dialled {
				return strings.Replace(way, "%s", port, 1)
			}
			return key
		}
	}
	return func(key string) string { return cmp.Or(words[key], lines.Clean(key)) }
}

func groupCells(g inventory.Group, states []tcp.State, name func(key string) string) []string {
	cells := []string{name(g.Key), strconv.FormatUint(g.Counts.Total(), 10)}
	for _, s := range states {
		cell := "."
		if n := g.Counts[s]; n > 0 {
			cell = strconv.FormatUint(n, 10)
		}
		cells = append(cells, cell)
	}
	return cells
}
