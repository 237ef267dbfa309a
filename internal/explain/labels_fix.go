package explain

// fixLabels are what stands around a plan that was carried out, or taken back.
var fixLabels = map[string]sentence{
	"fix-against":         always("%[1]s, against %[2]s"),
	"fix-against-subject": always("%[1]s, against %[2]s (%[3]s)"),
	"fix-would-change":    always("would change, in %[1]s:"),
	"fix-changed":         always("changed, in %[1]s:"),
	"fix-already":         always("is so already, in %[1]s:"),
	"fix-refused":         always("refused, in %[1]s:"),
	"fix-taken-back":      always("taken back, in %[1]s:"),
	"fix-was":             always("was %[1]s"),
	"fix-no-way-back":     always("no way back"),
	"fix-helps-if":        always("it helps if "), // before what must change
	"fix-dry":             always("Nothing was changed: this is a dry run."),
	"fix-again":           always("%[1]s is done; looking again"),

	"undo-done":       always("%[1]s is undone: everything is as it was before"),
	"undo-gone":       always("%[1]s stands no more: it ended with a reboot, or has no way back"),
	"undo-nothing":    always("nothing to undo: no change of synoptic stands in this network namespace"),
	"undo-nothing-of": always("nothing to undo: no change %[1]s of synoptic stands in this network namespace"),
	"undo-standing":   always("still in force: %[1]s"),
	"undo-ended":      always("%[1]s: ended with the reboot, or has no way back"),
	"undo-setting":    always("%[1]s = %[2]s again"),
	"undo-removed":    always("%[1]s removed"),
}

var fixLabelsZhCN = map[string]string{
	"fix-against":         "%[1]s，针对 %[2]s",
	"fix-against-subject": "%[1]s，针对 %[2]s（%[3]s）",
	"fix-would-change":    "将更改（范围：%[1]s）：",
	"fix-changed":         "已更改（范围：%[1]s）：",
	"fix-already":         "本来就是这样（范围：%[1]s）：",
	"fix-refused":         "被拒绝（范围：%[1]s）：",
	"fix-taken-back":      "已撤回（范围：%[1]s）：",
	"fix-was":             "原值 %[1]s",
	"fix-no-way-back":     "无法撤销",
	"fix-helps-if":        "见效的标志：",
	"fix-dry":             "什么都没有更改：这只是演练。",
	"fix-again":           "%[1]s 已执行；正在再次查看",

	"undo-done":       "已撤销 %[1]s：一切恢复原样",
	"undo-gone":       "%[1]s 已不再生效：已随重启失效，或无法撤销",
	"undo-nothing":    "没有可撤销的：synoptic 在这个网络命名空间中没有留下任何更改",
	"undo-nothing-of": "没有可撤销的：synoptic 在这个网络命名空间中没有留下名为 %[1]s 的更改",
	"undo-standing":   "仍然有效：%[1]s",
	"undo-ended":      "%[1]s：已随重启失效，或无法撤销",
	"undo-setting":    "%[1]s 恢复为 %[2]s",
	"undo-removed":    "已删除 %[1]s",
}

var fixLabelsZhTW = map[string]string{
	"fix-against":         "%[1]s，針對 %[2]s",
	"fix-against-subject": "%[1]s，針對 %[2]s（%[3]s）",
	"fix-would-change":    "將變更（範圍：%[1]s）：",
	"fix-changed":         "已變更（範圍：%[1]s）：",
	"fix-already":         "本來就是這樣（範圍：%[1]s）：",
	"fix-refused":         "遭拒絕（範圍：%[1]s）：",
	"fix-taken-back":      "已還原（範圍：%[1]s）：",
	"fix-was":             "原值 %[1]s",
	"fix-no-way-back":     "無法撤銷",
	"fix-helps-if":        "見效的跡象：",
	"fix-dry":             "什麼都沒有變更：這只是演練。",
	"fix-again":           "%[1]s 已執行；正在再次查看",

	"undo-done":       "已撤銷 %[1]s：一切恢復原狀",
	"undo-gone":       "%[1]s 已不再生效：已隨重新開機失效，或無法撤銷",
	"undo-nothing":    "沒有可撤銷的：synoptic 在這個網路命名空間中沒有留下任何變更",
	"undo-nothing-of": "沒有可撤銷的：synoptic 在這個網路命名空間中沒有留下名為 %[1]s 的變更",
	"undo-standing":   "仍然有效：%[1]s",
	"undo-ended":      "%[1]s：已隨重新開機失效，或無法撤銷",
	"undo-setting":    "%[1]s 恢復為 %[2]s",
	"undo-removed":    "已刪除 %[1]s",
}
