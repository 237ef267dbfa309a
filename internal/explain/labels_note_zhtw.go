package explain

// noteLabelsZhTW is noteLabels in Traditional Chinese.
var noteLabelsZhTW = map[string]string{
	"window-left":            "正在觀察，還剩 %[1]s 秒（Ctrl-C 可提前結束）",
	"probe-announce":         "將探測 %[1]d 台主機：每秒最多 10 個封包，沒有回應的再詢問一次（Ctrl-C 可停止）",
	"probe-segment":          "在閒置連線上傳送一個空的 TCP 區段，對端為",
	"probe-echo":             "傳送一個 ICMP echo 請求，對象為",
	"probe-connect":          "新建一個 TCP 連線，一建立就重置，目標為",
	"probe-ports":            "%[1]s，連接埠%[2]s",
	"probe-also":             "沒有回應區段的主機還會收到一個 ICMP echo 請求",
	"probe-risk":             "風險：已忘記連線的對端會以 RST 回應，其序號會被我們的核心忽略；成千上萬次中會有一次沒有忽略，於是這個本已失效的連線就會結束",
	"record-done":            "已記錄 %[1]s 秒，%[2]d 個 socket：%[3]s",
	"record-done-namespaces": "已記錄 %[1]s 秒，%[3]d 個網路命名空間中的 %[2]d 個 socket：%[4]s",
	"lab-building":           "正在搭建環境並觀察……",
	"lab-building-one":       "正在搭建 %[1]s……",
	"lab-inside":             "目前位於 %[1]s；輸入 \"exit\" 即全部結束。在另一個終端機中：",
	"lab-stands":             "環境會保留到按下 Enter 鍵為止。在另一個終端機中：",
	"lab-progress":           "已完成 %[1]d 個場景，共 %[2]d 個",
	"walk-progress":          "已走 %[1]d 條邊，共 %[2]d 條",
	"check-fine":             "沒有發現問題",
	"check-finding":          "%[1]s（%[2]s）：%[3]s",
	"check-unjudged":         "無法判斷 %[1]s：需要 %[2]s",
	"check-no-limit":         "%[2]s 中有 %[1]d 個 socket，沒有接近任何上限",
	"check-limit":            "%[1]s 已用到上限的 %[2]s%%，%[3]s",

	"capture-taken":      "在 %[2]s 上用 %[3]s 秒擷取了 %[1]d 個封包，%[4]s",
	"capture-none-lost":  "沒有遺失",
	"capture-lost":       "遺失 %[1]d 個，溢位 %[2]d 次（請少擷取一些：FILTER、--sample、--snaplen）",
	"capture-written":    "%[1]s：%[2]s",
	"capture-no-segment": "%[1]d 個封包沒有顯示：不是 TCP 區段",

	"comment-connection": "連線 %[1]s，發起方：%[2]s，回應方：%[3]s",
	"comment-moved":      " 變為 ",
	"comment-finding":    "發現項 %[1]s（%[2]s，%[3]s）：%[4]s",
	"comment-end":        "每秒超過 %[1]d 個封包，為減輕主機負擔，註解到此結束",

	"read-progress":    "正在讀取 %[1]s，%[2]d%% ",
	"read-progress-mb": "正在讀取 %[1]s，%[2]d MB ",

	"witness-head":    "三個證人，觀察結束時：",
	"witness-sockets": "socket",
	"witness-events":  "事件",
	"witness-packets": "封包",
	"witness-agree":   "它們對每個連線的說法一致。",
	"witness-differ":  "%[1]d 個連線，socket 說是 %[2]s，%[4]s 說是 %[3]s：%[5]s（%[6]s）",
	"witness-or":      " 或 ",
}
