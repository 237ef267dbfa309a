package explain

// guardLifeLabels say who guards a network namespace, or did.
var guardLifeLabels = map[string]sentence{
	"guard-life-running":   always("A guard runs here, since %[1]s (pid %[2]s, on %[3]s; its reaper is pid %[4]s)."),
	"guard-life-beginning": always("A guard is beginning here (pid %[1]s)."),
	"guard-life-armed":     always("It answers SYNs to %[1]s."),
	"guard-life-disarmed":  always("No listener is armed: every frame passes."),
	"guard-life-silent":    always("A guard runs here and does not answer (pid %[1]s). What it armed falls silent by itself; kill it, and what it changed is put back."),
	"guard-life-restoring": always("The guard of pid %[1]s has ended, and what it changed is being put back."),
	"guard-life-grace":     always("The guard is off. Until %[1]s the ACKs of handshakes that were under way are still taken (pid %[2]s); \"synoptic guard revert --now\" ends that."),
	"guard-life-changing":  always("Another synoptic changes this network namespace at this moment (pid %[1]s)."),
	"guard-life-died":      always("The guard that ran here died, and its reaper with it (pid %[1]s). Its programs went with them; \"synoptic guard revert\" puts back what else it changed."),
	"guard-life-journals":  always("Its journals are in %[1]s."),
}

var guardLifeLabelsZhCN = map[string]string{
	"guard-life-running":   "这里有一个 guard 在运行，始于 %[1]s（pid %[2]s，接口 %[3]s；其善后进程为 pid %[4]s）。",
	"guard-life-beginning": "这里有一个 guard 正在启动（pid %[1]s）。",
	"guard-life-armed":     "它正在应答发往 %[1]s 的 SYN。",
	"guard-life-disarmed":  "没有启用任何监听端：所有帧照常通过。",
	"guard-life-silent":    "这里有一个 guard 在运行，但没有应答（pid %[1]s）。它启用的监听端会自行停止应答；终止它，它所做的更改就会恢复。",
	"guard-life-restoring": "pid %[1]s 的 guard 已结束，它所做的更改正在恢复。",
	"guard-life-grace":     "guard 已撤下。在 %[1]s 之前仍会接受正在进行的握手的 ACK（pid %[2]s）；“synoptic guard revert --now”可立即结束。",
	"guard-life-changing":  "此刻另一个 synoptic 正在更改这个网络命名空间（pid %[1]s）。",
	"guard-life-died":      "在这里运行的 guard 和它的善后进程都已意外终止（pid %[1]s）。它的程序已随之消失；“synoptic guard revert”可恢复它所做的其他更改。",
	"guard-life-journals":  "它的日志在 %[1]s 中。",
}

var guardLifeLabelsZhTW = map[string]string{
	"guard-life-running":   "這裡有一個 guard 在執行，始於 %[1]s（pid %[2]s，介面 %[3]s；其善後行程為 pid %[4]s）。",
	"guard-life-beginning": "這裡有一個 guard 正在啟動（pid %[1]s）。",
	"guard-life-armed":     "它正在回應發往 %[1]s 的 SYN。",
	"guard-life-disarmed":  "沒有啟用任何監聽端：所有訊框照常通過。",
	"guard-life-silent":    "這裡有一個 guard 在執行，但沒有回應（pid %[1]s）。它啟用的監聽端會自行停止回應；終止它，它所做的變更就會恢復。",
	"guard-life-restoring": "pid %[1]s 的 guard 已結束，它所做的變更正在恢復。",
	"guard-life-grace":     "guard 已撤下。在 %[1]s 之前仍會接受進行中的交握的 ACK（pid %[2]s）；「synoptic guard revert --now」可立即結束。",
	"guard-life-changing":  "此刻另一個 synoptic 正在變更這個網路命名空間（pid %[1]s）。",
	"guard-life-died":      "在這裡執行的 guard 和它的善後行程都已意外終止（pid %[1]s）。它的程式已隨之消失；「synoptic guard revert」可恢復它所做的其他變更。",
	"guard-life-journals":  "它的日誌在 %[1]s 中。",
}
