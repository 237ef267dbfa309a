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

// Myths returns what is often written and wrong.
func Myths(l Language) []Myth {
	var list []Myth
	for _, plan := range mythList {
		text := (*mythTexts.in(l))[plan.id]
		m := Myth{ID: plan.id, Said: text.Said, Truth: text.Truth}
		rest := text.Proofs
		for i := range plan.proofs {
			own := ""
			if plan.proofs[i].hasText() && len(rest) > 0 {
				own, rest = rest[0], rest[1:]
			}
			m.Proofs = append(m.Proofs, plan.proofs[i].proof(own, l))
		}
		list = append(list, m)
	}
	return list
}

// hasText tells whether a proof has words of its own; a story has its title, a
// row of the table itself.
func (p *proofPlan) hasText() bool { return p.kind == labProof || p.kind == figureProof }

// proof puts words to a plan.
func (p *proofPlan) proof(own string, l Language) Proof {
	switch p.kind {
	case storyProof:
		return Proof{Kind: p.kind, Name: p.name, Command: "synoptic simulate " + p.name, Text: StoryWords(p.name, l).Title}
	case labProof: // the fault on the real kernel, in namespaces of its own
		return Proof{Kind: p.kind, Name: p.name, Command: "synoptic lab run " + p.name, Text: own}
	case rowProof:
		return p.row(l)
	default:
		return Proof{Kind: p.kind, Text: own, Source: (*sourceTexts.in(l))[p.name]}
	}
}

// row is the proof by a row of the table of transitions.
func (p *proofPlan) row(l Language) Proof {
	rows := rowsWhere(func(r *tcp.Row) bool { return r.ID == p.name })
	if len(rows) == 0 {
		return Proof{Kind: rowProof, Name: p.name} // a test finds it
	}
	row := &rows[0]
	text := rowSentence(row, l) + " (" + row.RFC + ")"
	if p.deviation {
		text = deviation(row, l)
	}
	return Proof{Kind: rowProof, Name: p.name, Command: "synoptic explain transitions", Text: text}
}

// myths shows all of them on a page.
func (p *page) myths() {
	for i, m := range Myths(p.language) {
		if i > 0 {
			p.line("")
		}
		p.item(0, 0, "", p.words.Quote[0]+m.Said+p.words.Quote[1])
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

// MythText is what is said about a myth, with a text for each of its proofs that
// has one of its own.
type MythText struct {
	Said, Truth string
	Proofs      []string
}
