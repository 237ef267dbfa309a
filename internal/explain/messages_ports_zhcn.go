package explain

// portMessagesZhCN is portMessages in Simplified Chinese.
var portMessagesZhCN = map[string]string{
	"not-a-local-service":         "没有迹象表明监听 %[1]s 的程序只应绑定在环回地址",
	"in-the-baseline":             "%[1]s 在基线中：它开放是已知的，问题在于谁都可以访问",
	"expected-or-not":             "不管有没有人预期它，这个端口对所有人开放",
	"unexpected-listener":         "%[1]s 在监听 %[2]s，而基线中没有。",
	"unexpected-listener-refuted": "基线中有这个监听端口",
	"listener-new":                "建立基线时，%[1]s 的端口上没有程序监听",
	"listener-wider":              "基线中是 %[2]s；%[1]s 能被更多人访问",
	"listener-other-program":      "当时监听 %[1]s 的程序是 %[2]s",
	"listener-fate":               "直到程序关闭它或退出为止，它一直在监听",
	"listens-on":                  "有程序在监听 %[1]s",
	"exe-temporary":               "%[1]s 从 %[2]s 运行，而任何人都可以往那里放文件",
	"exe-deleted":                 "%[1]s 所运行的文件（%[2]s）已删除或被替换",
	"remedy-close-port":           "查明 %[1]s 的用途；如果没有用，就停掉它和启动它的东西",
	"remedy-close-port-risk":      "使用该端口的人会失去它",
	"remedy-baseline":             "如果它是应有的，就重新建立基线",
	"remedy-baseline-risk":        "现在监听的一切从此都视为预期",
	"exposed-listener":            "%[1]s 在所有地址上监听 %[2]s，这是 %[3]s 的端口，通常只绑定在环回地址。",
	"exposed-listener-refuted":    "前面有防火墙，只放行预期的客户端",
	"remedy-bind-loopback":        "把服务绑定到环回地址，或只绑定到客户端使用的那个地址",
	"remedy-bind-loopback-risk":   "其他主机上的客户端将无法使用",
	"remedy-filter-port":          "让防火墙只放行来自其客户端的端口 %[1]s",
	"remedy-filter-port-risk":     "规则中遗漏的客户端会被切断",
}
