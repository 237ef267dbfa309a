package explain

// finWait1ZhCN is finWait1ZhCN in Simplified Chinese.
var finWait1ZhCN = StateText{
	Summary: "我们先关闭；我们的 FIN 尚未得到确认",
	Meaning: "我们的程序不会再发送数据。FIN 或者排在发送队列中尚存的数据后面，或者已在途中；对端既没有确认它，也没有关闭自己的方向。我们仍接收数据。",
	End:     "先关闭的一端。",
	Peer:    "我们的 FIN 到达之前是 ESTABLISHED，之后是 CLOSE-WAIT；双方同时关闭时也是 FIN-WAIT-1。如果它的确认一直不来，则已消失得无影无踪。",
	Linux:   "它从调用关闭时开始，而不是从 FIN 发出时：窗口关闭时，FIN 可能要等几分钟，线路上什么都看不到。close() 之后没有程序持有该套接字（孤儿连接，inode 0）；shutdown() 之后程序仍持有它。close() 时还有未读数据，或设置了 SO_LINGER 0，会发送 RST，不会进入此状态。",
	Lasts:   "对端应答时为一个往返时间。对端没有回音时，孤儿连接约 102 秒（8 次重传），仍有程序持有的约 924.6 秒；零窗口会使它更长。",
	Causes: []CauseText{
		{"fin-unacknowledged", "对端已不在，途中有什么丢弃了我们的 FIN 或它的 ACK，或者它的窗口为零"},
		{"orphan-limit", "无主套接字太多，内核重置了后来的"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "到期的重传定时器，不论状态"},
		{"TcpRetransSegs", "重传的报文段，包括 FIN"},
		{"TcpExtTCPAbortOnTimeout", "因无应答而放弃的连接"},
		{"TcpExtTCPAbortOnMemory", "因数量过多或内存不足而被重置的孤儿连接"},
		{"TcpExtTCPAbortOnClose", "因有未读数据而变成重置的关闭"},
		{"sockstat.TCP.orphan", "目前没有程序持有的套接字数量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{orphanRetriesZhCN, retries2ZhCN, maxOrphansZhCN},
}

// finWait2ZhCN is finWait2ZhCN in Simplified Chinese.
var finWait2ZhCN = StateText{
	Summary: "我们已关闭，对端知道；对端还没有关闭",
	Meaning: "我们的 FIN 已得到确认：我们这个方向已经结束。另一方向仍然打开，我们在等对端的 FIN。有意这样使用半个连接，想用多久都可以。",
	End:     "先关闭的一端。",
	Peer:    "CLOSE-WAIT：它的内核确认了我们的 FIN，而它的程序还没有关闭。它的 FIN 在途中而没有到达时，是 LAST-ACK。",
	Linux:   "这个名称指两种不同的东西。仍有程序持有套接字时（调用的是 shutdown() 而不是 close()），没有定时器在运行。一旦无人持有，内核只保留一个标明 FIN-WAIT-2 的 time-wait mini 套接字。发给孤儿连接的数据会得到 RST 应答。",
	Lasts:   "由程序持有：永远。作为孤儿连接：tcp_fin_timeout，即 60 秒，且不少于 3.5 倍重传超时。",
	Causes: []CauseText{
		{"half-close-held", "我们自己的程序调用了 shutdown() 却从不 close()：这些永远不会自行消失"},
		{"peer-not-closing", "对端的程序没有关闭；在这里它们于 tcp_fin_timeout 之后消失"},
		{"proxied-culprit", "代理上成对出现 CLOSE-WAIT 和 FIN-WAIT-2：是它后面的程序没有关闭"},
	},
	Counters: []CounterText{
		{"TcpExtTW", "到时结束的 mini 套接字；FIN-WAIT-2 的孤儿连接也在其中，有程序持有的则从不计入"},
		{"TcpExtTCPAbortOnData", "因数据仍在到来，或 SO_LINGER 为 0，而变成重置的关闭"},
		{"TcpExtTCPACKSkippedFinWait2", "没有发送的 ACK，使对零散报文段的应答每秒不超过两次"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_fin_timeout", "60", "孤儿连接停留的秒数；TCP_LINGER2 可为单个套接字设置。它与 TIME-WAIT 的长度无关"},
		maxOrphansZhCN,
	},
}

// closeWaitZhCN is closeWaitZhCN in Simplified Chinese.
var closeWaitZhCN = StateText{
	Summary: "对端已关闭；我们的程序还没有",
	Meaning: "对端的 FIN 已到达并得到确认。那边不会再有数据，读取会得到文件结束，下一步该我们走：我们的程序仍可发送，并且必须关闭。只有程序能正常结束它。",
	End:     "后关闭的一端。",
	Peer:    "FIN-WAIT-2，如果那里没有程序持有则为 60 秒；之后什么都没有，我们发送的任何东西都会得到 RST 应答。我们对它 FIN 的 ACK 丢失时，是 FIN-WAIT-1。",
	Linux:   "接收队列可以区分读到末尾却忘了关闭的程序（0）和还没有查看的程序（1 或更多：FIN 算一个）。没有所有者的（inode 0）从未被接受：它在全连接队列中等待时客户端就放弃了。",
	Lasts:   "永远：内核等待程序关闭或退出。除此之外，只有重置（往往是对迟来的写入或 keepalive 探测的应答）、无人应答的写入或探测，以及 ss -K 能结束它。",
	Causes: []CauseText{
		{"app-not-closing", "程序泄漏描述符：它看到了末尾却不关闭"},
		{"app-blocked", "本应读取并关闭的线程在等别的东西"},
		{"closed-before-accept", "连接还在全连接队列中等待时，客户端就放弃了"},
		{"idle-pool", "连接池让服务器先关闭：数量有限，无害"},
		{"proxied-culprit", "在代理上与 FIN-WAIT-2 成对出现：该怪它后面的程序"},
		{"tuple-clash", "客户端带着同样的端口再来，撞上了泄漏的连接"},
	},
	Counters: []CounterText{
		{"TcpCurrEstab", "把 CLOSE-WAIT 和 ESTABLISHED 合在一起的当前值；内核没有单独统计 CLOSE-WAIT 的计数器"},
		{"TcpEstabResets", "从 ESTABLISHED 或 CLOSE-WAIT 直接到 CLOSED 的连接"},
		{"TcpExtTCPSYNChallenge", "遇到已有连接的 SYN：tuple-clash 的迹象"},
	},
	Settings: []SettingText{keepaliveTimeZhCN, keepaliveIntervalZhCN, keepaliveProbesZhCN},
}

// closingZhCN is closingZhCN in Simplified Chinese.
var closingZhCN = StateText{
	Summary: "双方同时关闭；还缺对我们 FIN 的 ACK",
	Meaning: "我们发送了 FIN，在得到确认之前，对端的 FIN 到了：双方在互不知情的情况下关闭。两个方向都已结束；只差对我们 FIN 的确认。",
	End:     "两端都是，如果两个 FIN 在途中交错。",
	Peer:    "也是 CLOSING；我们的 ACK 已到达它时，已是 TIME-WAIT；它放弃时，是 CLOSED。",
	Linux:   "少见而短暂。对端的 FIN 带着旧的确认号时会看到它。close() 之后没有程序持有它；这时接收队列和发送队列各显示 1，即两个 FIN。",
	Lasts:   "ACK 到达时为一个往返时间。否则作为孤儿连接约 102 秒（8 次重传），仍有程序持有时约 924.6 秒。",
	Causes: []CauseText{
		{"simultaneous-close-stuck", "双方都发送了 FIN，而对我们 FIN 的确认过不来"},
		{"orphan-limit", "无主套接字太多，内核重置了后来的"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "到期的重传定时器，不论状态"},
		{"TcpRetransSegs", "重传的报文段，包括 FIN"},
		{"TcpExtTCPAbortOnTimeout", "因无应答而放弃的连接"},
		{"sockstat.TCP.orphan", "目前没有程序持有的套接字数量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{orphanRetriesZhCN, retries2ZhCN, maxOrphansZhCN},
}

// lastAckZhCN is lastAckZhCN in Simplified Chinese.
var lastAckZhCN = StateText{
	Summary: "我们后关闭；还缺对我们 FIN 的 ACK",
	Meaning: "对端先关闭，现在我们的程序也已关闭，我们的 FIN 在等待确认。确认一到，连接就结束了：这一端不需要 TIME-WAIT，因为由另一端承担。",
	End:     "后关闭的一端。",
	Peer:    "我们的 FIN 到达之前是 FIN-WAIT-2，之后是 TIME-WAIT。它的等待已到时、主机崩溃、或中间的防火墙忘记了这个流时，是 CLOSED。",
	Linux:   "它从 close() 开始，即使发送队列中 FIN 之前还有数据；而 RFC 9293 会等到 FIN 发出。通常是孤儿连接（inode 0）。",
	Lasts:   "ACK 到达时为一个往返时间。否则作为孤儿连接约 102 秒（8 次重传），仍有程序持有时约 924.6 秒。",
	Causes: []CauseText{
		{"last-ack-lost", "我们的 FIN 或它的 ACK 在途中被丢弃，往往是忘记了这个流的防火墙所为"},
		{"orphan-limit", "无主套接字太多，内核重置了后来的"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "到期的重传定时器，不论状态"},
		{"TcpRetransSegs", "重传的报文段，包括 FIN"},
		{"TcpExtTCPAbortOnTimeout", "因无应答而放弃的连接"},
		{"TcpExtTCPAbortOnMemory", "因数量过多或内存不足而被重置的孤儿连接"},
		{"sockstat.TCP.orphan", "目前没有程序持有的套接字数量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{orphanRetriesZhCN, retries2ZhCN, maxOrphansZhCN},
}

// timeWaitZhCN is timeWaitZhCN in Simplified Chinese.
var timeWaitZhCN = StateText{
	Summary: "已结束；在一段时间内不让迟到的报文段进入它的端口",
	Meaning: "双方的 FIN 都已发送并得到确认。先关闭的一端再记住连接一会儿，原因有二：它最后的 ACK 可能丢失，那时对端重传的 FIN 需要应答；这个连接迟到的报文段也不能混入同样端口之间的新连接。",
	End:     "先关闭的一端；同时关闭之后，两端都是。",
	Peer:    "CLOSED。我们最后的 ACK 丢失时，是 LAST-ACK；它的 FIN 随后会再来。",
	Linux:   "一个没有所有者、inode 和缓冲区的 mini 套接字：很小，也没有程序在等它。它的长度是内核中的常数；tcp_fin_timeout 不是这个长度。任何 ACK，哪怕是旧的，都会使 60 秒重新计时。序列号或时间戳更新的 SYN 会立即从它打开新连接。恰好命中的 RST 会提前结束它，除非设置了 tcp_rfc1337。",
	Lasts:   "固定 60 秒。按 RFC 9293 是四分钟（两倍于两分钟的 MSL）。",
	Causes: []CauseText{
		{"active-close-churn", "大量由这一侧先关闭的短连接：通常无害，值得使用连接池或 keep-alive"},
		{"time-wait-port-exhaustion", "它们占用了去往某个目标的大部分本地端口"},
		{"bind-blocked", "程序无法 bind 或 connect，因为它想要的那一对还被记着"},
		{"time-wait-overflow", "达到了 tcp_max_tw_buckets，等待被提前结束"},
	},
	Counters: []CounterText{
		{"TcpExtTW", "到时结束的 mini 套接字"},
		{"TcpExtTWRecycled", "为新的出站连接提前放弃的 mini 套接字（tcp_tw_reuse）"},
		{"TcpExtTCPTimeWaitOverflow", "因达到上限而没有 TIME-WAIT 的关闭"},
		{"sockstat.TCP.tw", "目前 mini 套接字的数量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_tw_reuse", "2", "connect() 能否接管 TIME-WAIT 中的一对：0 不能，1 能，2 仅限环回接口；需要时间戳"},
		{"net.ipv4.tcp_tw_reuse_delay", "1000", "在此之前必须经过的毫秒数"},
		{"net.ipv4.tcp_max_tw_buckets", "视内存而定", "超过这个数量的 mini 套接字不再保留"},
		{"net.ipv4.tcp_rfc1337", "0", "1 使 TIME-WAIT 忽略 RST"},
		portRangeZhCN,
	},
}

// closedZhCN is closedZhCN in Simplified Chinese.
var closedZhCN = StateText{
	Summary: "没有连接",
	Meaning: "什么都不记得。到达这里而不属于任何连接的报文段都会得到 RST 应答，除非它本身就是 RST。每个连接都在这里开始和结束。",
	End:     "任一端，在第一个报文段之前和最后一个之后。",
	Peer:    "什么都有可能：一端消失后是 CLOSED，而对端可能几个小时都显示 ESTABLISHED。",
	Linux:   "已创建或已绑定、既不监听也不连接的套接字在这里；内核称之为 TCP_CLOSE，已绑定的只向明确要求的程序显示（TCP_BOUND_INACTIVE，ss 自 6.8 起）。已结束的连接从所有列表中消失。",
	Lasts:   "永远：已关闭的一端不等任何东西。",
	Causes: []CauseText{
		{"reset-storm", "在这里以 RST 结束的连接多得异常"},
		{"no-return-route", "SYN 在这里没有留下痕迹，因为没有路由可用来应答"},
		{"return-path-filtered", "SYN 在这里没有留下痕迹，因为被 rp_filter 丢弃"},
	},
	Counters: []CounterText{
		{"TcpOutRsts", "发送的重置，包括对未知连接的"},
		{"TcpAttemptFails", "在建立之前结束的连接"},
		{"TcpEstabResets", "从 ESTABLISHED 或 CLOSE-WAIT 直接到 CLOSED 的连接"},
	},
	Settings: []SettingText{portRangeZhCN},
}
