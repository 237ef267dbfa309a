package explain

import "github.com/synoptic-net/synoptic/fate"

// machineWords are the headings and short phrases of the pages about the state
// machine. What is said about a single state is in states_en.go.
type machineWords struct {
	End, Peer, Linux, Lasts string // labels of the paragraphs
	In, Out                 string // headings above rows
	StaysHere               string // heading above the longest stays, by this host's settings
	StaysByDefault          string // the same, by the kernel's defaults
	Forever                 string
	Causes, Names           string
	Counters, Settings      string
	Look                    string
	From, To, Stays         string // labels of rows
	Default                 string // a setting and its default
	Rows                    string // heading of a state in the table: how many rows, how many of them leave it
	Ignored                 string // label of the events that do nothing in a state
	StayHint                string // how many rows leave the state unchanged
	Kernel, SS, Exporter    string // names of vocabularies
	OpenTelemetry, Netstat  string
	Deviation               string
	Overview, OverviewHint  string
	EdgeHint                string
	Quote                   [2]string              // around what is said
	Cases                   map[fate.Case]string   // in which a socket stays
	Reasons                 map[fate.Reason]string // what ends that
	Stay                    string                 // situation, and what ends it
	Seconds, Minutes        string                 // lengths of time
}

var machineEnglish = machineWords{
	End:            "Who",
	Peer:           "Peer",
	Linux:          "On Linux",
	Lasts:          "How long",
	StaysHere:      "How long at most on this host, if nothing else happens",
	StaysByDefault: "How long at most by the kernel's defaults, if nothing else happens",
	Forever:        "for ever",
	In:             "How a connection gets in",
	Out:            "How it gets out",
	Causes:         "What a pile of them means",
	Names:          "What it is called",
	Counters:       "Counters to watch (nstat -az NAME)",
	Settings:       "Settings that govern it (sysctl NAME)",
	Look:           "How to look",
	From:           "from %s",
	To:             "to %s",
	Stays:          "stays",
	Default:        "%s (default %s)",
	Rows:           "%s: %d rows, %d of them leave it",
	Ignored:        "ignores",
	StayHint:       "In %d more rows the state stays as it is: synoptic explain transitions",
	Kernel:         "kernel",
	SS:             "ss",
	Exporter:       "node_exporter",
	OpenTelemetry:  "OpenTelemetry",
	Netstat:        "netstat",
	Deviation:      "Linux differs: %s",
	Overview:       "The eleven states of a TCP connection (RFC 9293)",
	OverviewHint: "Ask for one of them in any spelling (synoptic explain SYN_RECV), for a change of state (synoptic explain SYN-SENT ESTABLISHED), " +
		"for the whole table (synoptic explain transitions), or for what is often written and wrong (synoptic explain myths). With -o svg, dot or mermaid states, changes and table are pictures.",
	Quote:    [2]string{"“", "”"},
	EdgeHint: "What the two states mean: synoptic explain %s, synoptic explain %s",
	Cases: map[fate.Case]string{
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
	},

	Reasons: map[fate.Reason]string{
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
	},

	Stay:    "%s (%s)",
	Seconds: "%.3g s",
	Minutes: "%d min %02d s",
}
