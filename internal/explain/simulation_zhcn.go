package explain

import (
	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/simulate/explore"
)

// simulationZhCN is simulationZhCN in Simplified Chinese.
var simulationZhCN = simulationWords{
	NoEnd:        "（关机）",
	Send:         "SEND %d 字节",
	Delivered:    "%d 字节交给用户",
	DeliveredOne: "1 字节交给用户",
	Ignored:      "未理会：%s",
	Timer:        "定时器",
	NoConnection: "这里没有这个连接",
	Rewritten:    "网关把目的地址 %s 改写为 %s",
	Stranger:     "它来自 %s；而这一端连接的是 %s",
	Lost: map[string]string{
		simulate.WhyRule:     "丢失",
		explore.WhyLost:      "丢失",
		simulate.WhyFirewall: "被丢弃：防火墙不认识这个连接",
		simulate.WhyNobody:   "丢失：没有主机使用该地址",
		simulate.WhyVanished: "丢失：主机已关机",
	},
	Notes: map[string]string{
		simulate.WhyCrash:       "崩溃后重新启动，什么都不记得",
		explore.WhyDuplicated:   "下一个报文段的一份副本仍在途中",
		explore.WhyMSL:          "经过了一个 MSL",
		explore.WhyCut:          "从现在起网络什么都不再传送",
		simulate.WhyVanish:      "被关机",
		simulate.WhyReturn:      "重新开机，什么都不记得",
		simulate.WhyAccept:      "程序接受了这个连接",
		simulate.WhyAccepting:   "程序开始接受连接",
		simulate.WhyListens:     "连接不在了，监听仍在",
		simulate.WhyForged:      "下一个报文段是伪造的：它的源地址不是真正的发送方",
		simulate.WhyStray:       "下一个报文段是旧的副本",
		simulate.WhyMisbehave:   "开始行为异常",
		simulate.WhyCrowd:       "其他客户端打开的连接：%d",
		simulate.WhyFlood:       "洪水开始：%d 个伪造源地址的 SYN，历时 %d 秒",
		simulate.WhyFloodEnded:  "洪水结束：%d 个 SYN 中，%d 个被丢弃，%d 个得到 Cookie 应答",
		simulate.WhySYNQueue:    "半连接队列已满，半连接数：%d",
		simulate.WhyAcceptQueue: "全连接队列已满，等待程序的连接数：%d",
		simulate.WhySYNAgain:    "ACK 带回了 Cookie，也就带回了 SYN",
	},
	Stopped: map[simulate.Stopped]string{
		simulate.Quiet:    "不会再发生什么：没有报文段在途中，也没有定时器在运行。",
		simulate.TimeIsUp: "时间已到，停止；后面本来还会发生更多。",
		simulate.TooMuch:  "发生的事情太多，停止；后面本来还会发生更多。",
	},
	Ends:     "最终，经过 %[3]s：发起方 %[1]s，响应方 %[2]s。",
	Segments: "共发送 %d 个报文段，其中 %d 个丢失。",
	Sent:     "发送 %s",
	Arrived:  "%s 到达",
	Before:   "%s：%s",
	Gap:      "",
	Changed:  "%s，由参数改动：%s",
	ListHint: "用 \"synoptic simulate NAME\" 查看其中一个，加 -o svg 画成图；用 --lose SYN-ACK:2 --delay 80ms 等参数改动它。不写名称时，参数改动的是故事 \"exchange\"。",
	Listener: "监听端口因没有空位丢弃了 %d 个 SYN，溢出 %d 次，发出 %d 个 Cookie，收回 %d 个。",
}
