package explain

import "github.com/synoptic-net/synoptic/internal/remedy"

var fixZhCN = fixWords{
	Scopes: map[remedy.Scope]string{
		remedy.ThisNamespace: "本网络命名空间",
		remedy.WholeHost:     "整台主机",
	},
	Outcomes: map[remedy.Outcome]string{
		remedy.Helped:  "见效了：引发它的问题已不存在。",
		remedy.NotYet:  "尚未见效：问题比之前轻，或者没有观察到变化。请过一会儿再诊断。",
		remedy.NoHelp:  "没有见效：引发它的问题依旧存在。请撤销它，再看该发现项还提供什么处理办法。",
		remedy.Unknown: "看不出是否见效：能说明这一点的数据没有读到。",
	},
	Restart:      "尚未见效：程序再次调用 listen() 时才会生效。请重启它，然后再诊断。",
	Stands:       "见效了，不管其他情况如何。不再增加的计数器：",
	Rises:        "这个计数器上升：",
	Gone:         "该发现项消失",
	Still:        "这些计数器不再变化：",
	Retries:      "没有半连接被重复应答超过 %d 次",
	AfterRestart: "（在程序重启之后）",
	Join:         "、",
}

var fixZhTW = fixWords{
	Scopes: map[remedy.Scope]string{
		remedy.ThisNamespace: "本網路命名空間",
		remedy.WholeHost:     "整部主機",
	},
	Outcomes: map[remedy.Outcome]string{
		remedy.Helped:  "見效了：引發它的問題已不存在。",
		remedy.NotYet:  "尚未見效：問題比之前輕，或者沒有觀察到變化。請過一會兒再診斷。",
		remedy.NoHelp:  "沒有見效：引發它的問題依舊存在。請撤銷它，再看這個發現項還提供什麼處理方式。",
		remedy.Unknown: "看不出是否見效：能說明這一點的資料沒有讀到。",
	},
	Restart:      "尚未見效：程式再次呼叫 listen() 時才會生效。請重新啟動它，然後再診斷。",
	Stands:       "見效了，不管其他情況如何。不再增加的計數器：",
	Rises:        "這個計數器上升：",
	Gone:         "這個發現項消失",
	Still:        "這些計數器不再變化：",
	Retries:      "沒有半開連線被重複回應超過 %d 次",
	AfterRestart: "（在程式重新啟動之後）",
	Join:         "、",
}
