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

var casesEnglish = map[fate.Case]string{
	fate.Unanswered:   "what was sent is never acknowledged",
	fate.Crowded:      "the same, while the queue is over half full",
	fate.Orphan:       "our FIN is never acknowledged, no program holds it",
	fate.Held:         "our FIN is never acknowledged, a program holds it",
	fate.OrphanWaits:  "no program holds it",
	fate.HeldWaits:    "a program holds it",
	fate.Idle:         "idle, without keepalive, the peer gone",
	fate.KeptAlive:    "idle, with keepalive, the peer gone",
	fate.WindowClosed: "the peer takes no data but answers probes",
	fate.Waits:        "always",
}

var reasonsEnglish = map[fate.Reason]string{
	fate.SynRetries:    "tcp_syn_retries and tcp_syn_linear_timeouts",
	fate.SynAckRetries: "tcp_synack_retries",
	fate.DataRetries:   "tcp_retries2, or TCP_USER_TIMEOUT",
	fate.OrphanRetries: "tcp_orphan_retries",
	fate.Keepalive:     "tcp_keepalive_time, _intvl and _probes",
	fate.FinTimeout:    "tcp_fin_timeout",
	fate.TimeWait:      "the kernel's fixed 60 s",
	fate.WindowProbes:  "the peer, or the program",
	fate.Program:       "the program",
	fate.Nothing:       "nothing: no timer runs",
}

// stays lists the situations of a state under the settings of the page.
func (m Machine) stays(s tcp.State) []Stay {
	var list []Stay
	for _, p := range fate.NewForecast(m.Settings).Cases(s) {
		list = append(list, Stay{
			Case: p.Case, Text: casesEnglish[p.Case], Ends: reasonsEnglish[p.Outlook.Reason],
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
		p.item(2, 14, s.length(p.words), fmt.Sprintf("%s (%s)", s.Text, s.Ends))
	}
}

func (s *Stay) length(words *machineWords) string {
	if s.Forever {
		return words.Forever
	}
	d := time.Duration(s.WithinSeconds * float64(time.Second))
	if d < 2*time.Minute {
		return fmt.Sprintf("%.3g s", d.Seconds())
	}
	return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
}
