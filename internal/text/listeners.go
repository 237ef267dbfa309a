package text

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// Listeners prints a table of listeners: where, who, both queues against their
// limits, and what is odd.
func Listeners(w io.Writer, list []inventory.Listener, style Style) error {
	t := &table{style: style, columns: []column{
		{title: style.say("head-local")}, {title: style.say("head-reach"), spare: 2}, {title: style.say("head-accept-queue"), right: true}, {title: style.say("head-bound-by"), spare: 3},
		{title: style.say("head-syn-queue"), right: true}, {title: style.say("head-refused"), right: true, spare: 1}, {title: style.say("head-owner")},
	}}
	t.measure(t.titles())
	for i := range list {
		t.measure(listenerCells(&list[i], style))
	}
	t.fit()
	out := bufio.NewWriterSize(w, 64<<10)
	if err := t.write(out, "", t.titles(), func(int) ansi.Style { return dim }); err != nil {
		return err
	}
	for i := range list {
		tone := listenerTone(&list[i])
		if err := t.write(out, "", listenerCells(&list[i], style), func(int) ansi.Style { return tone }); err != nil {
			return err
		}
	}
	return out.Flush()
}

func listenerCells(l *inventory.Listener, style Style) []string {
	if l.Scope == inventory.Led {
		return []string{ledFrom(l), scope(l, style), "", "", "", "", lines.Clean(opener(l, style))}
	}
	drops := "?"
	if l.Drops != nil {
		drops = strconv.FormatUint(uint64(*l.Drops), 10)
	}
	return []string{
		l.Local.String(), scope(l, style), queue(l.AcceptQueue), l.AcceptQueue.LimitedBy, queue(l.SynQueue), drops, lines.Clean(opener(l, style)),
	}
}

// scopes are the labels of from where a listener is reached.
var scopes = map[inventory.Scope]string{
	inventory.Loopback: "scope-loopback", inventory.OneAddress: "scope-address", inventory.Everywhere: "scope-all", inventory.Led: "scope-published",
}

func scope(l *inventory.Listener, style Style) string { return style.say(scopes[l.Scope]) }

func queue(q inventory.Queue) string { return fmt.Sprintf("%d/%d", q.Length, q.Limit) }

// ledFrom says what must be dialled.
func ledFrom(l *inventory.Listener) string {
	if len(l.Published) == 0 {
		return l.Local.String()
	}
	return l.Published[0].Dialled
}

// waysTo says by which rules of the firewall a listener is reached.
func waysTo(l *inventory.Listener, style Style) string {
	ways := make([]string, len(l.Published))
	for i, w := range l.Published {
		ways[i] = conditions(w.Dialled, w, style)
	}
	return strings.Join(ways, style.say("and-list"))
}

// conditions adds to a place from where, and through which interface, a rule of
// the firewall leads.
func conditions(place string, w inventory.Way, style Style) string {
	if w.From != "" {
		place = style.say("way-from", place, w.From)
	}
	if other, but := strings.CutPrefix(w.Interface, "not "); but {
		place = style.say("way-not-through", place, other)
	} else if w.Interface != "" {
		place = style.say("way-through", place, w.Interface)
	}
	if w.Narrowed {
		place = style.say("way-narrowed", place)
	}
	return place
}

// opener says who opened the port, and what is odd about the program.
func opener(l *inventory.Listener, style Style) string {
	if l.Scope == inventory.Led && len(l.Published) > 0 {
		w := l.Published[0]
		return style.say("leads-to", conditions(strings.TrimSuffix(w.Target.String(), ":0"), w, style), w.Rule)
	}
	if len(l.Owners) == 0 {
		return NewHolders(style).None(l.OwnerKind) + published(l, style)
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
		odd = append(odd, style.say("odd-deleted"))
	}
	if l.ExeTempDir {
		odd = append(odd, style.say("odd-temporary"))
	}
	if len(odd) > 0 {
		text = style.say("odd", text, strings.Join(odd, style.say("comma")))
	}
	return text + published(l, style)
}

func published(l *inventory.Listener, style Style) string {
	if len(l.Published) == 0 {
		return ""
	}
	return style.say("published-at", waysTo(l, style))
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
