package explain

import (
	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/simulate/explore"
)

// simulationZhTW is simulationZhTW in Traditional Chinese.
var simulationZhTW = simulationWords{
	NoEnd:        "（關機）",
	Send:         "SEND %d 位元組",
	Delivered:    "%d 位元組交給使用者",
	DeliveredOne: "1 位元組交給使用者",
	Ignored:      "未理會：%s",
	Timer:        "計時器",
	NoConnection: "這裡沒有這個連線",
	Rewritten:    "閘道把目的位址 %s 改寫為 %s",
	Stranger:     "它來自 %s；而這一端連線的是 %s",
	Lost: map[string]string{
		simulate.WhyRule:     "遺失",
		explore.WhyLost:      "遺失",
		simulate.WhyFirewall: "被丟棄：防火牆不認識這個連線",
		simulate.WhyNobody:   "遺失：沒有主機使用該位址",
		simulate.WhyVanished: "遺失：主機已關機",
	},
	Notes: map[string]string{
		simulate.WhyCrash:       "崩潰後重新啟動，什麼都不記得",
		explore.WhyDuplicated:   "下一個區段的一份副本仍在途中",
		explore.WhyMSL:          "經過了一個 MSL",
		explore.WhyCut:          "從現在起網路什麼都不再傳送",
		simulate.WhyVanish:      "被關機",
		simulate.WhyReturn:      "重新開機，什麼都不記得",
		simulate.WhyAccept:      "程式接受了這個連線",
		simulate.WhyAccepting:   "程式開始接受連線",
		simulate.WhyListens:     "連線不在了，監聽仍在",
		simulate.WhyForged:      "下一個區段是偽造的：它的來源位址不是真正的傳送方",
		simulate.WhyStray:       "下一個區段是舊的副本",
		simulate.WhyMisbehave:   "開始行為異常",
		simulate.WhyCrowd:       "其他用戶端開啟的連線：%d",
		simulate.WhyFlood:       "洪水攻擊開始：%d 個偽造來源位址的 SYN，歷時 %d 秒",
		simulate.WhyFloodEnded:  "洪水攻擊結束：%d 個 SYN 中，%d 個被丟棄，%d 個得到 Cookie 回應",
		simulate.WhySYNQueue:    "SYN 佇列已滿，半開連線數：%d",
		simulate.WhyAcceptQueue: "accept 佇列已滿，等待程式的連線數：%d",
		simulate.WhySYNAgain:    "ACK 帶回了 Cookie，也就帶回了 SYN",
	},
	Stopped: map[simulate.Stopped]string{
		simulate.Quiet:    "不會再發生什麼：沒有區段在途中，也沒有計時器在執行。",
		simulate.TimeIsUp: "時間已到，停止；後面本來還會發生更多。",
		simulate.TooMuch:  "發生的事情太多，停止；後面本來還會發生更多。",
	},
	Ends:     "最終，經過 %[3]s：發起方 %[1]s，回應方 %[2]s。",
	Segments: "共傳送 %d 個區段，其中 %d 個遺失。",
	Sent:     "傳送 %s",
	Arrived:  "%s 到達",
	Before:   "%s：%s",
	Gap:      "",
	Changed:  "%s，由參數改動：%s",
	ListHint: "用 \"synoptic simulate NAME\" 查看其中一個，加 -o svg 畫成圖；用 --lose SYN-ACK:2 --delay 80ms 等參數改動它。不寫名稱時，參數改動的是故事 \"exchange\"。",
	Listener: "監聽連接埠因沒有空位丟棄了 %d 個 SYN，溢位 %d 次，發出 %d 個 Cookie，收回 %d 個。",
}
