package articles

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Folder is where the pages of a language stand, from the top of the repository.
func Folder(lang string) string {
	if lang == Languages()[0] {
		return "docs/causes"
	}
	return "docs/" + lang + "/causes"
}

// Markdown returns the article. Other causes are links to files beside it.
func (a *Article) Markdown() string {
	words := WordsOf(a.Lang)
	p := &strings.Builder{}
	fmt.Fprintf(p, "# `%s`%s%s\n\n%s\n\n", a.Cause, words.Colon, a.Title, a.Summary)
	states, needs := a.Heading()
	fmt.Fprintf(p, "- %s%s%s\n- %s%s%s\n", words.State, words.Colon, states, words.Needs, words.Colon, needs)
	chapter(p, words.Background, a.Background)
	chapter(p, words.Looks, a.Looks)
	fmt.Fprintf(p, "\n## %s\n\n", words.Rivals)
	for _, r := range a.Rivals {
		fmt.Fprintf(p, "- [`%[1]s`](%[1]s.md)%[2]s%[3]s\n", r.Name, words.Colon, r.Text)
	}
	chapter(p, words.Lab, a.Lab)
	a.commands(p, words)
	fmt.Fprintf(p, "\n## %s\n\n", words.Fixes)
	for i, f := range a.Fixes {
		fmt.Fprintf(p, "%d. `%s`%s%s\n", i+1, f.Name, words.Colon, f.Text)
	}
	fmt.Fprintf(p, "\n## %s\n\n", words.Never)
	for _, text := range a.Never {
		fmt.Fprintf(p, "- %s\n", text)
	}
	chapter(p, words.Refuted, a.Refuted)
	return p.String()
}

func chapter(p *strings.Builder, title string, list []Block) {
	fmt.Fprintf(p, "\n## %s\n", title)
	for _, b := range list {
		if b.Text != "" {
			fmt.Fprintf(p, "\n%s\n", b.Text)
			continue
		}
		fmt.Fprintf(p, "\n```console\n%s\n```\n", strings.Join(b.Lines, "\n"))
	}
}

// commands lists the scenarios as they are run.
func (a *Article) commands(p *strings.Builder, words *Words) {
	if len(a.Scenarios) == 0 {
		return
	}
	fmt.Fprintln(p)
	for _, s := range a.Scenarios {
		fmt.Fprintf(p, "- `synoptic lab run %s`%s%s\n", s.Name, words.Colon, s.Title)
	}
}

// page is the article as a file under docs: it says where it comes from, and leads
// to the index and to the same page in other languages.
func (a *Article) page() string {
	words := WordsOf(a.Lang)
	return fmt.Sprintf("<!-- %s -->\n\n[%s](README.md) · %s\n\n%s",
		words.Generated, words.AllCauses, otherLanguages(a.Lang, string(a.Cause)+".md"), a.Markdown())
}

func otherLanguages(lang, page string) string {
	var links []string
	for _, other := range Languages() {
		name := WordsOf(other).Language
		if other != lang {
			name = fmt.Sprintf("[%s](%s%s/%s)", name, toTop(lang), strings.TrimPrefix(Folder(other), "docs/"), page)
		}
		links = append(links, name)
	}
	return strings.Join(links, " · ")
}

// toTop leads from the folder of a language to docs.
func toTop(lang string) string {
	return strings.Repeat("../", strings.Count(Folder(lang), "/"))
}

// Index returns the list of all causes. Each is a link to a file beside it.
func Index(lang string) string {
	words := WordsOf(lang)
	p := &strings.Builder{}
	fmt.Fprintf(p, "# %s\n\n%s\n", words.AllCauses, words.IndexIntro)
	for _, family := range Families() {
		fmt.Fprintf(p, "\n## %s\n\n| %s | %s |\n|---|---|\n", family.Title(lang), words.CauseCell, words.About)
		for _, cause := range family.Causes {
			a, _ := Of(cause, lang)
			fmt.Fprintf(p, "| [`%[1]s`](%[1]s.md) | %[2]s |\n", cause, a.Summary)
		}
	}
	return p.String()
}

// Title is what the causes of a family have in common.
func (f Family) Title(lang string) string {
	if f.States == "" {
		return WordsOf(lang).HostWide
	}
	return f.States
}

// Pages returns every page of a language by its path from the top of the
// repository.
func Pages(lang string) map[string]string {
	index := fmt.Sprintf("<!-- %s -->\n\n%s\n\n%s", WordsOf(lang).Generated, otherLanguages(lang, "README.md"), Index(lang))
	pages := map[string]string{Folder(lang) + "/README.md": index}
	for _, cause := range Causes() {
		a, _ := Of(diagnose.Cause(cause), lang)
		pages[Folder(lang)+"/"+cause+".md"] = a.page()
	}
	return pages
}
