package explain

// mishapLabels are the headings and words of what trace --with tells.
var mishapLabels = map[string]sentence{
	"head-what":    always("WHAT"),
	"head-segment": always("SEGMENT"),
	"head-reason":  always("REASON"),

	"mishap-dropped":        always("drop"),
	"mishap-reset-sent":     always("RST sent"),
	"mishap-reset-received": always("RST received"),
	"mishap-resent":         always("sent again"),
	"mishap-error":          always("error"),
	"mishap-at":             always("%[1]s at %[2]s"),
	"mishap-in":             always("%[1]s in %[2]s"),
	"trace-mishaps":         counting(1, "1 mishap", "%[1]d mishaps"),
	"trace-made-and-wrong":  counting(1, "1 transition and %[2]s in %[3]s s", "%[1]d transitions and %[2]s in %[3]s s"),
	"mishaps-made":          always("%[1]s in %[2]s s"),
}

var mishapLabelsZhCN = map[string]string{
	"head-what":    "事件",
	"head-segment": "报文段",
	"head-reason":  "原因",

	"mishap-dropped":        "丢弃",
	"mishap-reset-sent":     "发出 RST",
	"mishap-reset-received": "收到 RST",
	"mishap-resent":         "重传",
	"mishap-error":          "错误",
	"mishap-at":             "%[1]s（%[2]s 钩子）",
	"mishap-in":             "%[1]s（函数 %[2]s）",
	"trace-mishaps":         "%[1]d 次异常",
	"trace-made-and-wrong":  "%[3]s 秒内 %[1]d 次转换、%[2]s",
	"mishaps-made":          "%[2]s 秒内 %[1]s",
}

var mishapLabelsZhTW = map[string]string{
	"head-what":    "事件",
	"head-segment": "區段",
	"head-reason":  "原因",

	"mishap-dropped":        "丟棄",
	"mishap-reset-sent":     "送出 RST",
	"mishap-reset-received": "收到 RST",
	"mishap-resent":         "重傳",
	"mishap-error":          "錯誤",
	"mishap-at":             "%[1]s（%[2]s hook）",
	"mishap-in":             "%[1]s（函式 %[2]s）",
	"trace-mishaps":         "%[1]d 次異常",
	"trace-made-and-wrong":  "%[3]s 秒內 %[1]d 次轉換、%[2]s",
	"mishaps-made":          "%[2]s 秒內 %[1]s",
}
