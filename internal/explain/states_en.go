package explain

import "github.com/synoptic-net/synoptic/tcp"

// looksEnglish says what the commands of looks show.
var looksEnglish = [3]string{
	"each socket with owner, queues, timers and fate",
	"the same sockets, as iproute2 shows them",
	"why they are there, and what to do",
}

// statesEnglish is the English page of every state, indexed by state. Numbers
// are those of Linux 6.18 with its default settings.
var statesEnglish = [tcp.Closed + 1]StateText{
	tcp.Listen:      listenEnglish,
	tcp.SynSent:     synSentEnglish,
	tcp.SynReceived: synReceivedEnglish,
	tcp.Established: establishedEnglish,
	tcp.FinWait1:    finWait1English,
	tcp.FinWait2:    finWait2English,
	tcp.CloseWait:   closeWaitEnglish,
	tcp.Closing:     closingEnglish,
	tcp.LastAck:     lastAckEnglish,
	tcp.TimeWait:    timeWaitEnglish,
	tcp.Closed:      closedEnglish,
}

// Settings that govern several states.
var (
	retries2English = SettingText{"net.ipv4.tcp_retries2", "15",
		"re-sends of unanswered data or FIN while a program holds the socket: given up after about 924.6 s"}
	orphanRetriesEnglish = SettingText{"net.ipv4.tcp_orphan_retries", "0",
		"re-sends once no program holds the socket; 0 means 8, which is about 102 s"}
	maxOrphansEnglish = SettingText{"net.ipv4.tcp_max_orphans", "by memory",
		"with more sockets than this that no program holds, the next one is reset instead of closed in order"}
	portRangeEnglish = SettingText{"net.ipv4.ip_local_port_range", "32768 60999",
		"ports that a connect() without bind() may choose from: about 28 thousand towards one destination"}
	somaxconnEnglish = SettingText{"net.core.somaxconn", "4096",
		"upper limit of the backlog that a program asks for in listen(), which bounds accept queue and half-open queue alike"}
	synBacklogEnglish = SettingText{"net.ipv4.tcp_max_syn_backlog", "by memory",
		"matters only with SYN cookies off: from three quarters of it on, only peers that connected before get in"}
	synCookiesEnglish = SettingText{"net.ipv4.tcp_syncookies", "1",
		"1 answers with cookies while the half-open queue is full, 2 always, 0 never"}
	abortOverflowEnglish = SettingText{"net.ipv4.tcp_abort_on_overflow", "0",
		"1 answers a handshake that finds the accept queue full with RST instead of letting the client try again"}
	keepaliveTimeEnglish = SettingText{"net.ipv4.tcp_keepalive_time", "7200",
		"seconds of silence before the first keepalive probe; only for sockets with SO_KEEPALIVE"}
	keepaliveIntervalEnglish = SettingText{"net.ipv4.tcp_keepalive_intvl", "75",
		"seconds between keepalive probes that stay unanswered"}
	keepaliveProbesEnglish = SettingText{"net.ipv4.tcp_keepalive_probes", "9",
		"unanswered keepalive probes after which the connection is given up"}
)

var listenEnglish = StateText{
	Summary: "a program waits for connections on a port",
	Meaning: "The socket belongs to no connection. It holds an address and a port, takes SYNs for them, and hands finished connections to accept(). " +
		"It stays where it is however many clients come: every client gets a socket of its own.",
	End:  "The server, before any client; there is no other end yet.",
	Peer: "None. A client that dials it goes CLOSED, SYN-SENT, ESTABLISHED.",
	Linux: "A listener never leaves LISTEN when a SYN arrives: the kernel makes a small request socket beside it, which is what SYN-RECEIVED shows. " +
		"For a listener the two queue columns count connections, not bytes: waiting for accept(), and the most that may wait. " +
		"connect() on a listening socket fails with EISCONN, so LISTEN to SYN-SENT exists only on paper.",
	Lasts: "For ever, until the program closes it or ends, or calls shutdown() with SHUT_RD.",
	Causes: []CauseText{
		{"accept-stalled", "the program has stopped calling accept(): finished connections wait, then new SYNs are dropped"},
		{"accept-backlog-too-small", "the program does accept, but a burst is larger than its accept queue"},
		{"unexpected-listener", "a port is open that the baseline does not know"},
		{"exposed-listener", "a service meant for this host alone is reachable from outside"},
	},
	Counters: []CounterText{
		{"TcpExtListenOverflows", "SYNs and final ACKs that met a full accept queue"},
		{"TcpExtListenDrops", "every refused SYN or ACK: the overflows, full half-open queues, missing routes back"},
		{"TcpPassiveOpens", "connections that listeners have made"},
	},
	Settings: []SettingText{somaxconnEnglish, synCookiesEnglish, synBacklogEnglish, abortOverflowEnglish},
}

var synSentEnglish = StateText{
	Summary: "we dialled and wait for an answer",
	Meaning: "Our SYN is out and nothing usable has come back: no SYN,ACK, no RST. The program sits in connect(), or polls for its end.",
	End:     "The client, the end that called connect().",
	Peer: "LISTEN if our SYN never arrived there, SYN-RECEIVED if its SYN,ACK is lost on the way back, " +
		"SYN-SENT too if both dialled at once, or no host at all.",
	Linux: "Any ICMP unreachable ends it at once, where RFC 1122 would have it go on for some codes. An RST that acknowledges our SYN gives ECONNREFUSED. " +
		"A FIN on the SYN,ACK is ignored. shutdown() in this state is a disconnect and sends nothing.",
	Lasts: "About 131 s: one SYN and ten re-sends at 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s, then ETIMEDOUT. " +
		"A dead host on the same link ends it after about 3 s, when neither ARP nor neighbour discovery finds it.",
	Causes: []CauseText{
		{"target-filtered", "the host lives, but this port is dropped without a word, there or on the way"},
		{"target-dead", "nobody has that address: a stream of short attempts rather than a pile"},
		{"target-overloaded", "the target's accept queue is full, so it drops our SYNs"},
		{"synack-dropped-here", "the SYN,ACK does arrive, and a firewall or rp_filter of this host drops it"},
		{"scanning", "one process dials very many hosts or ports"},
		{"stale-nat-entry", "the re-sent SYNs follow a connection tracking entry that is older than the NAT rule"},
		{"hairpin-source-dropped", "through a balancer our own SYN comes back with our own address as its source"},
		{"ephemeral-ports-exhausted", "no local port is left towards that destination: connect() fails with EADDRNOTAVAIL before any SYN"},
		{"self-connect", "we dialled a port of our own ephemeral range and met ourselves; it then shows as ESTABLISHED"},
		{"return-path-filtered", "the server's rp_filter drops our SYN: it arrived there by an interface that is not its way back to us"},
		{"conntrack-full", "a connection tracking table, here or on the way, has no room for the new flow"},
	},
	Counters: []CounterText{
		{"TcpActiveOpens", "attempts to connect"},
		{"TcpAttemptFails", "attempts that failed, half-open ones of servers included"},
		{"TcpExtTCPSynRetrans", "SYNs and SYN,ACKs that were sent again"},
		{"TcpExtTCPTimeouts", "retransmission timers that ran out, in any state"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_syn_retries", "6", "re-sends with doubling pauses"},
		{"net.ipv4.tcp_syn_linear_timeouts", "4", "re-sends one second apart that come before those and on top of them (since 6.5)"},
		portRangeEnglish,
	},
}

var synReceivedEnglish = StateText{
	Summary: "half-open: a SYN came, our SYN,ACK is out, the last ACK is missing",
	Meaning: "The handshake is two thirds done. We know the client's sequence number and have told it ours; " +
		"until its ACK comes we do not know that the client is really there, or that the address is its own.",
	End: "The server. In a simultaneous open both ends are in it.",
	Peer: "SYN-SENT while our SYN,ACK has not arrived; ESTABLISHED when only its ACK is lost, or is put off by TCP_DEFER_ACCEPT or a full accept queue; " +
		"nobody at all when the source address was forged.",
	Linux: "On a listener this is no socket but a request (TCP_NEW_SYN_RECV): no owner, no inode, no descriptor, and the listener stays in LISTEN. " +
		"A full socket is here only after a simultaneous open, with TCP Fast Open, or for microseconds when the final ACK arrives. " +
		"A handshake answered with a SYN cookie has no state here at all. A reset kills the request alone: no socket goes back to LISTEN.",
	Lasts: "63 s after the SYN: the SYN,ACK is sent again after 1, 3, 7, 15 and 31 s. Entries go after two re-sends, about 7 s, " +
		"while the queue is more than half full, and after about 1 s when this host cannot send its SYN,ACK at all.",
	Causes: []CauseText{
		{"syn-flood", "SYNs from very many, mostly forged sources that never finish; the count stops at the backlog, so it does not tell the size"},
		{"syn-flood-from-prefix", "the same from a few hosts or one network"},
		{"synack-blocked-here", "a firewall or the egress of this host drops our own SYN,ACKs"},
		{"synack-lost-on-path", "the SYN,ACK leaves, the live client never gets it and re-sends its SYN"},
		{"asymmetric-return", "the SYN,ACK goes back by another gateway or with another source address, and no handshake ends"},
		{"ack-lost", "the client believes it is connected, and its final ACK does not arrive"},
		{"handshake-withheld", "a few real hosts open connections and leave them half-open"},
		{"deferred-accept", "the listener wants data before it accepts (TCP_DEFER_ACCEPT): harmless"},
		{"syn-queue-too-small", "genuine clients are more than the half-open queue can hold"},
		{"no-return-route", "there is no route to the client: no SYN,ACK, and not even an entry here"},
	},
	Counters: []CounterText{
		{"TcpExtTCPReqQFullDoCookies", "SYNs that met a full half-open queue and were answered with a cookie"},
		{"TcpExtTCPReqQFullDrop", "SYNs that met a full half-open queue and were dropped"},
		{"TcpExtSyncookiesSent", "cookies sent"},
		{"TcpExtSyncookiesRecv", "cookies that came back valid: genuine clients"},
		{"TcpExtTCPSynRetrans", "SYN,ACKs (and SYNs) sent again; flat while TCPTimeouts rises means that they cannot leave"},
		{"TcpExtTCPTimeouts", "retransmission timers that ran out, in any state"},
		{"TcpExtEmbryonicRsts", "half-open connections that a reset ended"},
		{"TcpExtTCPDeferAcceptDrop", "final ACKs put off by TCP_DEFER_ACCEPT"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_synack_retries", "5", "re-sends of the SYN,ACK; TCP_SYNCNT sets it for one listener"},
		synCookiesEnglish, somaxconnEnglish, synBacklogEnglish, abortOverflowEnglish,
	},
}

var establishedEnglish = StateText{
	Summary: "open in both directions",
	Meaning: "Both ends have agreed on sequence numbers, and data may flow both ways. The word says only what this end believes: " +
		"TCP sends nothing on an idle connection, so a peer that lost power leaves it ESTABLISHED.",
	End: "Either end, and as a rule both.",
	Peer: "ESTABLISHED. FIN-WAIT-1, when its FIN is still on the way to us; SYN-RECEIVED, when our last ACK was lost or put off; " +
		"CLOSED, when it died without a word.",
	Linux: "One that no program owns (inode 0) was never accepted: the kernel finished the handshake and it waits in the accept queue. " +
		"An RST must hit the expected sequence number exactly; one that is merely in the window gets a challenge ACK, and so does any SYN (RFC 5961).",
	Lasts: "For ever when idle. With data unanswered about 924.6 s (15 re-sends) or TCP_USER_TIMEOUT; " +
		"with SO_KEEPALIVE and a vanished peer two hours plus 9 probes of 75 s.",
	Causes: []CauseText{
		{"peer-vanished", "the other host is gone and never said so: data or probes stay unanswered"},
		{"no-keepalive", "many idle connections with nothing that could ever notice a vanished peer"},
		{"path-mtu-black-hole", "small segments pass, full-sized ones disappear"},
		{"peer-not-reading", "the peer's program does not read, so its window is zero"},
		{"established-dropped", "a firewall drops packets of connections that exist, while new ones get through"},
		{"accept-stalled", "the ones without an owner wait for an accept() that does not come"},
		{"self-connect", "both ends are the same socket"},
		{"reset-storm", "connections end by RST at an unusual rate"},
	},
	Counters: []CounterText{
		{"TcpCurrEstab", "a gauge: connections in ESTABLISHED or CLOSE-WAIT"},
		{"TcpEstabResets", "connections that went from ESTABLISHED or CLOSE-WAIT straight to CLOSED"},
		{"TcpRetransSegs", "segments sent again"},
		{"TcpExtTCPTimeouts", "retransmission timers that ran out, in any state"},
		{"TcpExtTCPKeepAlive", "keepalive probes sent"},
		{"TcpExtTCPAbortOnTimeout", "connections given up because nothing was answered"},
		{"TcpExtTCPChallengeACK", "challenge ACKs sent"},
	},
	Settings: []SettingText{
		retries2English,
		{"net.ipv4.tcp_retries1", "3", "re-sends after which the kernel looks for another route"},
		keepaliveTimeEnglish, keepaliveIntervalEnglish, keepaliveProbesEnglish,
	},
}
