package explain

import "github.com/synoptic-net/synoptic/tcp"

// looksZhTW is looksZhTW in Traditional Chinese.
var looksZhTW = [3]string{
	"每個 socket 的所有者、佇列、計時器和去向",
	"同樣的 socket，按 iproute2 的方式顯示",
	"它們為何存在，以及怎麼辦",
}

// statesZhTW is statesZhTW in Traditional Chinese.
var statesZhTW = [tcp.Closed + 1]StateText{
	tcp.Listen:      listenZhTW,
	tcp.SynSent:     synSentZhTW,
	tcp.SynReceived: synReceivedZhTW,
	tcp.Established: establishedZhTW,
	tcp.FinWait1:    finWait1ZhTW,
	tcp.FinWait2:    finWait2ZhTW,
	tcp.CloseWait:   closeWaitZhTW,
	tcp.Closing:     closingZhTW,
	tcp.LastAck:     lastAckZhTW,
	tcp.TimeWait:    timeWaitZhTW,
	tcp.Closed:      closedZhTW,
}

// Settings that govern several states.
var (
	retries2ZhTW = SettingText{"net.ipv4.tcp_retries2", "15",
		"有程式持有 socket 時，對無回應的資料或 FIN 的重傳次數：約 924.6 秒後放棄"}
	orphanRetriesZhTW = SettingText{"net.ipv4.tcp_orphan_retries", "0",
		"不再有程式持有 socket 後的重傳次數；0 表示 8 次，約 102 秒"}
	maxOrphansZhTW = SettingText{"net.ipv4.tcp_max_orphans", "視記憶體而定",
		"無程式持有的 socket 超過這個數量時，下一個會被重置，而不是正常關閉"}
	portRangeZhTW = SettingText{"net.ipv4.ip_local_port_range", "32768 60999",
		"不呼叫 bind() 的 connect() 可以選用的連接埠：每個目標約 2.8 萬個"}
	somaxconnZhTW = SettingText{"net.core.somaxconn", "4096",
		"程式在 listen() 中要求的 backlog 的上限，accept 佇列和半開連線佇列都受它限制"}
	synBacklogZhTW = SettingText{"net.ipv4.tcp_max_syn_backlog", "視記憶體而定",
		"只在 SYN Cookie 關閉時有意義：達到它的四分之三之後，只放行以前連線過的對端"}
	synCookiesZhTW = SettingText{"net.ipv4.tcp_syncookies", "1",
		"1 表示半開連線佇列滿時用 Cookie 回應，2 表示總是，0 表示從不"}
	abortOverflowZhTW = SettingText{"net.ipv4.tcp_abort_on_overflow", "0",
		"1 表示交握遇到 accept 佇列已滿時用 RST 回應，而不是讓用戶端重試"}
	keepaliveTimeZhTW = SettingText{"net.ipv4.tcp_keepalive_time", "7200",
		"傳送第一個 keepalive 探測之前的閒置秒數；只對設定了 SO_KEEPALIVE 的 socket 有效"}
	keepaliveIntervalZhTW = SettingText{"net.ipv4.tcp_keepalive_intvl", "75",
		"keepalive 探測無回應時，相鄰兩次之間的秒數"}
	keepaliveProbesZhTW = SettingText{"net.ipv4.tcp_keepalive_probes", "9",
		"多少次 keepalive 探測無回應之後放棄連線"}
)

// listenZhTW is listenZhTW in Traditional Chinese.
var listenZhTW = StateText{
	Summary: "程式在某個連接埠上等待連線",
	Meaning: "這個 socket 不屬於任何連線。它佔用一個位址和連接埠，接收發往那裡的 SYN，並把完成交握的連線交給 accept()。無論來多少用戶端，它都留在原處：每個用戶端都得到自己的 socket。",
	End:     "伺服器，在任何用戶端到來之前；此時還沒有另一端。",
	Peer:    "沒有。連線它的用戶端依次經過 CLOSED、SYN-SENT、ESTABLISHED。",
	Linux:   "SYN 到來時，監聽 socket 不會離開 LISTEN：核心在旁邊建立一個小的請求 socket，SYN-RECEIVED 顯示的就是它。對監聽 socket 來說，兩個佇列欄中的數字是連線數而不是位元組數：等待 accept() 的數量，以及最多允許等待的數量。在監聽 socket 上呼叫 connect() 會以 EISCONN 失敗，所以從 LISTEN 到 SYN-SENT 只存在於紙面上。",
	Lasts:   "永遠，直到程式關閉它、結束，或以 SHUT_RD 呼叫 shutdown()。",
	Causes: []CauseText{
		{"accept-stalled", "程式不再呼叫 accept()：完成交握的連線先是等待，隨後新的 SYN 被丟棄"},
		{"accept-backlog-too-small", "程式確實在接受連線，但突發數量超過了它的 accept 佇列"},
		{"unexpected-listener", "開放了一個基準中沒有的連接埠"},
		{"exposed-listener", "只應供本機使用的服務可以從外部存取"},
	},
	Counters: []CounterText{
		{"TcpExtListenOverflows", "遇到 accept 佇列已滿的 SYN 和最後的 ACK"},
		{"TcpExtListenDrops", "所有被拒絕的 SYN 或 ACK：accept 佇列溢位、半開連線佇列已滿、缺少返回路由"},
		{"TcpPassiveOpens", "監聽連接埠建立的連線"},
	},
	Settings: []SettingText{somaxconnZhTW, synCookiesZhTW, synBacklogZhTW, abortOverflowZhTW},
}

// synSentZhTW is synSentZhTW in Traditional Chinese.
var synSentZhTW = StateText{
	Summary: "我們發起了連線，正在等待回應",
	Meaning: "我們的 SYN 已經發出，還沒有收到有用的答覆：既沒有 SYN,ACK，也沒有 RST。程式停在 connect() 中，或者在輪詢等它結束。",
	End:     "用戶端，即呼叫 connect() 的一端。",
	Peer:    "如果我們的 SYN 沒有到達，是 LISTEN；如果它的 SYN,ACK 在返回途中遺失，是 SYN-RECEIVED；如果雙方同時發起連線，也是 SYN-SENT；或者那裡根本沒有主機。",
	Linux:   "任何 ICMP 不可達都會立即結束它，而 RFC 1122 要求其中某些代碼應繼續等待。確認了我們 SYN 的 RST 使程式得到 ECONNREFUSED。SYN,ACK 上的 FIN 會被忽略。在此狀態呼叫 shutdown() 等於斷開，什麼都不傳送。",
	Lasts:   "約 131 秒：一個 SYN 和十次重傳，分別在第 1、2、3、4、5、7、11、19、35 和 67 秒，然後是 ETIMEDOUT。同一鏈結上的主機若已不在，ARP 和鄰居發現都找不到它時，約 3 秒後結束。",
	Causes: []CauseText{
		{"target-filtered", "主機在執行，但這個連接埠在那裡或途中被靜默丟棄"},
		{"target-dead", "沒有主機使用該位址：表現為一連串短暫的嘗試，而不是堆積"},
		{"target-overloaded", "目標的 accept 佇列已滿，因此丟棄我們的 SYN"},
		{"synack-dropped-here", "SYN,ACK 確實到達了，卻被本機的防火牆或 rp_filter 丟棄"},
		{"scanning", "一個行程在連線大量主機或連接埠"},
		{"stale-nat-entry", "重傳的 SYN 沿用了早於 NAT 規則的連線追蹤項目"},
		{"hairpin-source-dropped", "經過負載平衡器之後，我們自己的 SYN 帶著我們自己的來源位址回來"},
		{"ephemeral-ports-exhausted", "去往該目標已沒有本機連接埠：connect() 在發出任何 SYN 之前就以 EADDRNOTAVAIL 失敗"},
		{"self-connect", "我們連線的連接埠在自己的臨時連接埠範圍內，結果連上了自己；它隨後顯示為 ESTABLISHED"},
		{"return-path-filtered", "伺服器的 rp_filter 丟棄了我們的 SYN：它到達的介面不是返回我們的那個"},
		{"conntrack-full", "本機或途中的連線追蹤表沒有位置容納新的流"},
	},
	Counters: []CounterText{
		{"TcpActiveOpens", "發起連線的次數"},
		{"TcpAttemptFails", "失敗的嘗試，包括伺服器的半開連線"},
		{"TcpExtTCPSynRetrans", "重傳的 SYN 和 SYN,ACK"},
		{"TcpExtTCPTimeouts", "到期的重傳計時器，不論狀態"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_syn_retries", "6", "間隔逐次加倍的重傳次數"},
		{"net.ipv4.tcp_syn_linear_timeouts", "4", "在上述重傳之前另加的、間隔一秒的重傳次數（6.5 起）"},
		portRangeZhTW,
	},
}

// synReceivedZhTW is synReceivedZhTW in Traditional Chinese.
var synReceivedZhTW = StateText{
	Summary: "半開連線：SYN 已到，我們的 SYN,ACK 已發出，還缺最後的 ACK",
	Meaning: "三次交握完成了三分之二。我們知道用戶端的序號，也把自己的告訴了它；在它的 ACK 到來之前，我們不知道用戶端是否真的存在，也不知道那個位址是不是它自己的。",
	End:     "伺服器。同時開啟時，兩端都處於此狀態。",
	Peer:    "我們的 SYN,ACK 尚未到達時，是 SYN-SENT；只是它的 ACK 遺失，或因 TCP_DEFER_ACCEPT、accept 佇列已滿而推遲時，是 ESTABLISHED；來源位址是偽造的時，根本沒有對端。",
	Linux:   "在監聽連接埠上，它不是 socket，而是請求（TCP_NEW_SYN_RECV）：沒有所有者、inode 和描述子，監聽 socket 仍處於 LISTEN。只有在同時開啟之後、使用 TCP Fast Open 時，或最後的 ACK 到達時的幾微秒內，才是完整的 socket。用 SYN Cookie 回應的交握在這裡沒有任何狀態。重置只會結束請求：沒有 socket 退回 LISTEN。",
	Lasts:   "SYN 之後 63 秒：SYN,ACK 在 1、3、7、15 和 31 秒後重傳。佇列過半時，重傳兩次之後（約 7 秒）項目消失；本機根本發不出 SYN,ACK 時約 1 秒。",
	Causes: []CauseText{
		{"syn-flood", "SYN 來自大量的、多半偽造的來源位址，從不完成；數量止於 backlog，因此看不出規模"},
		{"syn-flood-from-prefix", "同上，但來自少數主機或同一網路"},
		{"synack-blocked-here", "本機的防火牆或出口丟棄了我們自己的 SYN,ACK"},
		{"synack-lost-on-path", "SYN,ACK 已發出，正常的用戶端卻收不到，於是重傳 SYN"},
		{"asymmetric-return", "SYN,ACK 經另一閘道或以另一來源位址返回，交握無一完成"},
		{"ack-lost", "用戶端以為已連上，而它最後的 ACK 沒有到達"},
		{"handshake-withheld", "少數真實主機開啟連線後停在半開連線"},
		{"deferred-accept", "監聽連接埠要等到資料才接受（TCP_DEFER_ACCEPT）：無害"},
		{"syn-queue-too-small", "正常用戶端的數量超過了半開連線佇列的容量"},
		{"no-return-route", "沒有到用戶端的路由：沒有 SYN,ACK，這裡甚至沒有項目"},
	},
	Counters: []CounterText{
		{"TcpExtTCPReqQFullDoCookies", "遇到半開連線佇列已滿、得到 Cookie 回應的 SYN"},
		{"TcpExtTCPReqQFullDrop", "遇到半開連線佇列已滿而被丟棄的 SYN"},
		{"TcpExtSyncookiesSent", "發出的 Cookie"},
		{"TcpExtSyncookiesRecv", "返回且有效的 Cookie：正常用戶端"},
		{"TcpExtTCPSynRetrans", "重傳的 SYN,ACK（和 SYN）；TCPTimeouts 上升而它不變，說明發不出去"},
		{"TcpExtTCPTimeouts", "到期的重傳計時器，不論狀態"},
		{"TcpExtEmbryonicRsts", "被重置結束的半開連線"},
		{"TcpExtTCPDeferAcceptDrop", "因 TCP_DEFER_ACCEPT 推遲的最後的 ACK"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_synack_retries", "5", "SYN,ACK 的重傳次數；TCP_SYNCNT 可為單個監聽連接埠設定"},
		synCookiesZhTW, somaxconnZhTW, synBacklogZhTW, abortOverflowZhTW,
	},
}

// establishedZhTW is establishedZhTW in Traditional Chinese.
var establishedZhTW = StateText{
	Summary: "兩個方向都已開啟",
	Meaning: "兩端已就序號達成一致，資料可以雙向流動。這個詞只說明本端的認識：TCP 在閒置連線上什麼都不傳送，因此對端斷電後這裡仍是 ESTABLISHED。",
	End:     "任一端，通常兩端都是。",
	Peer:    "ESTABLISHED。它的 FIN 還在途中時，是 FIN-WAIT-1；我們最後的 ACK 遺失或被推遲時，是 SYN-RECEIVED；它悄然消失時，是 CLOSED。",
	Linux:   "沒有程式持有的（inode 0）從未被接受：核心完成了交握，它在 accept 佇列中等待。RST 必須恰好命中期望的序號；只是落在視窗內的會得到挑戰 ACK，任何 SYN 也是如此（RFC 5961）。",
	Lasts:   "閒置時永遠。有資料無回應時約 924.6 秒（15 次重傳），或按 TCP_USER_TIMEOUT；設定了 SO_KEEPALIVE 而對端消失時，兩小時加上 9 次間隔 75 秒的探測。",
	Causes: []CauseText{
		{"peer-vanished", "另一台主機已不在，卻沒有告知：資料或探測得不到回應"},
		{"no-keepalive", "大量閒置連線，沒有任何機制能發現對端消失"},
		{"path-mtu-black-hole", "小區段能通過，最大長度的消失不見"},
		{"peer-not-reading", "對端的程式不讀取資料，於是視窗為零"},
		{"established-dropped", "防火牆丟棄已有連線的封包，而新連線能通過"},
		{"accept-stalled", "沒有所有者的連線在等待一直不來的 accept()"},
		{"self-connect", "兩端是同一個 socket"},
		{"reset-storm", "以 RST 結束的連線多得異常"},
	},
	Counters: []CounterText{
		{"TcpCurrEstab", "目前值：處於 ESTABLISHED 或 CLOSE-WAIT 的連線數"},
		{"TcpEstabResets", "從 ESTABLISHED 或 CLOSE-WAIT 直接到 CLOSED 的連線"},
		{"TcpRetransSegs", "重傳的區段"},
		{"TcpExtTCPTimeouts", "到期的重傳計時器，不論狀態"},
		{"TcpExtTCPKeepAlive", "傳送的 keepalive 探測"},
		{"TcpExtTCPAbortOnTimeout", "因無回應而放棄的連線"},
		{"TcpExtTCPChallengeACK", "傳送的挑戰 ACK"},
	},
	Settings: []SettingText{
		retries2ZhTW,
		{"net.ipv4.tcp_retries1", "3", "重傳多少次之後核心會另找路由"},
		keepaliveTimeZhTW, keepaliveIntervalZhTW, keepaliveProbesZhTW,
	},
}
