package ssfilter

import (
	"net/netip"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Filter is a filter that was read by Parse. It does not change and may be used
// by many goroutines. The zero Filter selects everything.
type Filter struct {
	states stateChoice
	expr   expr // nil when nothing but states was said
}

// Names turns words of a filter into numbers. A nil function knows no names.
type Names struct {
	Service func(name string) (port uint16, ok bool) // TCP services, as in /etc/services
	Device  func(name string) (index uint32, ok bool)
	Cgroup  func(path string) (id uint64, ok bool) // id of a cgroup v2 path
	Host    func(name string) []netip.Addr         // every address of a host name
}

// Parse reads a filter; words that a shell has split are joined with blanks
// first. The error is a *SyntaxError.
func Parse(text string, names Names) (*Filter, error) {
	p := parser{lexer: lexer{text: text}, names: names}
	filter, err := p.filter()
	if err != nil {
		return nil, err
	}
	return filter, nil
}

// States returns the selected states. When the filter does not speak of states
// given is false and the set holds all of them; ss then goes by its flags. The
// set may be empty, which a sock_diag request cannot express; Bytecode then
// selects nothing. CLOSED stands for sockets that are bound but inactive, which
// sock_diag must be asked for expressly.
func (f *Filter) States() (set tcp.StateSet, given bool) {
	return f.states.selected(), f.states.given
}

// Match tells whether the filter certainly selects the Endpoint: Judge says
// Yes.
func (f *Filter) Match(e *Endpoint) bool { return f.Judge(e) == Yes }

// Judge tells whether the filter selects the Endpoint. A condition on something
// that the viewer does not know is Maybe, and so is its negation; and, or and
// not pass that on only where it matters (Kleene's logic).
func (f *Filter) Judge(e *Endpoint) Answer {
	judged := f.states.judge(e.State)
	if judged == No || f.expr == nil {
		return judged
	}
	return min(judged, f.expr.judge(e))
}

// String returns the filter in its normal form, which Parse (with the same
// Names) and ss read as the same filter.
func (f *Filter) String() string {
	words := f.states.words()
	if f.expr != nil {
		words = append(words, f.expr.String())
	}
	return strings.Join(words, " ")
}

// stateChoice is what "state" and "exclude" said.
type stateChoice struct {
	set   tcp.StateSet
	given bool
}

func (c stateChoice) selected() tcp.StateSet {
	if !c.given {
		return tcp.AllStates
	}
	return c.set
}

func (c stateChoice) judge(s tcp.State) Answer {
	switch set := c.selected(); {
	case set == tcp.AllStates:
		return Yes
	case s == tcp.Unknown && set != 0:
		return Maybe
	default:
		return answer(set.Has(s))
	}
}

// words returns the choice in words of ss.
func (c stateChoice) words() []string {
	switch {
	case !c.given:
		return nil
	case c.set == 0:
		return []string{"exclude", "all"}
	case c.set == tcp.AllStates:
		return []string{"state", "all"}
	}
	var words []string
	for _, s := range c.set.States() {
		words = append(words, "state", host.Vocabulary(s).SS)
	}
	return words
}
