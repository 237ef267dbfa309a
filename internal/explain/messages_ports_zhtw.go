package explain

// portMessagesZhTW is portMessages in Traditional Chinese.
var portMessagesZhTW = map[string]string{
	"not-a-local-service":         "沒有跡象表明監聽 %[1]s 的程式只應綁定在 loopback 位址",
	"in-the-baseline":             "%[1]s 在基準中：它開放是已知的，問題在於誰都可以存取",
	"expected-or-not":             "不管有沒有人預期它，這個連接埠對所有人開放",
	"unexpected-listener":         "%[1]s 在監聽 %[2]s，而基準中沒有。",
	"unexpected-listener-refuted": "基準中有這個監聽連接埠",
	"listener-new":                "建立基準時，%[1]s 的連接埠上沒有程式監聽",
	"listener-wider":              "基準中是 %[2]s；%[1]s 能被更多人存取",
	"listener-other-program":      "當時監聽 %[1]s 的程式是 %[2]s",
	"listener-fate":               "直到程式關閉它或結束為止，它一直在監聽",
	"listens-on":                  "有程式在監聽 %[1]s",
	"exe-temporary":               "%[1]s 從 %[2]s 執行，而任何人都可以往那裡放檔案",
	"exe-deleted":                 "%[1]s 所執行的檔案（%[2]s）已刪除或被替換",
	"remedy-close-port":           "查明 %[1]s 的用途；如果沒有用，就停掉它和啟動它的東西",
	"remedy-close-port-risk":      "使用該連接埠的人會失去它",
	"remedy-baseline":             "如果它是應有的，就重新建立基準",
	"remedy-baseline-risk":        "現在監聽的一切從此都視為預期",
	"exposed-listener":            "%[1]s 在所有位址上監聽 %[2]s，這是 %[3]s 的連接埠，通常只綁定在 loopback 位址。",
	"exposed-listener-refuted":    "前面有防火牆，只放行預期的用戶端",
	"remedy-bind-loopback":        "把服務綁定到 loopback 位址，或只綁定到用戶端使用的那個位址",
	"remedy-bind-loopback-risk":   "其他主機上的用戶端將無法使用",
	"remedy-filter-port":          "讓防火牆只放行來自其用戶端的連接埠 %[1]s",
	"remedy-filter-port-risk":     "規則中遺漏的用戶端會被切斷",
}
