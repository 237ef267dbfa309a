package explain

var guardRunLabelsZhTW = map[string]string{
	"guarding-begin":          "正在 %[1]s 上觀察 %[2]d 個監聽端（%[3]s XDP），未啟用：在核心回報佇列已滿之前，所有訊框照常通過",
	"guarding-begin-dry":      "試執行：正在 %[1]s 上觀察 %[2]d 個監聽端（%[3]s XDP）；不會回應任何 SYN，只計數",
	"guarding-setting":        "%[1]s 原本是 %[2]s，guard 執行期間改為 %[3]s：否則核心不接受任何 Cookie",
	"guarding-setting-needed": "%[1]s 現在是 %[2]s：正式執行時會改為 %[3]s，否則核心不接受任何 Cookie",

	"guarding-queue-full":        "%[1]d 個 SYN 遇到佇列已滿：半開連線 %[2]d 個，容量 %[3]d，來自 %[5]d 個網段的 %[4]d 個位址；從現在起統計它的 SYN",
	"guarding-flood":             "已啟用：是洪水攻擊，%[2]d 個 SYN 中只有 %[1]d 個成為連線；用 Cookie 回應，直到最後一次跡象之後 %[3]s",
	"guarding-flood-dry":         "本應啟用：是洪水攻擊，%[2]d 個 SYN 中只有 %[1]d 個成為連線；正式執行時會用 Cookie 回應，直到最後一次跡象之後 %[3]s",
	"guarding-flash-crowd":       "不是洪水攻擊：%[2]d 個 SYN 中有 %[1]d 個成為連線，佇列裡都是真正的用戶端；不採取任何措施，加大 backlog 會對它們有幫助",
	"guarding-accept-queue-full": "不是洪水攻擊：程式沒有 accept，有 %[1]d 個連線在等待，而它要求的容量是 %[2]d；任何針對 SYN 的防禦都不能讓它去 accept",
	"guarding-elsewhere":         "%[1]d 個 SYN 遇到佇列已滿，但不屬於這裡觀察的任何監聽端",
	"guarding-elsewhere-way":     "佇列已滿，但它的 SYN 不是從這個介面進來的：應該防護另一個介面",

	"guarding-verified":          "防禦有效：%[2]d 個 SYN 中有 %[1]d 個返回並成為連線，沒有 SYN 再遇到佇列已滿",
	"guarding-still-full":        "回應的 %[2]d 個 SYN 中有 %[1]d 個返回，但仍有 SYN 遇到佇列已滿：其中 %[3]d 個屬於留給核心處理的種類，或者它們走的是另一條路",
	"guarding-clients-only":      "原來是真正的用戶端：回應的 %[2]d 個 SYN 中有 %[1]d 個返回；Cookie 對它們沒有害處，%[3]s後結束",
	"guarding-continues":         "前一個 guard 已經啟用；直到洪水攻擊的最後一次跡象之後 %[1]s",
	"guarding-over":              "已停用：%[1]s內沒有洪水攻擊的跡象；%[3]d 個 SYN 中有 %[2]d 個返回並成為連線",
	"guarding-over-dry":          "本應停用：%[1]s內沒有洪水攻擊的跡象；本會回應 %[3]d 個 SYN，建立了大約 %[2]d 個連線",
	"guarding-calm":              "不再有 SYN 遇到佇列已滿；不再統計它的 SYN",
	"guarding-bad-checksums":     "已停用：%[1]d 個 SYN 看起來已損壞，%[2]d 個沒有，而且沒有一個返回；網路卡或連結未填寫檢查碼可以解釋這一點",
	"guarding-cookies-refused":   "已停用：核心拒絕了 %[1]d 個帶有我們的 Cookie 的 ACK；net.ipv4.tcp_syncookies 是不是 0，或者監聽端換了？",
	"guarding-nobody-comes-back": "已停用：%[2]s內回應的 %[1]d 個 SYN 沒有一個返回，而之前有用戶端：回應沒有到達它們",
	"guarding-no-syn-reached":    "已停用：沒有 SYN 到達 guard，卻仍有 SYN 遇到佇列已滿：它們走的是另一條路",

	"guarding-cannot-be-armed":    "無法啟用，稍後重試：%[1]s",
	"guarding-cannot-be-shadowed": "無法進一步觀察，稍後重試：%[1]s",
	"guarding-blind":              "看不見了：%[1]s；如果持續下去，已啟用的防禦會自行停止回應",
	"guarding-sees":               "又能看見了",
	"guarding-too-blind":          "已停用：看不見的時間太長",
	"guarding-no-beat":            "無法續期已啟用的防禦：%[1]s",

	"guarding-summary":      "%[2]s內啟用了 %[1]d 次，共 %[3]s。",
	"guarding-summary-dry":  "%[2]s內本應啟用 %[1]d 次，共 %[3]s。沒有回應任何 SYN。",
	"guarding-nothing":      "%[1]s內沒有洪水攻擊：沒有回應任何 SYN。",
	"guarding-handed-over":  "%[1]s後由另一個 guard 接替；已啟用的繼續有效。",
	"guarding-answered":     "回應了 %[1]d 個 SYN，其中 %[2]d 個成為連線；%[3]d 個留給核心，%[4]d 個已損壞，丟棄了 %[5]d 個偽造的 ACK",
	"guarding-would-answer": "本會回應 %[1]d 個 SYN",
	"guarding-restored":     "一切都已恢復原狀。",
	"guarding-acks":         "一切都已恢復原狀，只有還在途中的 Cookie 的 ACK 除外：背景程序會繼續接受它們 %[1]s。",
}
