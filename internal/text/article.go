package text

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/articles"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// margin is what stands before the text of a chapter.
const margin = "  "

// Article prints what is said about a cause.
func Article(w io.Writer, a *articles.Article, style Style) error {
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns()}
	words := articles.WordsOf(a.Lang)
	p.titled(string(a.Cause), a.Title)
	p.line("")
	p.hanging("", "", a.Summary, plain)
	p.line("")
	states, needs := a.Heading()
	p.hanging("", margin, words.State+words.Colon+states, dim)
	p.hanging("", margin, words.Needs+words.Colon+needs, dim)

	p.chapter(words.Background, a.Background)
	p.chapter(words.Looks, a.Looks)
	p.named(words.Rivals, a.Rivals)
	p.chapter(words.Lab, a.Lab)
	p.scenarios(a.Scenarios)
	p.named(words.Fixes, a.Fixes)
	p.warnings(words.Never, a.Never)
	p.chapter(words.Refuted, a.Refuted)
	return p.out.Flush()
}

// titled prints a code name and behind it what it is called.
func (p *page) titled(name, title string) {
	if ansi.StringWidth(name)+len(margin)+ansi.StringWidth(title) <= p.width {
		p.line(p.style.paint(bold, name) + margin + title)
		return
	}
	p.line(p.style.paint(bold, name))
	p.hanging(margin, margin, title, plain)
}

func (p *page) heading(title string) {
	p.line("")
	p.hanging("", margin, title, strong(cyan))
}

// chapter prints paragraphs and what stands on a terminal between them.
func (p *page) chapter(title string, blocks []articles.Block) {
	if len(blocks) == 0 {
		return
	}
	p.heading(title)
	for i, b := range blocks {
		if i > 0 {
			p.line("")
		}
		p.hanging(margin, margin, articles.Plain(b.Text), plain)
		for _, line := range b.Lines {
			p.typed(line)
		}
	}
}

// typed prints a line of a terminal. It stands as it is where it has room, for
// who copies it should get it whole.
func (p *page) typed(line string) {
	const deeper = margin + margin
	tone := dim
	if strings.HasPrefix(line, "$ ") {
		tone = green
	}
	if len(deeper)+ansi.StringWidth(line) <= p.width {
		p.line(deeper + p.style.paint(tone, line))
		return
	}
	p.hanging(deeper, deeper+margin, line, tone)
}

// named prints texts with the name of what each is about above it.
func (p *page) named(title string, items []articles.Item) {
	if len(items) == 0 {
		return
	}
	p.heading(title)
	for _, item := range items {
		p.line(margin + p.style.paint(bold, item.Name))
		p.hanging(margin+margin, margin+margin, articles.Plain(item.Text), plain)
	}
}

// scenarios prints how each is run, and what it shows.
func (p *page) scenarios(list []articles.Scenario) {
	if len(list) > 0 {
		p.line("")
	}
	for _, s := range list {
		p.typed("$ synoptic lab run " + s.Name)
		p.hanging(margin+margin+margin, margin+margin+margin, s.Title, plain)
	}
}

func (p *page) warnings(title string, list []string) {
	if len(list) == 0 {
		return
	}
	p.heading(title)
	for _, text := range list {
		p.hanging(margin+"✖ ", margin+margin, articles.Plain(text), plain)
	}
}

// Causes prints every cause with what it is, by state.
func Causes(w io.Writer, lang string, style Style) error {
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns()}
	words := articles.WordsOf(lang)
	for i, family := range articles.Families() {
		if i > 0 {
			p.line("")
		}
		p.hanging("", margin, family.Title(lang), strong(cyan))
		for _, cause := range family.Causes {
			a, _ := articles.Of(cause, lang)
			p.inColumns(string(cause), a.Title)
		}
	}
	p.line("")
	p.hanging("", "", words.ListHint, dim)
	return p.out.Flush()
}

// inColumns prints a code name and its title side by side.
func (p *page) inColumns(name, title string) {
	const column = 27 // the longest cause and a gap
	if p.width < stacked {
		p.line(margin + p.style.paint(bold, name))
		p.hanging(margin+margin, margin+margin, title, plain)
		return
	}
	lead := margin + p.style.paint(bold, lines.Pad(name, column))
	for _, line := range lines.Wrap(title, p.width-len(margin)-column) {
		p.line(lead + line)
		lead = strings.Repeat(" ", len(margin)+column)
	}
}
