package explain

// noteLabelsZhCN is noteLabels in Simplified Chinese.
var noteLabelsZhCN = map[string]string{
	"window-left":            "正在观察，还剩 %[1]s 秒（Ctrl-C 可提前结束）",
	"probe-announce":         "将探测 %[1]d 台主机：每秒最多 10 个数据包，没有回音的再询问一次（Ctrl-C 可停止）",
	"probe-segment":          "在空闲连接上发送一个空的 TCP 报文段，对端为",
	"probe-echo":             "发送一个 ICMP 回显请求，对象为",
	"probe-connect":          "新建一个 TCP 连接，一建立就重置，目标为",
	"probe-ports":            "%[1]s，端口%[2]s",
	"probe-also":             "没有应答报文段的主机还会收到一个 ICMP 回显请求",
	"probe-risk":             "风险：已忘记连接的对端会以 RST 应答，其序列号会被我们的内核忽略；成千上万次中会有一次没有忽略，于是这个本已失效的连接就会结束",
	"record-done":            "已记录 %[1]s 秒，%[2]d 个套接字：%[3]s",
	"record-done-namespaces": "已记录 %[1]s 秒，%[3]d 个网络命名空间中的 %[2]d 个套接字：%[4]s",
	"lab-building":           "正在搭建环境并观察……",
	"lab-building-one":       "正在搭建 %[1]s……",
	"lab-inside":             "当前位于 %[1]s；输入 \"exit\" 即全部结束。在另一个终端中：",
	"lab-stands":             "环境会保留到按下回车键为止。在另一个终端中：",
	"lab-progress":           "已完成 %[1]d 个场景，共 %[2]d 个",
	"walk-progress":          "已走 %[1]d 条边，共 %[2]d 条",
	"check-fine":             "没有发现问题",
	"check-finding":          "%[1]s（%[2]s）：%[3]s",
	"check-unjudged":         "无法判断 %[1]s：需要 %[2]s",
	"check-no-limit":         "%[2]s 中有 %[1]d 个套接字，没有接近任何上限",
	"check-limit":            "%[1]s 已用到上限的 %[2]s%%，%[3]s",

	"capture-taken":      "在 %[2]s 上用 %[3]s 秒抓取了 %[1]d 个数据包，%[4]s",
	"capture-none-lost":  "没有丢失",
	"capture-lost":       "丢失 %[1]d 个，溢出 %[2]d 次（请少抓一些：FILTER、--sample、--snaplen）",
	"capture-written":    "%[1]s：%[2]s",
	"capture-no-segment": "%[1]d 个数据包没有显示：不是 TCP 报文段",

	"comment-connection": "连接 %[1]s，发起方：%[2]s，响应方：%[3]s",
	"comment-moved":      " 变为 ",
	"comment-finding":    "发现项 %[1]s（%[2]s，%[3]s）：%[4]s",
	"comment-end":        "每秒超过 %[1]d 个数据包，为减轻主机负担，注释到此结束",

	"read-progress":    "正在读取 %[1]s，%[2]d%% ",
	"read-progress-mb": "正在读取 %[1]s，%[2]d MB ",

	"witness-head":    "三个证人，观察结束时：",
	"witness-sockets": "套接字",
	"witness-events":  "事件",
	"witness-packets": "数据包",
	"witness-agree":   "它们对每个连接的说法一致。",
	"witness-differ":  "%[1]d 个连接，套接字说是 %[2]s，%[4]s 说是 %[3]s：%[5]s（%[6]s）",
	"witness-or":      " 或 ",
}
