package explain

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Text returns the page, wrapped to the given number of columns.
func (m Machine) Text(width int) string {
	p := &page{width: max(width, minWidth), words: machineTexts.in(m.Language), language: m.Language}
	switch m.Topic {
	case AboutState:
		p.state(m)
	case AboutEdge:
		p.edge(m.Edge)
	case AboutTransitions:
		p.table()
	case AboutMyths:
		p.myths()
	default:
		p.overview()
	}
	return p.String()
}

func (p *page) overview() {
	p.line(p.words.Overview)
	p.line("")
	for _, s := range tcp.States() {
		p.item(2, 16, s.String(), StateWords(s, p.language).Summary)
	}
	p.line("")
	p.paragraph(0, p.words.OverviewHint)
}

func (p *page) state(m Machine) {
	s := m.State
	t := StateWords(s, p.language)
	p.item(0, len(s.String())+2, s.String(), t.Summary)
	p.line("")
	p.paragraph(0, t.Meaning)
	p.line("")
	for _, part := range [...][2]string{
		{p.words.End, t.End}, {p.words.Peer, t.Peer}, {p.words.Linux, t.Linux}, {p.words.Lasts, t.Lasts},
	} {
		p.item(0, 10, part[0], part[1])
	}
	p.stays(m.stays(s), m.Settings != nil)
	p.ways(s)
	p.causes(t.Causes)
	p.names(host.Vocabulary(s))
	p.counters(t.Counters)
	p.settings(t.Settings)
	p.looks(looks(s, p.language))
}

// ways shows the rows that enter and leave a state.
func (p *page) ways(s tcp.State) {
	p.heading(p.words.In)
	for _, from := range tcp.States() {
		p.rows(fmt.Sprintf(p.words.From, from), rowsOfEdge(tcp.Edge{From: from, To: s}))
	}
	p.heading(p.words.Out)
	for _, to := range tcp.States() {
		p.rows(fmt.Sprintf(p.words.To, to), rowsOfEdge(tcp.Edge{From: s, To: to}))
	}
	if n := len(rowsStaying(s)); n > 0 {
		p.paragraph(2, fmt.Sprintf(p.words.StayHint, n))
	}
}

func (p *page) causes(causes []CauseText) {
	p.heading(p.words.Causes)
	for _, c := range causes {
		p.item(2, 28, string(c.Code), c.Text)
	}
}

func (p *page) names(w host.Words) {
	p.heading(p.words.Names)
	for _, name := range [...][2]string{
		{"RFC 9293", w.RFC}, {p.words.Kernel, w.Linux}, {p.words.SS, w.SS}, {p.words.Exporter, w.NodeExporter},
		{p.words.OpenTelemetry, w.OpenTelemetry}, {p.words.Netstat, strings.Join(w.Netstat, ", ")},
	} {
		p.item(2, 16, name[0], name[1])
	}
}

func (p *page) counters(counters []CounterText) {
	p.heading(p.words.Counters)
	for _, c := range counters {
		p.item(2, 30, c.Name, c.Text)
	}
}

func (p *page) settings(settings []SettingText) {
	p.heading(p.words.Settings)
	for _, s := range settings {
		p.paragraph(2, fmt.Sprintf(p.words.Default, s.Name, s.Default))
		p.paragraph(6, s.Text)
	}
}

func (p *page) looks(list []Look) {
	p.heading(p.words.Look)
	for _, l := range list {
		p.item(2, 40, l.Command, l.Text)
	}
}

func (p *page) edge(e tcp.Edge) {
	p.line(e.From.String() + " -> " + e.To.String())
	p.line("")
	for _, row := range rowsOfEdge(e) {
		p.row(0, "", &row)
	}
	p.line("")
	p.paragraph(0, fmt.Sprintf(p.words.EdgeHint, e.From, e.To))
}

// table shows all rows, grouped by state in the order of RFC 9293.
func (p *page) table() {
	for i, s := range append([]tcp.State{tcp.Closed}, tcp.States()[:len(tcp.States())-1]...) {
		if i > 0 {
			p.line("")
		}
		out, stay := rowsOutOf(s), rowsStaying(s)
		p.line(fmt.Sprintf(p.words.Rows, s, len(out)+len(stay), len(out)))
		for _, row := range rowsWhere(func(r *tcp.Row) bool { return r.From == s && !idle(r) }) {
			p.row(rowLabel, p.destination(&row), &row)
		}
		p.ignored(s)
	}
}

// idle tells whether nothing at all comes of the row.
func idle(r *tcp.Row) bool {
	return r.To == r.From && r.Guard == tcp.Guard{} && r.Actions.String() == "" && r.Linux == "" && r.Deviation == ""
}

// ignored names the events that do nothing in a state, in one paragraph.
func (p *page) ignored(s tcp.State) {
	var events []string
	for _, row := range rowsWhere(func(r *tcp.Row) bool { return r.From == s && idle(r) }) {
		events = append(events, p.language.Phrase(row.Event.String()))
	}
	if len(events) > 0 {
		p.item(rowIndent, rowLabel, p.words.Ignored, strings.Join(events, p.language.Say("and-list")))
	}
}

func (p *page) destination(r *tcp.Row) string {
	if r.To == r.From {
		return p.words.Stays
	}
	return fmt.Sprintf(p.words.To, r.To)
}

// The columns of a row.
const (
	rowIndent = 2
	rowLabel  = 19 // wide enough for "from SYN-RECEIVED"
)

// rows shows the rows of one edge under one label.
func (p *page) rows(label string, rows []tcp.Row) {
	for i := range rows {
		if rows[i].From != rows[i].To {
			p.row(rowLabel, label, &rows[i])
			label = ""
		}
	}
}

// row shows what happens, what the end does, and where that is written, in a
// column beside the label.
func (p *page) row(column int, label string, r *tcp.Row) {
	p.item(rowIndent, column, label, rowSentence(r, p.language))
	p.paragraph(rowIndent+column+2, rowSource(r))
	if r.Deviation != "" {
		p.paragraph(rowIndent+column+2, fmt.Sprintf(p.words.Deviation, deviation(r, p.language)))
	}
}

// rowSentence is "event [guard] / action". What the RFC writes in capitals, and what
// it answers, is said in no other language.
func rowSentence(r *tcp.Row, l Language) string {
	sentence := l.Phrase(r.Event.String())
	if guard := r.Guard.String(); guard != "" {
		sentence += " [" + l.phrases(strings.Split(guard, ", "), l.Say("comma")) + "]"
	}
	if r.Actions != 0 {
		sentence += " / " + l.phrases(strings.Split(r.Actions.String(), "; "), l.Say("semicolon"))
	}
	return sentence
}

func (l Language) phrases(list []string, between string) string {
	said := make([]string, len(list))
	for i, text := range list {
		said[i] = l.Phrase(text)
	}
	return strings.Join(said, between)
}

// rowSource is where the row is written, in the RFC and in Linux, and its name.
func rowSource(r *tcp.Row) string {
	source := r.RFC
	if r.Linux != "" {
		source += "; " + r.Linux
	}
	return source + "; " + r.ID
}
