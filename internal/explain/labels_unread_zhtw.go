package explain

// unreadLabelsZhTW is unreadLabels in Traditional Chinese.
var unreadLabelsZhTW = map[string]string{
	"unread-unknown-link":    "不支援的鏈結型別",
	"unread-not-ip":          "不是 IP 協定",
	"unread-udp":             "UDP",
	"unread-icmp":            "ICMP",
	"unread-other-transport": "IP 上的其他協定",
	"unread-later-fragment":  "第一個之後的分片",
	"unread-tiny-fragment":   "在 TCP 頭部中間結束的分片",
	"unread-encrypted":       "已加密",
	"unread-compressed":      "頭部被壓縮",
	"unread-cut-short":       "擷取點在 TCP 頭部結束之前截斷",
	"unread-damaged-link":    "鏈結層頭部損壞",
	"unread-damaged-ip":      "IP 頭部損壞",
	"unread-damaged-tcp":     "TCP 頭部損壞",
	"unread-too-deep":        "頭部層數過多",
	"unread-no-room":         "沒有記憶體追蹤該連線：--memory",
	"unread-bad-checksum":    "校驗和錯誤：接收方會丟棄",
	"unread-equal-ends":      "兩端相同",
}
