package explain

// outcomeLabelsZhTW is outcomeLabels in Traditional Chinese.
var outcomeLabelsZhTW = map[string]string{
	"conn-OTH":    "沒有擷取到 SYN",
	"conn-S0":     "SYN 無人回應",
	"conn-S1":     "已回應，未結束",
	"conn-SF":     "建立後由雙方結束",
	"conn-REJ":    "被 RST 拒絕",
	"conn-S2":     "僅發起方結束",
	"conn-S3":     "僅回應方結束",
	"conn-RSTO":   "被發起方重置",
	"conn-RSTR":   "被回應方重置",
	"conn-RSTOS0": "一個 SYN，隨後同一端發出 RST",
	"conn-RSTRH":  "一個 SYN,ACK 和一個 RST，沒有擷取到 SYN",
	"conn-SH":     "一個 SYN 和一個 FIN，沒有擷取到回應",
	"conn-SHR":    "一個 SYN,ACK 和一個 FIN，沒有擷取到 SYN",
}
