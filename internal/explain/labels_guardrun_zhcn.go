package explain

var guardRunLabelsZhCN = map[string]string{
	"guarding-begin":          "正在 %[1]s 上观察 %[2]d 个监听端（%[3]s XDP），未启用：在内核报告队列已满之前，所有帧照常通过",
	"guarding-begin-dry":      "试运行：正在 %[1]s 上观察 %[2]d 个监听端（%[3]s XDP）；不会应答任何 SYN，只计数",
	"guarding-setting":        "%[1]s 原来是 %[2]s，guard 运行期间改为 %[3]s：否则内核不接受任何 Cookie",
	"guarding-setting-needed": "%[1]s 现在是 %[2]s：正式运行时会改为 %[3]s，否则内核不接受任何 Cookie",

	"guarding-queue-full":        "%[1]d 个 SYN 遇到队列已满：半连接 %[2]d 个，容量 %[3]d，来自 %[5]d 个网段的 %[4]d 个地址；从现在起统计它的 SYN",
	"guarding-flood":             "已启用：是洪水，%[2]d 个 SYN 中只有 %[1]d 个成为连接；用 Cookie 应答，直到最后一次迹象之后 %[3]s",
	"guarding-flood-dry":         "本应启用：是洪水，%[2]d 个 SYN 中只有 %[1]d 个成为连接；正式运行时会用 Cookie 应答，直到最后一次迹象之后 %[3]s",
	"guarding-flash-crowd":       "不是洪水：%[2]d 个 SYN 中有 %[1]d 个成为连接，队列里都是真正的客户端；不采取任何措施，加大 backlog 会对它们有帮助",
	"guarding-accept-queue-full": "不是洪水：程序没有 accept，有 %[1]d 个连接在等待，而它要求的容量是 %[2]d；任何针对 SYN 的防御都不能让它去 accept",
	"guarding-elsewhere":         "%[1]d 个 SYN 遇到队列已满，但不属于这里观察的任何监听端",
	"guarding-elsewhere-way":     "队列已满，但它的 SYN 不是从这个接口进来的：应该防护另一个接口",

	"guarding-verified":          "防御有效：%[2]d 个 SYN 中有 %[1]d 个返回并成为连接，没有 SYN 再遇到队列已满",
	"guarding-still-full":        "应答的 %[2]d 个 SYN 中有 %[1]d 个返回，但仍有 SYN 遇到队列已满：其中 %[3]d 个属于留给内核处理的种类，或者它们走的是另一条路",
	"guarding-clients-only":      "原来是真正的客户端：应答的 %[2]d 个 SYN 中有 %[1]d 个返回；Cookie 对它们没有害处，%[3]s后结束",
	"guarding-continues":         "前一个 guard 已经启用；直到洪水的最后一次迹象之后 %[1]s",
	"guarding-over":              "已停用：%[1]s内没有洪水的迹象；%[3]d 个 SYN 中有 %[2]d 个返回并成为连接",
	"guarding-over-dry":          "本应停用：%[1]s内没有洪水的迹象；本会应答 %[3]d 个 SYN，建立了大约 %[2]d 个连接",
	"guarding-calm":              "不再有 SYN 遇到队列已满；不再统计它的 SYN",
	"guarding-bad-checksums":     "已停用：%[1]d 个 SYN 看起来已损坏，%[2]d 个没有，而且没有一个返回；网卡或链路未填写校验和可以解释这一点",
	"guarding-cookies-refused":   "已停用：内核拒绝了 %[1]d 个带有我们的 Cookie 的 ACK；net.ipv4.tcp_syncookies 是不是 0，或者监听端换了？",
	"guarding-nobody-comes-back": "已停用：%[2]s内应答的 %[1]d 个 SYN 没有一个返回，而之前有客户端：应答没有到达它们",
	"guarding-no-syn-reached":    "已停用：没有 SYN 到达 guard，却仍有 SYN 遇到队列已满：它们走的是另一条路",

	"guarding-cannot-be-armed":    "无法启用，稍后重试：%[1]s",
	"guarding-cannot-be-shadowed": "无法进一步观察，稍后重试：%[1]s",
	"guarding-blind":              "看不见了：%[1]s；如果持续下去，已启用的防御会自行停止应答",
	"guarding-sees":               "又能看见了",
	"guarding-too-blind":          "已停用：看不见的时间太长",
	"guarding-no-beat":            "无法续期已启用的防御：%[1]s",

	"guarding-summary":      "%[2]s内启用了 %[1]d 次，共 %[3]s。",
	"guarding-summary-dry":  "%[2]s内本应启用 %[1]d 次，共 %[3]s。没有应答任何 SYN。",
	"guarding-nothing":      "%[1]s内没有洪水：没有应答任何 SYN。",
	"guarding-handed-over":  "%[1]s后由另一个 guard 接替；已启用的继续有效。",
	"guarding-answered":     "应答了 %[1]d 个 SYN，其中 %[2]d 个成为连接；%[3]d 个留给内核，%[4]d 个已损坏，丢弃了 %[5]d 个伪造的 ACK",
	"guarding-would-answer": "本会应答 %[1]d 个 SYN",
	"guarding-restored":     "一切都已恢复原样。",
	"guarding-acks":         "一切都已恢复原样，只有还在途中的 Cookie 的 ACK 除外：后台进程会继续接受它们 %[1]s。",
}
