package explain

// outcomeLabelsZhCN is outcomeLabels in Simplified Chinese.
var outcomeLabelsZhCN = map[string]string{
	"conn-OTH":    "没有抓到 SYN",
	"conn-S0":     "SYN 无人应答",
	"conn-S1":     "已应答，未结束",
	"conn-SF":     "建立后由双方结束",
	"conn-REJ":    "被 RST 拒绝",
	"conn-S2":     "仅发起方结束",
	"conn-S3":     "仅响应方结束",
	"conn-RSTO":   "被发起方重置",
	"conn-RSTR":   "被响应方重置",
	"conn-RSTOS0": "一个 SYN，随后同一端发出 RST",
	"conn-RSTRH":  "一个 SYN,ACK 和一个 RST，没有抓到 SYN",
	"conn-SH":     "一个 SYN 和一个 FIN，没有抓到应答",
	"conn-SHR":    "一个 SYN,ACK 和一个 FIN，没有抓到 SYN",
}
