package explain

// labGuardLabels are what "lab run" says of a scenario that the guard meets.
var labGuardLabels = map[string]sentence{
	"lab-guard-soon":      always("then the guard meets it, and clients come again: half a minute in all ..."),
	"lab-guard-did":       always("Then the guard carries its plan out:"),
	"lab-guard-rootless":  always("cookies by XDP need root: only the settings are shown"),
	"lab-guard-before":    always("before"),
	"lab-guard-after":     always("with the guard"),
	"lab-guard-of":        always("%[1]d of %[2]d"),
	"lab-guard-first":     always("clients answered at first try"),
	"lab-guard-ever":      always("clients answered within 3 s"),
	"lab-guard-octet":     always("their first octet, median"),
	"lab-guard-arriving":  always("segments that arrive, a second"),
	"lab-guard-half-open": always("connections that are half-open"),
	"lab-guard-named":     always("what the diagnosis names"),
	"lab-guard-cause":     always("%[1]s, %[2]s"),
	"lab-guard-back":      always("Taken back: every setting, interface and program is as it was. What a SYN costs with each defence: synoptic guard bench"),
	"lab-guard-remains":   always("Taken back, but not everything is as it was."),
}

var labGuardLabelsZhCN = map[string]string{
	"lab-guard-soon":      "然后 guard 上场，客户端再来一次：共约半分钟……",
	"lab-guard-did":       "然后 guard 执行它的计划：",
	"lab-guard-rootless":  "用 XDP 产生 Cookie 需要 root：这里只演示设置",
	"lab-guard-before":    "之前",
	"lab-guard-after":     "有 guard 时",
	"lab-guard-of":        "%[2]d 个中的 %[1]d 个",
	"lab-guard-first":     "第一次尝试就得到应答的客户端",
	"lab-guard-ever":      "3 秒内得到应答的客户端",
	"lab-guard-octet":     "第一个字节到达的时间（中位数）",
	"lab-guard-arriving":  "每秒到达的报文段",
	"lab-guard-half-open": "半连接",
	"lab-guard-named":     "诊断指出的原因",
	"lab-guard-cause":     "%[1]s（%[2]s）",
	"lab-guard-back":      "已撤销：所有设置、接口和程序都恢复了原样。每种防御下一个 SYN 的代价：synoptic guard bench",
	"lab-guard-remains":   "已撤销，但并非一切都恢复了原样。",
}

var labGuardLabelsZhTW = map[string]string{
	"lab-guard-soon":      "然後 guard 上場，用戶端再來一次：共約半分鐘……",
	"lab-guard-did":       "然後 guard 執行它的計畫：",
	"lab-guard-rootless":  "用 XDP 產生 Cookie 需要 root：這裡只示範設定",
	"lab-guard-before":    "之前",
	"lab-guard-after":     "有 guard 時",
	"lab-guard-of":        "%[2]d 個中的 %[1]d 個",
	"lab-guard-first":     "第一次嘗試就得到回應的用戶端",
	"lab-guard-ever":      "3 秒內得到回應的用戶端",
	"lab-guard-octet":     "第一個位元組到達的時間（中位數）",
	"lab-guard-arriving":  "每秒到達的區段",
	"lab-guard-half-open": "半開連線",
	"lab-guard-named":     "診斷指出的原因",
	"lab-guard-cause":     "%[1]s（%[2]s）",
	"lab-guard-back":      "已還原：所有設定、介面和程式都恢復了原狀。每種防禦下一個 SYN 的代價：synoptic guard bench",
	"lab-guard-remains":   "已還原，但並非一切都恢復了原狀。",
}
