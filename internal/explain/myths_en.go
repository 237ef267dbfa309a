package explain

// Where figures come from.
const (
	floodBench = "measured on Linux 6.18, two shared vCPUs, IPv4 over one veth pair"
	kernelLab  = "measured on Linux 6.18 in network namespaces"
)

// mythsEnglish are the myths about opening, closing and vanishing, then those
// about floods and queues.
func mythsEnglish() []Myth {
	return append(stateMythsEnglish(), hostMythsEnglish()...)
}

func stateMythsEnglish() []Myth {
	return []Myth{
		{"syn-sent-to-syn-received", "A client that gets the SYN,ACK goes to SYN-RECEIVED and then to ESTABLISHED.",
			"It goes from SYN-SENT straight to ESTABLISHED. Only a bare SYN, when both ends dial at once, leads from SYN-SENT to SYN-RECEIVED.",
			[]Proof{byStory("handshake"), byStory("simultaneous-open"), byRow("syn-sent-syn-ack", false)}},
		{"fin-wait-2-sends", "In FIN-WAIT-2 the end can still send data.",
			"It has sent its FIN and sends acknowledgments alone. It is the other end, in CLOSE-WAIT, that can still send, and FIN-WAIT-2 that receives.",
			[]Proof{byStory("half-close"), byRow("fin-wait-2-send", false), byLab("half-closed-download", "a download after the client finished sending; nothing is wrong with it")}},
		{"fin-timeout-sets-time-wait", "tcp_fin_timeout sets how long TIME-WAIT lasts.",
			"It limits FIN-WAIT-2 of connections that no program holds. TIME-WAIT has a fixed length on Linux, a minute, and no setting changes it.",
			[]Proof{byRow("time-wait-timeout", true), byLab("active-close-churn", "the TIME-WAIT of a busy server, and what to do instead")}},
		{"time-wait-is-an-error", "Many sockets in TIME-WAIT are a fault to be tuned away.",
			"TIME-WAIT keeps old segments out of new connections and answers a FIN that comes again. It costs little; it matters where ports towards one destination or the table run out.",
			[]Proof{byStory("old-duplicate-no-time-wait"), byStory("lost-last-ack"), byLab("time-wait-port-exhaustion", "the case in which it does matter")}},
		{"close-wait-times-out", "CLOSE-WAIT goes away by itself, or with the right sysctl.",
			"No timer ends CLOSE-WAIT. It waits for the local program to call close; the fix is in that program.",
			[]Proof{byStory("never-closed"), byLab("close-wait-leak", "a program that reads the end and forgets to close")}},
		{"established-means-both", "ESTABLISHED means that there is somebody at the other end.",
			"It means that nothing has failed yet. The peer may be switched off or may never have been told; without something to send, or keep-alives, nobody notices.",
			[]Proof{byStory("vanished-peer-idle"), byStory("fake-established"), byStory("firewall-forgets"), byLab("no-keepalive", "idle connections that could never notice")}},
		{"keepalive-by-default", "TCP keep-alive notices dead peers by default.",
			"A program must ask for it with SO_KEEPALIVE, and with the defaults of Linux the first question comes after two hours.",
			[]Proof{byStory("vanished-peer-keepalive"), byLab("peer-vanished-keepalive", "the peer is gone, and probes stay unanswered")}},
		{"any-rst-kills", "Any RST inside the window ends a connection.",
			"Only one whose SEQ is exactly RCV.NXT does. Any other in the window is answered with a challenge ACK.",
			[]Proof{byStory("forged-reset"), byRow("established-rst-inexact", false), byLab("reset-injection", "somebody guesses, and what that looks like")}},
		{"ping-proves-the-network", "Ping works, so it is not the network.",
			"Ping asks for an ICMP echo. It says nothing about this port, this direction, segments of full size, or what a firewall remembers of a connection.",
			[]Proof{byStory("synack-blocked"), byStory("firewall-forgets"), byLab("path-mtu-black-hole", "small packets pass, full-sized ones vanish"), byLab("target-filtered", "the host lives, and one of its ports stays silent")}},
	}
}

func hostMythsEnglish() []Myth {
	return []Myth{
		{"syn-received-means-attack", "A pile of SYN-RECEIVED is an attack.",
			"It is whatever keeps the last ACK away: a blocked or lost SYN,ACK, an answer that takes another way, a setting that waits for data. A flood shows in sources that never complete.",
			[]Proof{byStory("asymmetric-return-silent"), byStory("deferred-accept"), byLab("dnat-without-snat-silent", "DNAT without SNAT: named as such, not as a flood"), byLab("synack-blocked-here", "the server's own firewall")}},
		{"larger-backlog", "A larger backlog stops a SYN flood.",
			"A larger queue is full a little later. What helps is to remember nothing: SYN cookies, which Linux uses by default once the queue is full.",
			[]Proof{byStory("syn-flood"), byStory("syn-flood-cookies"),
				byFigure("5,000 SYN/s without cookies: of 200 connects none succeeds, with a backlog of 128 and with one of 4096; with cookies all 200 do", floodBench)}},
		{"limit-1-per-second", "A rule such as \"--limit 1/s\" on SYNs protects a server.",
			"It drops the SYNs of everybody alike, and so does the attacker's work.",
			[]Proof{byFigure("100 connects a second and no flood at all: the rule refuses 93 to 94 % of them; with a flood, 99 %", floodBench),
				byLab("syn-flood-among-clients", "a flood while genuine clients are served")}},
		{"per-source-limit", "A limit for each source stops a flood.",
			"The sources of a flood are forged, each of them new. The limit never applies, and looking them up costs as much as a cookie.",
			[]Proof{byFigure("random sources: no connect succeeds, and each SYN costs 1,656 ns against 1,800 to 1,890 ns for the kernel's cookies", floodBench)}},
		{"synproxy-is-cheaper", "SYNPROXY is cheaper than the kernel's own SYN cookies.",
			"On a kernel whose listeners take no lock it is not. Its worth is that it can stand in front of another host.",
			[]Proof{byFigure("for each forged SYN: nft SYNPROXY 1,995 ns, kernel cookies 1,889 ns", floodBench)}},
		{"count-shows-strength", "The number of SYN-RECEIVED sockets says how strong a flood is.",
			"It stops at the length of the queue. The strength is in the counters of cookies and drops.",
			[]Proof{byStory("syn-flood"), byFigure("backlog 128: SYN-RECEIVED stops at 129 while 2,871 SYNs are dropped or answered with a cookie", kernelLab),
				byLab("syn-flood-cookies-off", "the counters beside the count")}},
		{"full-queue-refuses", "A full accept queue refuses clients with RST.",
			"By default Linux drops the SYN or the ACK in silence and lets the client try again; only tcp_abort_on_overflow answers with RST. Clients see a delay, not a refusal.",
			[]Proof{byStory("backlog-full"), byLab("accept-stalled-overflow", "the program never accepts, and its queue is full")}},
		{"connect-means-accepted", "connect() succeeded, so the server's program has the connection.",
			"The kernel completes the handshake by itself. The program may be stopped, or never call accept().",
			[]Proof{byLab("accept-stopped", "the program is stopped, and clients connect"), byStory("fake-established")}},
		{"connect-gives-up-after-127-s", "connect() gives up after 63, or after 127 seconds.",
			"Since Linux 6.5 tcp_syn_linear_timeouts puts four retransmissions, a second apart, in front of those whose pauses double.",
			[]Proof{byStory("silent-target"), byFigure("ten retransmissions, after 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s, and ETIMEDOUT at about 131 s (133.6 s measured)", kernelLab)}},
	}
}
