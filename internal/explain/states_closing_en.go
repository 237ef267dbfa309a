package explain

var finWait1English = StateText{
	Summary: "we closed first; our FIN is not acknowledged yet",
	Meaning: "Our program will send nothing more. The FIN stands in the send queue behind data that is still there, or is already on its way; " +
		"the peer has neither acknowledged it nor closed its own direction. We still take data.",
	End: "The end that closed first.",
	Peer: "ESTABLISHED until our FIN arrives, CLOSE-WAIT after it, and FIN-WAIT-1 too when both closed at once. " +
		"Gone without trace, if its acknowledgement never comes.",
	Linux: "It begins with the call, not with the FIN: behind a closed window the FIN can wait for minutes, and nothing on the wire shows it. " +
		"After close() no program holds the socket (an orphan, inode 0); after shutdown() the program still does. " +
		"A close() with unread data, or with SO_LINGER 0, sends RST and never comes here.",
	Lasts: "One round trip, when the peer answers. A silent peer keeps an orphan for about 102 s (8 re-sends), " +
		"and a socket that a program still holds for about 924.6 s; a zero window can make it longer.",
	Causes: []CauseText{
		{"fin-unacknowledged", "the peer is gone, something on the way drops our FIN or its ACK, or its window is zero"},
		{"orphan-limit", "so many sockets without owner that the kernel resets further ones"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "retransmission timers that ran out, in any state"},
		{"TcpRetransSegs", "segments sent again, FINs included"},
		{"TcpExtTCPAbortOnTimeout", "connections given up because nothing was answered"},
		{"TcpExtTCPAbortOnMemory", "orphans reset because there were too many, or memory was short"},
		{"TcpExtTCPAbortOnClose", "closes that became a reset because data was unread"},
		{"sockstat.TCP.orphan", "how many sockets no program holds now (/proc/net/sockstat)"},
	},
	Settings: []SettingText{orphanRetriesEnglish, retries2English, maxOrphansEnglish},
}

var finWait2English = StateText{
	Summary: "we closed and the peer knows it; the peer has not closed yet",
	Meaning: "Our FIN is acknowledged: our direction is finished. The other direction is still open, and we wait for the peer's FIN. " +
		"Half of a connection may be used like this on purpose for as long as anyone likes.",
	End:  "The end that closed first.",
	Peer: "CLOSE-WAIT: its kernel has acknowledged our FIN, and its program has not closed. LAST-ACK, when its FIN is on the way and does not arrive.",
	Linux: "Two different things carry this name. While a program still holds the socket (it called shutdown(), not close()), no timer runs. " +
		"Once nobody holds it, the kernel keeps only a time-wait minisocket that says FIN-WAIT-2. " +
		"Data that arrives for an orphan is answered with RST.",
	Lasts: "Held by a program: for ever. As orphan: tcp_fin_timeout, 60 s, and never less than 3.5 retransmission timeouts.",
	Causes: []CauseText{
		{"half-close-held", "our own program called shutdown() and never close(): these never go by themselves"},
		{"peer-not-closing", "the peer's program does not close; here they go after tcp_fin_timeout"},
		{"proxied-culprit", "a proxy shows pairs of CLOSE-WAIT and FIN-WAIT-2: the program behind it does not close"},
	},
	Counters: []CounterText{
		{"TcpExtTW", "minisockets that ran out their time; orphans of FIN-WAIT-2 are among them, held sockets never"},
		{"TcpExtTCPAbortOnData", "closes that became a reset because data was still coming, or SO_LINGER was 0"},
		{"TcpExtTCPACKSkippedFinWait2", "ACKs not sent, to answer stray segments no faster than twice a second"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_fin_timeout", "60", "seconds that an orphan stays; TCP_LINGER2 sets it for one socket. It has nothing to do with the length of TIME-WAIT"},
		maxOrphansEnglish,
	},
}

var closeWaitEnglish = StateText{
	Summary: "the peer closed; our program has not",
	Meaning: "The peer's FIN has arrived and is acknowledged. Nothing more will come from there, reading gives end of file, and the next move is ours: " +
		"our program may still send, and must close. Nobody but the program can end it in order.",
	End: "The end that closes second.",
	Peer: "FIN-WAIT-2, for 60 s if no program holds it there; after that nothing, and whatever we send is answered with RST. " +
		"FIN-WAIT-1, when our ACK of its FIN was lost.",
	Linux: "The receive queue tells a program that read the end and forgot to close (0) from one that has not looked (1 or more: the FIN counts as one). " +
		"Without an owner (inode 0) it was never accepted: the client gave up while it waited in the accept queue.",
	Lasts: "For ever: the kernel waits for the program to close or to end. Nothing else ends it but a reset (often the answer to a late write or a keepalive probe), " +
		"a write or probe that nobody answers, or ss -K.",
	Causes: []CauseText{
		{"app-not-closing", "the program leaks descriptors: it saw the end and does not close"},
		{"app-blocked", "the threads that should read and close wait for something else"},
		{"closed-before-accept", "clients gave up while their connections waited in the accept queue"},
		{"idle-pool", "a connection pool lets the server close first: bounded and harmless"},
		{"proxied-culprit", "on a proxy, paired with FIN-WAIT-2: the program behind it is to blame"},
		{"tuple-clash", "a client comes back with the same ports and meets the leaked connection"},
	},
	Counters: []CounterText{
		{"TcpCurrEstab", "a gauge that counts CLOSE-WAIT and ESTABLISHED together; no counter of the kernel singles CLOSE-WAIT out"},
		{"TcpEstabResets", "connections that went from ESTABLISHED or CLOSE-WAIT straight to CLOSED"},
		{"TcpExtTCPSYNChallenge", "SYNs that met an existing connection: the sign of tuple-clash"},
	},
	Settings: []SettingText{keepaliveTimeEnglish, keepaliveIntervalEnglish, keepaliveProbesEnglish},
}

var closingEnglish = StateText{
	Summary: "both closed at once; the ACK of our FIN is missing",
	Meaning: "We sent a FIN, and before its acknowledgement a FIN of the peer arrived: both ends closed without knowing of each other. " +
		"Both directions have ended; only the acknowledgement of our FIN is outstanding.",
	End:  "Both ends, if each FIN passed the other on the way.",
	Peer: "CLOSING too, or already TIME-WAIT when our ACK has reached it. CLOSED, when it gave up.",
	Linux: "Rare and short. It is seen when the peer's FIN carries an old acknowledgement number. After close() no program holds it; " +
		"its receive and send queue then show 1 each, the two FINs.",
	Lasts: "One round trip, when the ACK arrives. Otherwise about 102 s as orphan (8 re-sends), or about 924.6 s while a program holds it.",
	Causes: []CauseText{
		{"simultaneous-close-stuck", "both sent a FIN, and the acknowledgement of ours does not come through"},
		{"orphan-limit", "so many sockets without owner that the kernel resets further ones"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "retransmission timers that ran out, in any state"},
		{"TcpRetransSegs", "segments sent again, FINs included"},
		{"TcpExtTCPAbortOnTimeout", "connections given up because nothing was answered"},
		{"sockstat.TCP.orphan", "how many sockets no program holds now (/proc/net/sockstat)"},
	},
	Settings: []SettingText{orphanRetriesEnglish, retries2English, maxOrphansEnglish},
}

var lastAckEnglish = StateText{
	Summary: "we closed second; the ACK of our FIN is missing",
	Meaning: "The peer closed first, our program has closed now, and our FIN waits for its acknowledgement. When that arrives the connection is over: " +
		"this end needs no TIME-WAIT, because the other end keeps it.",
	End: "The end that closes second.",
	Peer: "FIN-WAIT-2 until our FIN arrives, TIME-WAIT after it. CLOSED, when its wait has run out, when it crashed, " +
		"or when a firewall between us has forgotten the flow.",
	Linux: "It begins with close(), even while data stands before the FIN in the send queue, where RFC 9293 would wait until the FIN is sent. " +
		"Usually an orphan (inode 0).",
	Lasts: "One round trip, when the ACK arrives. Otherwise about 102 s as orphan (8 re-sends), or about 924.6 s while a program holds it.",
	Causes: []CauseText{
		{"last-ack-lost", "our FIN or its ACK is dropped on the way, often by a firewall that forgot the flow"},
		{"orphan-limit", "so many sockets without owner that the kernel resets further ones"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "retransmission timers that ran out, in any state"},
		{"TcpRetransSegs", "segments sent again, FINs included"},
		{"TcpExtTCPAbortOnTimeout", "connections given up because nothing was answered"},
		{"TcpExtTCPAbortOnMemory", "orphans reset because there were too many, or memory was short"},
		{"sockstat.TCP.orphan", "how many sockets no program holds now (/proc/net/sockstat)"},
	},
	Settings: []SettingText{orphanRetriesEnglish, retries2English, maxOrphansEnglish},
}

var timeWaitEnglish = StateText{
	Summary: "finished; late segments are kept away from its ports for a while",
	Meaning: "Both FINs are sent and acknowledged. The end that closed first remembers the connection a little longer, for two reasons: " +
		"its last ACK may be lost, and then the peer's repeated FIN needs an answer; and late segments of this connection must not fall into a new one between the same ports.",
	End:  "The end that closed first; both, after a simultaneous close.",
	Peer: "CLOSED. LAST-ACK, when our last ACK was lost; its FIN then comes again.",
	Linux: "A minisocket without owner, inode or buffers: small, and no program is waiting for it. Its length is a constant of the kernel; " +
		"tcp_fin_timeout is not that length. Any ACK, even an old one, starts the 60 s again. " +
		"A SYN with a newer sequence number or timestamp opens a new connection out of it at once. An exact RST ends it early unless tcp_rfc1337 is set.",
	Lasts: "60 s, fixed. Four minutes (twice an MSL of two minutes) by RFC 9293.",
	Causes: []CauseText{
		{"active-close-churn", "many short connections that this side closes first: usually harmless, worth a pool or keep-alive"},
		{"time-wait-port-exhaustion", "they hold most local ports towards one destination"},
		{"bind-blocked", "a program cannot bind or connect, because the pair it wants is still remembered"},
		{"time-wait-overflow", "tcp_max_tw_buckets is reached, and the wait is cut short"},
	},
	Counters: []CounterText{
		{"TcpExtTW", "minisockets that ran out their time"},
		{"TcpExtTWRecycled", "minisockets given up early for a new outgoing connection (tcp_tw_reuse)"},
		{"TcpExtTCPTimeWaitOverflow", "closes that got no TIME-WAIT because the limit was reached"},
		{"sockstat.TCP.tw", "how many minisockets there are now (/proc/net/sockstat)"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_tw_reuse", "2", "may connect() take over a pair in TIME-WAIT: 0 no, 1 yes, 2 on loopback only; needs timestamps"},
		{"net.ipv4.tcp_tw_reuse_delay", "1000", "milliseconds that must have passed before it may"},
		{"net.ipv4.tcp_max_tw_buckets", "by memory", "more minisockets than this are not kept"},
		{"net.ipv4.tcp_rfc1337", "0", "1 lets TIME-WAIT ignore RST"},
		portRangeEnglish,
	},
}

var closedEnglish = StateText{
	Summary: "no connection",
	Meaning: "Nothing is remembered. Whatever arrives here for no connection is answered with RST, unless it is an RST itself. " +
		"Every connection begins and ends here.",
	End:  "Either end, before the first and after the last segment.",
	Peer: "Anything: an end that died is CLOSED while its peer may show ESTABLISHED for hours.",
	Linux: "A socket that was made or bound and neither listens nor connects is here; the kernel calls it TCP_CLOSE, and shows bound ones only " +
		"to programs that ask for them (TCP_BOUND_INACTIVE, ss since 6.8). A connection that has ended vanishes from every list.",
	Lasts: "For ever: a closed end waits for nothing.",
	Causes: []CauseText{
		{"reset-storm", "connections end here by RST at an unusual rate"},
		{"no-return-route", "SYNs leave no trace here, because there is no route to answer them by"},
		{"return-path-filtered", "SYNs leave no trace here, because rp_filter drops them"},
	},
	Counters: []CounterText{
		{"TcpOutRsts", "resets sent, for unknown connections among others"},
		{"TcpAttemptFails", "connections that ended before they were established"},
		{"TcpEstabResets", "connections that went from ESTABLISHED or CLOSE-WAIT straight to CLOSED"},
	},
	Settings: []SettingText{portRangeEnglish},
}
