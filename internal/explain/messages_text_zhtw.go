package explain

// textMessagesZhTW is textMessages in Traditional Chinese.
var textMessagesZhTW = map[string]string{
	"text-pile":         "%[1]d 個連線處於 %[2]s；一份只反映某一時刻的文本能說明這一點，但說明不了原因。",
	"text-pile-refuted": "稍後的第二份文本中，處於此狀態的是另外的連線：那就是有來有去，並非堆積",
	"text-pile-fate":    "要看計時器，而這份文本中沒有可供判斷的計時器；在該主機上執行 \"synoptic diagnose\" 就會讀取",
	"text-port":         "%[2]d 個中有 %[1]d 個在本機連接埠 %[3]s",
	"text-target":       "%[2]d 個中有 %[1]d 個去往 %[3]s",
	"text-peers":        "不同的對端：%[1]d；網路（/24，IPv6 為 /48）：%[2]d",
	"text-rival":        "也會造成這樣的堆積；計數器、計時器和再看一次可以區分",
}
