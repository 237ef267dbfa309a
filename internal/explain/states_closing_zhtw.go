package explain

// finWait1ZhTW is finWait1ZhTW in Traditional Chinese.
var finWait1ZhTW = StateText{
	Summary: "我們先關閉；我們的 FIN 尚未得到確認",
	Meaning: "我們的程式不會再傳送資料。FIN 或者排在傳送佇列中尚存的資料後面，或者已在途中；對端既沒有確認它，也沒有關閉自己的方向。我們仍接收資料。",
	End:     "先關閉的一端。",
	Peer:    "我們的 FIN 到達之前是 ESTABLISHED，之後是 CLOSE-WAIT；雙方同時關閉時也是 FIN-WAIT-1。如果它的確認一直不來，則已消失得無影無蹤。",
	Linux:   "它從呼叫關閉時開始，而不是從 FIN 發出時：視窗關閉時，FIN 可能要等幾分鐘，線路上什麼都看不到。close() 之後沒有程式持有該 socket（孤兒連線，inode 0）；shutdown() 之後程式仍持有它。close() 時還有未讀資料，或設定了 SO_LINGER 0，會傳送 RST，不會進入此狀態。",
	Lasts:   "對端回應時為一個往返時間。對端沒有回應時，孤兒連線約 102 秒（8 次重傳），仍有程式持有的約 924.6 秒；零視窗會使它更長。",
	Causes: []CauseText{
		{"fin-unacknowledged", "對端已不在，途中有什麼丟棄了我們的 FIN 或它的 ACK，或者它的視窗為零"},
		{"orphan-limit", "無主 socket 太多，核心重置了後來的"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "到期的重傳計時器，不論狀態"},
		{"TcpRetransSegs", "重傳的區段，包括 FIN"},
		{"TcpExtTCPAbortOnTimeout", "因無回應而放棄的連線"},
		{"TcpExtTCPAbortOnMemory", "因數量過多或記憶體不足而被重置的孤兒連線"},
		{"TcpExtTCPAbortOnClose", "因有未讀資料而變成重置的關閉"},
		{"sockstat.TCP.orphan", "目前沒有程式持有的 socket 數量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{orphanRetriesZhTW, retries2ZhTW, maxOrphansZhTW},
}

// finWait2ZhTW is finWait2ZhTW in Traditional Chinese.
var finWait2ZhTW = StateText{
	Summary: "我們已關閉，對端知道；對端還沒有關閉",
	Meaning: "我們的 FIN 已得到確認：我們這個方向已經結束。另一方向仍然開啟，我們在等對端的 FIN。有意這樣使用半個連線，想用多久都可以。",
	End:     "先關閉的一端。",
	Peer:    "CLOSE-WAIT：它的核心確認了我們的 FIN，而它的程式還沒有關閉。它的 FIN 在途中而沒有到達時，是 LAST-ACK。",
	Linux:   "這個名稱指兩種不同的東西。仍有程式持有 socket 時（呼叫的是 shutdown() 而不是 close()），沒有計時器在執行。一旦無人持有，核心只保留一個標明 FIN-WAIT-2 的 time-wait mini socket。發給孤兒連線的資料會得到 RST 回應。",
	Lasts:   "由程式持有：永遠。作為孤兒連線：tcp_fin_timeout，即 60 秒，且不少於 3.5 倍重傳逾時。",
	Causes: []CauseText{
		{"half-close-held", "我們自己的程式呼叫了 shutdown() 卻從不 close()：這些永遠不會自行消失"},
		{"peer-not-closing", "對端的程式沒有關閉；在這裡它們於 tcp_fin_timeout 之後消失"},
		{"proxied-culprit", "代理上成對出現 CLOSE-WAIT 和 FIN-WAIT-2：是它後面的程式沒有關閉"},
	},
	Counters: []CounterText{
		{"TcpExtTW", "到時結束的 mini socket；FIN-WAIT-2 的孤兒連線也在其中，有程式持有的則從不計入"},
		{"TcpExtTCPAbortOnData", "因資料仍在到來，或 SO_LINGER 為 0，而變成重置的關閉"},
		{"TcpExtTCPACKSkippedFinWait2", "沒有傳送的 ACK，使對零散區段的回應每秒不超過兩次"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_fin_timeout", "60", "孤兒連線停留的秒數；TCP_LINGER2 可為單個 socket 設定。它與 TIME-WAIT 的長度無關"},
		maxOrphansZhTW,
	},
}

// closeWaitZhTW is closeWaitZhTW in Traditional Chinese.
var closeWaitZhTW = StateText{
	Summary: "對端已關閉；我們的程式還沒有",
	Meaning: "對端的 FIN 已到達並得到確認。那邊不會再有資料，讀取會得到檔案結束，下一步該我們走：我們的程式仍可傳送，並且必須關閉。只有程式能正常結束它。",
	End:     "後關閉的一端。",
	Peer:    "FIN-WAIT-2，如果那裡沒有程式持有則為 60 秒；之後什麼都沒有，我們傳送的任何東西都會得到 RST 回應。我們對它 FIN 的 ACK 遺失時，是 FIN-WAIT-1。",
	Linux:   "接收佇列可以區分讀到結尾卻忘了關閉的程式（0）和還沒有查看的程式（1 或更多：FIN 算一個）。沒有所有者的（inode 0）從未被接受：它在 accept 佇列中等待時用戶端就放棄了。",
	Lasts:   "永遠：核心等待程式關閉或結束。除此之外，只有重置（往往是對遲來的寫入或 keepalive 探測的回應）、無人回應的寫入或探測，以及 ss -K 能結束它。",
	Causes: []CauseText{
		{"app-not-closing", "程式洩漏描述子：它看到了結尾卻不關閉"},
		{"app-blocked", "本應讀取並關閉的執行緒在等別的東西"},
		{"closed-before-accept", "連線還在 accept 佇列中等待時，用戶端就放棄了"},
		{"idle-pool", "連線池讓伺服器先關閉：數量有限，無害"},
		{"proxied-culprit", "在代理上與 FIN-WAIT-2 成對出現：該怪它後面的程式"},
		{"tuple-clash", "用戶端帶著同樣的連接埠再來，撞上了洩漏的連線"},
	},
	Counters: []CounterText{
		{"TcpCurrEstab", "把 CLOSE-WAIT 和 ESTABLISHED 合在一起的目前值；核心沒有單獨統計 CLOSE-WAIT 的計數器"},
		{"TcpEstabResets", "從 ESTABLISHED 或 CLOSE-WAIT 直接到 CLOSED 的連線"},
		{"TcpExtTCPSYNChallenge", "遇到已有連線的 SYN：tuple-clash 的跡象"},
	},
	Settings: []SettingText{keepaliveTimeZhTW, keepaliveIntervalZhTW, keepaliveProbesZhTW},
}

// closingZhTW is closingZhTW in Traditional Chinese.
var closingZhTW = StateText{
	Summary: "雙方同時關閉；還缺對我們 FIN 的 ACK",
	Meaning: "我們傳送了 FIN，在得到確認之前，對端的 FIN 到了：雙方在互不知情的情況下關閉。兩個方向都已結束；只差對我們 FIN 的確認。",
	End:     "兩端都是，如果兩個 FIN 在途中交錯。",
	Peer:    "也是 CLOSING；我們的 ACK 已到達它時，已是 TIME-WAIT；它放棄時，是 CLOSED。",
	Linux:   "少見而短暫。對端的 FIN 帶著舊的確認號時會看到它。close() 之後沒有程式持有它；這時接收佇列和傳送佇列各顯示 1，即兩個 FIN。",
	Lasts:   "ACK 到達時為一個往返時間。否則作為孤兒連線約 102 秒（8 次重傳），仍有程式持有時約 924.6 秒。",
	Causes: []CauseText{
		{"simultaneous-close-stuck", "雙方都傳送了 FIN，而對我們 FIN 的確認過不來"},
		{"orphan-limit", "無主 socket 太多，核心重置了後來的"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "到期的重傳計時器，不論狀態"},
		{"TcpRetransSegs", "重傳的區段，包括 FIN"},
		{"TcpExtTCPAbortOnTimeout", "因無回應而放棄的連線"},
		{"sockstat.TCP.orphan", "目前沒有程式持有的 socket 數量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{orphanRetriesZhTW, retries2ZhTW, maxOrphansZhTW},
}

// lastAckZhTW is lastAckZhTW in Traditional Chinese.
var lastAckZhTW = StateText{
	Summary: "我們後關閉；還缺對我們 FIN 的 ACK",
	Meaning: "對端先關閉，現在我們的程式也已關閉，我們的 FIN 在等待確認。確認一到，連線就結束了：這一端不需要 TIME-WAIT，因為由另一端承擔。",
	End:     "後關閉的一端。",
	Peer:    "我們的 FIN 到達之前是 FIN-WAIT-2，之後是 TIME-WAIT。它的等待已到時、主機崩潰、或中間的防火牆忘記了這個流時，是 CLOSED。",
	Linux:   "它從 close() 開始，即使傳送佇列中 FIN 之前還有資料；而 RFC 9293 會等到 FIN 發出。通常是孤兒連線（inode 0）。",
	Lasts:   "ACK 到達時為一個往返時間。否則作為孤兒連線約 102 秒（8 次重傳），仍有程式持有時約 924.6 秒。",
	Causes: []CauseText{
		{"last-ack-lost", "我們的 FIN 或它的 ACK 在途中被丟棄，往往是忘記了這個流的防火牆所為"},
		{"orphan-limit", "無主 socket 太多，核心重置了後來的"},
	},
	Counters: []CounterText{
		{"TcpExtTCPTimeouts", "到期的重傳計時器，不論狀態"},
		{"TcpRetransSegs", "重傳的區段，包括 FIN"},
		{"TcpExtTCPAbortOnTimeout", "因無回應而放棄的連線"},
		{"TcpExtTCPAbortOnMemory", "因數量過多或記憶體不足而被重置的孤兒連線"},
		{"sockstat.TCP.orphan", "目前沒有程式持有的 socket 數量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{orphanRetriesZhTW, retries2ZhTW, maxOrphansZhTW},
}

// timeWaitZhTW is timeWaitZhTW in Traditional Chinese.
var timeWaitZhTW = StateText{
	Summary: "已結束；在一段時間內不讓遲到的區段進入它的連接埠",
	Meaning: "雙方的 FIN 都已傳送並得到確認。先關閉的一端再記住連線一會兒，原因有二：它最後的 ACK 可能遺失，那時對端重傳的 FIN 需要回應；這個連線遲到的區段也不能混入同樣連接埠之間的新連線。",
	End:     "先關閉的一端；同時關閉之後，兩端都是。",
	Peer:    "CLOSED。我們最後的 ACK 遺失時，是 LAST-ACK；它的 FIN 隨後會再來。",
	Linux:   "一個沒有所有者、inode 和緩衝區的 mini socket：很小，也沒有程式在等它。它的長度是核心中的常數；tcp_fin_timeout 不是這個長度。任何 ACK，哪怕是舊的，都會使 60 秒重新計時。序號或時間戳記更新的 SYN 會立即從它開啟新連線。恰好命中的 RST 會提前結束它，除非設定了 tcp_rfc1337。",
	Lasts:   "固定 60 秒。按 RFC 9293 是四分鐘（兩倍於兩分鐘的 MSL）。",
	Causes: []CauseText{
		{"active-close-churn", "大量由這一側先關閉的短連線：通常無害，值得使用連線池或 keep-alive"},
		{"time-wait-port-exhaustion", "它們佔用了去往某個目標的大部分本機連接埠"},
		{"bind-blocked", "程式無法 bind 或 connect，因為它想要的那一對還被記著"},
		{"time-wait-overflow", "達到了 tcp_max_tw_buckets，等待被提前結束"},
	},
	Counters: []CounterText{
		{"TcpExtTW", "到時結束的 mini socket"},
		{"TcpExtTWRecycled", "為新的對外連線提前放棄的 mini socket（tcp_tw_reuse）"},
		{"TcpExtTCPTimeWaitOverflow", "因達到上限而沒有 TIME-WAIT 的關閉"},
		{"sockstat.TCP.tw", "目前 mini socket 的數量（/proc/net/sockstat）"},
	},
	Settings: []SettingText{
		{"net.ipv4.tcp_tw_reuse", "2", "connect() 能否接管 TIME-WAIT 中的一對：0 不能，1 能，2 僅限 loopback 介面；需要時間戳記"},
		{"net.ipv4.tcp_tw_reuse_delay", "1000", "在此之前必須經過的毫秒數"},
		{"net.ipv4.tcp_max_tw_buckets", "視記憶體而定", "超過這個數量的 mini socket 不再保留"},
		{"net.ipv4.tcp_rfc1337", "0", "1 使 TIME-WAIT 忽略 RST"},
		portRangeZhTW,
	},
}

// closedZhTW is closedZhTW in Traditional Chinese.
var closedZhTW = StateText{
	Summary: "沒有連線",
	Meaning: "什麼都不記得。到達這裡而不屬於任何連線的區段都會得到 RST 回應，除非它本身就是 RST。每個連線都在這裡開始和結束。",
	End:     "任一端，在第一個區段之前和最後一個之後。",
	Peer:    "什麼都有可能：一端消失後是 CLOSED，而對端可能幾個小時都顯示 ESTABLISHED。",
	Linux:   "已建立或已綁定、既不監聽也不連線的 socket 在這裡；核心稱之為 TCP_CLOSE，已綁定的只嚮明確要求的程式顯示（TCP_BOUND_INACTIVE，ss 自 6.8 起）。已結束的連線從所有列表中消失。",
	Lasts:   "永遠：已關閉的一端不等任何東西。",
	Causes: []CauseText{
		{"reset-storm", "在這裡以 RST 結束的連線多得異常"},
		{"no-return-route", "SYN 在這裡沒有留下痕跡，因為沒有路由可用來回應"},
		{"return-path-filtered", "SYN 在這裡沒有留下痕跡，因為被 rp_filter 丟棄"},
	},
	Counters: []CounterText{
		{"TcpOutRsts", "傳送的重置，包括對未知連線的"},
		{"TcpAttemptFails", "在建立之前結束的連線"},
		{"TcpEstabResets", "從 ESTABLISHED 或 CLOSE-WAIT 直接到 CLOSED 的連線"},
	},
	Settings: []SettingText{portRangeZhTW},
}
