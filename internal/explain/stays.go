package explain

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/tcp"
)

// Stay is how long a socket stays in a state at most, in one situation, if
// nothing else happens.
type Stay struct {
	Case          fate.Case   `json:"case"`
	Text          string      `json:"text"`
	WithinSeconds float64     `json:"within_seconds"` // 0 when Forever
	Forever       bool        `json:"forever"`
	Reason        fate.Reason `json:"reason"`
	Ends          string      `json:"ends"` // what ends it
}

// stays lists the situations of a state under the settings of the page.
func (m Machine) stays(s tcp.State) []Stay {
	var list []Stay
	w := machineTexts.in(m.Language)
	for _, p := range fate.NewForecast(m.Settings).Cases(s) {
		list = append(list, Stay{
			Case: p.Case, Text: w.Cases[p.Case], Ends: w.Reasons[p.Outlook.Reason],
			WithinSeconds: seconds(p.Outlook.Within), Forever: p.Outlook.Forever, Reason: p.Outlook.Reason,
		})
	}
	return list
}

func (p *page) stays(list []Stay, here bool) {
	if len(list) == 0 {
		return
	}
	heading := p.words.StaysByDefault
	if here {
		heading = p.words.StaysHere
	}
	p.heading(heading)
	for _, s := range list {
		p.item(2, 14, s.length(p.words), fmt.Sprintf(p.words.Stay, s.Text, s.Ends))
	}
}

func (s *Stay) length(words *machineWords) string {
	if s.Forever {
		return words.Forever
	}
	d := time.Duration(s.WithinSeconds * float64(time.Second))
	if d < 2*time.Minute {
		return fmt.Sprintf(words.Seconds, d.Seconds())
	}
	return fmt.Sprintf(words.Minutes, d/time.Minute, d%time.Minute/time.Second)
}
