package explain

import "github.com/synoptic-net/synoptic/tcp"

// MythsWord is the argument that asks for the myths.
const MythsWord = "myths"

// Myth is something that is often written about TCP states and wrong.
type Myth struct {
	ID     string  `json:"id"`
	Said   string  `json:"said"`
	Truth  string  `json:"truth"`
	Proofs []Proof `json:"proofs"`
}

// Proof is what refutes a myth: something to run, or a figure.
type Proof struct {
	Kind    string `json:"kind"`              // "story", "lab", "row" or "figure"
	Name    string `json:"name,omitempty"`    // of the story, the scenario or the row
	Command string `json:"command,omitempty"` // that shows it
	Text    string `json:"text"`              // what it shows
	Source  string `json:"source,omitempty"`  // of a figure
}

// MythsDocument is the list of all myths.
type MythsDocument struct {
	Myths []Myth `json:"myths"`
}

// The kinds of proofs.
const (
	storyProof  = "story"
	labProof    = "lab"
	rowProof    = "row"
	figureProof = "figure"
)

// byStory shows a story of package simulate; what there is to see is its title.
func byStory(name string) Proof {
	return Proof{Kind: storyProof, Name: name, Command: "synoptic simulate " + name, Text: EnglishStory(name).Title}
}

// byLab makes the fault on the real kernel, in namespaces of its own.
func byLab(name, text string) Proof {
	return Proof{Kind: labProof, Name: name, Command: "synoptic lab run " + name, Text: text}
}

// byRow is a row of the table of transitions, with what Linux makes of it if
// deviation is asked for.
func byRow(id string, deviation bool) Proof {
	rows := rowsWhere(func(r *tcp.Row) bool { return r.ID == id })
	if len(rows) == 0 {
		return Proof{Kind: rowProof, Name: id} // a test finds it
	}
	row := &rows[0]
	text := rowSentence(row) + " (" + row.RFC + ")"
	if deviation {
		text = row.Deviation
	}
	return Proof{Kind: rowProof, Name: id, Command: "synoptic explain transitions", Text: text}
}

// byFigure is something that was measured, and where.
func byFigure(text, source string) Proof {
	return Proof{Kind: figureProof, Text: text, Source: source}
}

// myths shows all of them on a page.
func (p *page) myths() {
	for i, m := range Myths() {
		if i > 0 {
			p.line("")
		}
		p.item(0, 0, "", "“"+m.Said+"”")
		p.paragraph(2, m.Truth)
		for _, proof := range m.Proofs {
			p.proof(&proof)
		}
	}
}

func (p *page) proof(proof *Proof) {
	switch {
	case proof.Command != "":
		p.paragraph(4, "$ "+proof.Command)
		p.paragraph(8, proof.Text)
	default:
		p.paragraph(4, proof.Text)
		p.paragraph(8, proof.Source)
	}
}

// Myths returns what is often written and wrong, in English.
func Myths() []Myth { return mythsEnglish() }
