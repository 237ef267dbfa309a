package explain

// unreadLabelsZhCN is unreadLabels in Simplified Chinese.
var unreadLabelsZhCN = map[string]string{
	"unread-unknown-link":    "不支持的链路类型",
	"unread-not-ip":          "不是 IP 协议",
	"unread-udp":             "UDP",
	"unread-icmp":            "ICMP",
	"unread-other-transport": "IP 上的其他协议",
	"unread-later-fragment":  "第一个之后的分片",
	"unread-tiny-fragment":   "在 TCP 头部中间结束的分片",
	"unread-encrypted":       "已加密",
	"unread-compressed":      "头部被压缩",
	"unread-cut-short":       "抓包在 TCP 头部结束之前截断",
	"unread-damaged-link":    "链路层头部损坏",
	"unread-damaged-ip":      "IP 头部损坏",
	"unread-damaged-tcp":     "TCP 头部损坏",
	"unread-too-deep":        "头部层数过多",
	"unread-no-room":         "没有内存跟踪该连接：--memory",
	"unread-bad-checksum":    "校验和错误：接收方会丢弃",
	"unread-equal-ends":      "两端相同",
}
