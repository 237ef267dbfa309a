package text

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/inventory"
)

// Listeners prints a table of listeners: where, who, both queues against their
// limits, and what is odd.
func Listeners(w io.Writer, list []inventory.Listener, style Style) error {
	t := &table{style: style, columns: []column{
		{title: "LOCAL"}, {title: "REACH", spare: 2}, {title: "ACCEPT-QUEUE", right: true}, {title: "BOUND BY", spare: 3},
		{title: "SYN-QUEUE", right: true}, {title: "REFUSED", right: true, spare: 1}, {title: "OWNER"},
	}}
	t.measure(t.titles())
	for i := range list {
		t.measure(listenerCells(&list[i]))
	}
	t.fit()
	out := bufio.NewWriterSize(w, 64<<10)
	if err := t.write(out, "", t.titles(), func(int) ansi.Style { return dim }); err != nil {
		return err
	}
	for i := range list {
		tone := listenerTone(&list[i])
		if err := t.write(out, "", listenerCells(&list[i]), func(int) ansi.Style { return tone }); err != nil {
			return err
		}
	}
	return out.Flush()
}

func listenerCells(l *inventory.Listener) []string {
	if l.Scope == inventory.Led {
		return []string{ledFrom(l), string(l.Scope), "", "", "", "", clean(opener(l))}
	}
	drops := "?"
	if l.Drops != nil {
		drops = strconv.FormatUint(uint64(*l.Drops), 10)
	}
	return []string{
		l.Local.String(), string(l.Scope), queue(l.AcceptQueue), l.AcceptQueue.LimitedBy, queue(l.SynQueue), drops, clean(opener(l)),
	}
}

func queue(q inventory.Queue) string { return fmt.Sprintf("%d/%d", q.Length, q.Limit) }

// ledFrom says what must be dialled.
func ledFrom(l *inventory.Listener) string {
	if len(l.Published) == 0 {
		return l.Local.String()
	}
	return l.Published[0].Dialled
}

// waysTo says by which rules of the firewall a listener is reached.
func waysTo(l *inventory.Listener) string {
	ways := make([]string, len(l.Published))
	for i, w := range l.Published {
		ways[i] = w.String()
	}
	return strings.Join(ways, ", ")
}

// opener says who opened the port, and what is odd about the program.
func opener(l *inventory.Listener) string {
	if l.Scope == inventory.Led && len(l.Published) > 0 {
		w := l.Published[0]
		conditions := strings.TrimPrefix(w.String(), w.Dialled)
		return fmt.Sprintf("leads to %s%s (rule %s)", strings.TrimSuffix(w.Target.String(), ":0"), conditions, w.Rule)
	}
	if len(l.Owners) == 0 {
		return "(" + string(l.OwnerKind) + ")" + published(l)
	}
	text := fmt.Sprintf("%s[%d]", l.Owners[0].Name, l.Owners[0].PID)
	if more := furtherProcesses(l.Owners); more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	if exe := l.Owners[0].Exe; exe != "" {
		text += " " + exe
	}
	var odd []string
	if l.ExeDeleted {
		odd = append(odd, "file deleted")
	}
	if l.ExeTempDir {
		odd = append(odd, "in a temporary folder")
	}
	if len(odd) > 0 {
		text += " (" + strings.Join(odd, ", ") + ")"
	}
	return text + published(l)
}

func published(l *inventory.Listener) string {
	if len(l.Published) == 0 {
		return ""
	}
	return " (published at " + waysTo(l) + ")"
}

// furtherProcesses counts the further processes.
func furtherProcesses(owners []inventory.Owner) int {
	pids := map[int]bool{}
	for _, o := range owners {
		pids[o.PID] = true
	}
	return len(pids) - 1
}

func listenerTone(l *inventory.Listener) ansi.Style {
	switch {
	case l.AcceptQueue.Limit > 0 && l.AcceptQueue.Length >= l.AcceptQueue.Limit, l.ExeDeleted && l.ExeTempDir:
		return yellow
	default:
		return plain
	}
}

func upper(text string) string { return strings.ToUpper(text) }
