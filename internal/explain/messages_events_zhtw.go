package explain

// eventMessagesZhTW is eventMessages in Traditional Chinese.
var eventMessagesZhTW = map[string]string{
	"segments-dropped":         "核心在本機丟棄了 %[1]d 個區段（%[2]s）：%[3]s",
	"dropped-at-hook":          "%[1]s hook 上的防火牆規則，原因 %[2]s",
	"dropped-in-function":      "在函式 %[1]s 中，原因 %[2]s",
	"dropped-for-reason":       "原因 %[1]s",
	"synacks-never-left":       "核心回報有 %[1]d 個 SYN-ACK 還沒離開本機就被丟棄",
	"clients-come-again":       "%[1]d 個用戶端又送來了 SYN，偽造的位址從不這樣",
	"clients-came-once":        "大多數用戶端只出現過一次，偽造的位址就是這樣",
	"answers-came-and-went":    "到達了 %[1]d 個 SYN-ACK，卻被本機丟棄",
	"acks-came-and-went":       "到達了 %[1]d 個 ACK，卻被本機丟棄",
	"established-dropped-here": "與 %[2]s 的 %[1]d 個連線什麼都傳不過去：本機自己丟棄了它們的區段（%[3]s）。",
	"dropped-by-this-host":     "核心回報有 %[1]d 個區段被本機的規則丟棄",
	"remedy-find-rule-here":    "找出本機丟棄它們的規則，並放行已建立的連線",
	"sent-again":               "觀察期間內，在 %[2]s 狀態重傳了 %[1]d 次區段",
	"given-up":                 "觀察期間內，放棄了與 %[2]s 的 %[1]d 個連線（ETIMEDOUT）",
	"acks-refused":             "%[1]d 個交握的最後一個 ACK 遇到 accept 佇列已滿",
	"no-neighbour-created":     "%[1]d 個區段因無法建立鄰居項目而送不出去（NEIGH_CREATEFAIL）",
	"reverse-path-dropped":     "核心回報以此原因丟棄了 %[1]d 個 TCP 區段（IP_RPFILTER）",
	"no-answer-filtered":       "被丟棄的區段中，沒有一個是對 SYN 的回應",
	"resets-by-reason":         "在 %[3]s 狀態送出了 %[1]d 個 RST（%[2]s）",
	"resets-without-socket":    "送出了 %[1]d 個不屬於任何連線的 RST（%[2]s）",
	"syns-refused":             "被拒絕的是 %[1]d 個 SYN，沒有 SYN-ACK",
	"reset-in-state":           "RST 結束了 %[1]d 個處於 %[2]s 的連線",
}
