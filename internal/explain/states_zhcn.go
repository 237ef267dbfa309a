package explain

import "github.com/synoptic-net/synoptic/tcp"

// looksZhCN is looksZhCN in Simplified Chinese.
var looksZhCN = [3]string{
	"每个套接字的所有者、队列、定时器和去向",
	"同样的套接字，按 iproute2 的方式显示",
	"它们为何存在，以及怎么办",
}

// statesZhCN is statesZhCN in Simplified Chinese.
var statesZhCN = [tcp.Closed + 1]StateText{
	tcp.Listen:      listenZhCN,
	tcp.SynSent:     synSentZhCN,
	tcp.SynReceived: synReceivedZhCN,
	tcp.Established: establishedZhCN,
	tcp.FinWait1:    finWait1ZhCN,
	tcp.FinWait2:    finWait2ZhCN,
	tcp.CloseWait:   closeWaitZhCN,
	tcp.Closing:     closingZhCN,
	tcp.LastAck:     lastAckZhCN,
	tcp.TimeWait:    timeWaitZhCN,
	tcp.Closed:      closedZhCN,
}

// Settings that govern several states.
var (
	retries2ZhCN = SettingText{"net.ipv4.tcp_retries2", "15",
		"有程序持有套接字时，对无应答的数据或 FIN 的重传次数：约 924.6 秒后放弃"}
	orphanRetriesZhCN = SettingText{"net.ipv4.tcp_orphan_retries", "0",
		"不再有程序持有套接字后的重传次数；0 表示 8 次，约 102 秒"}
	maxOrphansZhCN = SettingText{"net.ipv4.tcp_max_orphans", "视内存而定",
		"无程序持有的套接字超过这个数量时，下一个会被重置，而不是正常关闭"}
	portRangeZhCN = SettingText{"net.ipv4.ip_local_port_range", "32768 60999",
		"不调用 bind() 的 connect() 可以选用的端口：每个目标约 2.8 万个"}
	somaxconnZhCN = SettingText{"net.core.somaxconn", "4096",
		"程序在 listen() 中要求的 backlog 的上限，全连接队列和半连接队列都受它限制"}
	synBacklogZhCN = SettingText{"net.ipv4.tcp_max_syn_backlog", "视内存而定",
		"只在 SYN Cookie 关闭时有意义：达到它的四分之三之后，只放行以前连接过的对端"}
	synCookiesZhCN = SettingText{"net.ipv4.tcp_syncookies", "1",
		"1 表示半连接队列满时用 Cookie 应答，2 表示总是，0 表示从不"}
	abortOverflowZhCN = SettingText{"net.ipv4.tcp_abort_on_overflow", "0",
		"1 表示握手遇到全连接队列已满时用 RST 应答，而不是让客户端重试"}
	keepaliveTimeZhCN = SettingText{"net.ipv4.tcp_keepalive_time", "7200",
		"发送第一个 keepalive 探测之前的空闲秒数；只对设置了 SO_KEEPALIVE 的套接字有效"}
	keepaliveIntervalZhCN = SettingText{"net.ipv4.tcp_keepalive_intvl", "75",
		"keepalive 探测无应答时，相邻两次之间的秒数"}
	keepaliveProbesZhCN = SettingText{"net.ipv4.tcp_keepalive_probes", "9",
		"多少次 keepalive 探测无应答之后放弃连接"}
)

// listenZhCN is listenZhCN in Simplified Chinese.
var listenZhCN = StateText{
	Summary: "程序在某个端口上等待连接",
	Meaning: "这个套接字不属于任何连接。它占用一个地址和端口，接收发往那里的 SYN，并把完成握手的连接交给 accept()。无论来多少客户端，它都留在原处：每个客户端都得到自己的套接字。",
	End:     "服务器，在任何客户端到来之前；此时还没有另一端。",
	Peer:    "没有。连接它的客户端依次经过 CLOSED、SYN-SENT、ESTABLISHED。",
	Linux:   "SYN 到来时，监听套接字不会离开 LISTEN：内核在旁边建立一个小的请求套接字，SYN-RECEIVED 显示的就是它。对监听套接字来说，两个队列列中的数字是连接数而不是字节数：等待 accept() 的数量，以及最多允许等待的数量。在监听套接字上调用 connect() 会以 EISCONN 失败，所以从 LISTEN 到 SYN-SENT 只存在于纸面上。",
	Lasts:   "永远，直到程序关闭它、退出，或以 SHUT_RD 调用 shutdown()。",
	Causes: []CauseText{
		{"accept-stalled", "程序不再调用 accept()：完成握手的连接先是等待，随后新的 SYN 被丢弃"},
		{"accept-backlog-too-small", "程序确实在接受连接，但突发数量超过了它的全连接队列"},
		{"unexpected-listener", "开放了一个基线中没有的端口"},
		{"exposed-listener", "只应供本机使用的服务可以从外部访问"},
	},
	Counters: []CounterText{
		{"TcpExtListenOverflows", "遇到全连接队列已满的 SYN 和最后的 ACK"},
		{"TcpExtListenDrops", "所有被拒绝的 SYN 或 ACK：全连接队列溢出、半连接队列已满、缺少返回路由"},
		{"TcpPassiveOpens", "监听端口建立的连接"},
	},
	Settings: []SettingText{somaxconnZhCN, synCookiesZhCN, synBacklogZhCN, abortOverflowZhCN},
}

// synSentZhCN is synSentZhCN in Simplified Chinese.
var synSentZhCN = StateText{
	Summary: "我们发起了连接，正在等待应答",
	Meaning: "我们的 SYN 已经发出，还没有收到有用的答复：既没有 SYN,ACK，也没有 RST。程序停在 connect() 中，或者在轮询等它结束。",
	End:     "客户端，即调用 connect() 的一端。",
	Peer:    "如果我们的 SYN 没有到达，是 LISTEN；如果它的 SYN,ACK 在返回途中丢失，是 SYN-RECEIVED；如果双方同时发起连接，也是 SYN-SENT；或者那里根本没有主机。",
	Linux:   "任何 ICMP 不可达都会立即结束它，而 RFC 1122 要求其中某些代码应继续等待。确认了我们 SYN 的 RST 使程序得到 ECONNREFUSED。SYN,ACK 上的 FIN 会被忽略。在此状态调用 shutdown() 等于断开，什么都不发送。",
	Lasts:   "约 131 秒：一个 SYN 和十次重传，分别在第 1、2、3、4、5、7、11、19、35 和 67 秒，然后是 ETIMEDOUT。同一链路上的主机若已不在，ARP 和邻居发现都找不到它时，约 3 秒后结束。",
	Causes: []CauseText{
		{"target-filtered", "主机在运行，但这个端口在那里或途中被静默丢弃"},
		{"target-dead", "没有主机使用该地址：表现为一连串短暂的尝试，而不是堆积"},
		{"target-overloaded", "目标的全连接队列已满，因此丢弃我们的 SYN"},
		{"synack-dropped-here", "SYN,ACK 确实到达了，却被本机的防火墙或 rp_filter 丢弃"},
		{"scanning", "一个进程在连接大量主机或端口"},
		{"stale-nat-entry", "重传的 SYN 沿用了早于 NAT 规则的连接跟踪表项"},
		{"hairpin-source-dropped", "经过负载均衡器之后，我们自己的 SYN 带着我们自己的源地址回来"},
		{"ephemeral-ports-exhausted", "去往该目标已没有本地端口：connect() 在发出任何 SYN 之前就以 EADDRNOTAVAIL 失败"},
		{"self-connect", "我们连接的端口在自己的临时端口范围内，结果连上了自己；它随后显示为 ESTABLISHED"},
		{"return-path-filtered", "服务器的 rp_filter 丢弃了我们的 SYN：它到达的接口不是返回我们的那个"},
		{"conntrack-full", "本机或途中的连接跟踪表没有位置容纳新的流"},
	},
	Counters: []CounterText{
		{"TcpActiveOpens", "发起连接的次数"},
		{"TcpAttemptFails", "失败的尝试，包括服务器的半连接"},
		{"TcpExtTCPSynRetrans", "重传的 SYN 和 SYN,ACK"},
		{"TcpExtTCPTimeouts", "到期的重传定时器，不论状态"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_syn_retries", "6", "间隔逐次加倍的重传次数"},
		{"net.ipv4.tcp_syn_linear_timeouts", "4", "在上述重传之前另加的、间隔一秒的重传次数（6.5 起）"},
		portRangeZhCN,
	},
}

// synReceivedZhCN is synReceivedZhCN in Simplified Chinese.
var synReceivedZhCN = StateText{
	Summary: "半连接：SYN 已到，我们的 SYN,ACK 已发出，还缺最后的 ACK",
	Meaning: "三次握手完成了三分之二。我们知道客户端的序列号，也把自己的告诉了它；在它的 ACK 到来之前，我们不知道客户端是否真的存在，也不知道那个地址是不是它自己的。",
	End:     "服务器。同时打开时，两端都处于此状态。",
	Peer:    "我们的 SYN,ACK 尚未到达时，是 SYN-SENT；只是它的 ACK 丢失，或因 TCP_DEFER_ACCEPT、全连接队列已满而推迟时，是 ESTABLISHED；源地址是伪造的时，根本没有对端。",
	Linux:   "在监听端口上，它不是套接字，而是请求（TCP_NEW_SYN_RECV）：没有所有者、inode 和描述符，监听套接字仍处于 LISTEN。只有在同时打开之后、使用 TCP Fast Open 时，或最后的 ACK 到达时的几微秒内，才是完整的套接字。用 SYN Cookie 应答的握手在这里没有任何状态。重置只会结束请求：没有套接字退回 LISTEN。",
	Lasts:   "SYN 之后 63 秒：SYN,ACK 在 1、3、7、15 和 31 秒后重传。队列过半时，重传两次之后（约 7 秒）条目消失；本机根本发不出 SYN,ACK 时约 1 秒。",
	Causes: []CauseText{
		{"syn-flood", "SYN 来自大量的、多半伪造的源地址，从不完成；数量止于 backlog，因此看不出规模"},
		{"syn-flood-from-prefix", "同上，但来自少数主机或同一网络"},
		{"synack-blocked-here", "本机的防火墙或出口丢弃了我们自己的 SYN,ACK"},
		{"synack-lost-on-path", "SYN,ACK 已发出，正常的客户端却收不到，于是重传 SYN"},
		{"asymmetric-return", "SYN,ACK 经另一网关或以另一源地址返回，握手无一完成"},
		{"ack-lost", "客户端以为已连上，而它最后的 ACK 没有到达"},
		{"handshake-withheld", "少数真实主机打开连接后停在半连接"},
		{"deferred-accept", "监听端口要等到数据才接受（TCP_DEFER_ACCEPT）：无害"},
		{"syn-queue-too-small", "正常客户端的数量超过了半连接队列的容量"},
		{"no-return-route", "没有到客户端的路由：没有 SYN,ACK，这里甚至没有条目"},
	},
	Counters: []CounterText{
		{"TcpExtTCPReqQFullDoCookies", "遇到半连接队列已满、得到 Cookie 应答的 SYN"},
		{"TcpExtTCPReqQFullDrop", "遇到半连接队列已满而被丢弃的 SYN"},
		{"TcpExtSyncookiesSent", "发出的 Cookie"},
		{"TcpExtSyncookiesRecv", "返回且有效的 Cookie：正常客户端"},
		{"TcpExtTCPSynRetrans", "重传的 SYN,ACK（和 SYN）；TCPTimeouts 上升而它不变，说明发不出去"},
		{"TcpExtTCPTimeouts", "到期的重传定时器，不论状态"},
		{"TcpExtEmbryonicRsts", "被重置结束的半连接"},
		{"TcpExtTCPDeferAcceptDrop", "因 TCP_DEFER_ACCEPT 推迟的最后的 ACK"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_synack_retries", "5", "SYN,ACK 的重传次数；TCP_SYNCNT 可为单个监听端口设置"},
		synCookiesZhCN, somaxconnZhCN, synBacklogZhCN, abortOverflowZhCN,
	},
}

// establishedZhCN is establishedZhCN in Simplified Chinese.
var establishedZhCN = StateText{
	Summary: "两个方向都已打开",
	Meaning: "两端已就序列号达成一致，数据可以双向流动。这个词只说明本端的认识：TCP 在空闲连接上什么都不发送，因此对端断电后这里仍是 ESTABLISHED。",
	End:     "任一端，通常两端都是。",
	Peer:    "ESTABLISHED。它的 FIN 还在途中时，是 FIN-WAIT-1；我们最后的 ACK 丢失或被推迟时，是 SYN-RECEIVED；它悄然消失时，是 CLOSED。",
	Linux:   "没有程序持有的（inode 0）从未被接受：内核完成了握手，它在全连接队列中等待。RST 必须恰好命中期望的序列号；只是落在窗口内的会得到挑战 ACK，任何 SYN 也是如此（RFC 5961）。",
	Lasts:   "空闲时永远。有数据无应答时约 924.6 秒（15 次重传），或按 TCP_USER_TIMEOUT；设置了 SO_KEEPALIVE 而对端消失时，两小时加上 9 次间隔 75 秒的探测。",
	Causes: []CauseText{
		{"peer-vanished", "另一台主机已不在，却没有告知：数据或探测得不到应答"},
		{"no-keepalive", "大量空闲连接，没有任何机制能发现对端消失"},
		{"path-mtu-black-hole", "小报文段能通过，最大长度的消失不见"},
		{"peer-not-reading", "对端的程序不读取数据，于是窗口为零"},
		{"established-dropped", "防火墙丢弃已有连接的数据包，而新连接能通过"},
		{"accept-stalled", "没有所有者的连接在等待一直不来的 accept()"},
		{"self-connect", "两端是同一个套接字"},
		{"reset-storm", "以 RST 结束的连接多得异常"},
	},
	Counters: []CounterText{
		{"TcpCurrEstab", "当前值：处于 ESTABLISHED 或 CLOSE-WAIT 的连接数"},
		{"TcpEstabResets", "从 ESTABLISHED 或 CLOSE-WAIT 直接到 CLOSED 的连接"},
		{"TcpRetransSegs", "重传的报文段"},
		{"TcpExtTCPTimeouts", "到期的重传定时器，不论状态"},
		{"TcpExtTCPKeepAlive", "发送的 keepalive 探测"},
		{"TcpExtTCPAbortOnTimeout", "因无应答而放弃的连接"},
		{"TcpExtTCPChallengeACK", "发送的挑战 ACK"},
	},
	Settings: []SettingText{
		retries2ZhCN,
		{"net.ipv4.tcp_retries1", "3", "重传多少次之后内核会另找路由"},
		keepaliveTimeZhCN, keepaliveIntervalZhCN, keepaliveProbesZhCN,
	},
}
