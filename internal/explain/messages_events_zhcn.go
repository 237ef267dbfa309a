package explain

// eventMessagesZhCN is eventMessages in Simplified Chinese.
var eventMessagesZhCN = map[string]string{
	"segments-dropped":         "内核在本机丢弃了 %[1]d 个报文段（%[2]s）：%[3]s",
	"dropped-at-hook":          "%[1]s 钩子上的防火墙规则，原因 %[2]s",
	"dropped-in-function":      "在函数 %[1]s 中，原因 %[2]s",
	"dropped-for-reason":       "原因 %[1]s",
	"synacks-never-left":       "内核报告有 %[1]d 个 SYN-ACK 还没离开本机就被丢弃",
	"clients-come-again":       "%[1]d 个客户端又发来了 SYN，伪造的地址从不这样",
	"clients-came-once":        "大多数客户端只出现过一次，伪造的地址就是这样",
	"answers-came-and-went":    "到达了 %[1]d 个 SYN-ACK，却被本机丢弃",
	"acks-came-and-went":       "到达了 %[1]d 个 ACK，却被本机丢弃",
	"established-dropped-here": "与 %[2]s 的 %[1]d 个连接什么都传不过去：本机自己丢弃了它们的报文段（%[3]s）。",
	"dropped-by-this-host":     "内核报告有 %[1]d 个报文段被本机的规则丢弃",
	"remedy-find-rule-here":    "找出本机丢弃它们的规则，并放行已建立的连接",
	"sent-again":               "观察窗口内，在 %[2]s 状态重传了 %[1]d 次报文段",
	"given-up":                 "观察窗口内，放弃了与 %[2]s 的 %[1]d 个连接（ETIMEDOUT）",
	"acks-refused":             "%[1]d 个握手的最后一个 ACK 遇到全连接队列已满",
	"no-neighbour-created":     "%[1]d 个报文段因无法建立邻居表项而发不出去（NEIGH_CREATEFAIL）",
	"reverse-path-dropped":     "内核报告以此原因丢弃了 %[1]d 个 TCP 报文段（IP_RPFILTER）",
	"no-answer-filtered":       "被丢弃的报文段中，没有一个是对 SYN 的应答",
	"resets-by-reason":         "在 %[3]s 状态发出了 %[1]d 个 RST（%[2]s）",
	"resets-without-socket":    "发出了 %[1]d 个不属于任何连接的 RST（%[2]s）",
	"syns-refused":             "被拒绝的是 %[1]d 个 SYN，没有 SYN-ACK",
	"reset-in-state":           "RST 结束了 %[1]d 个处于 %[2]s 的连接",
}
