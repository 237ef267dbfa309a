package explain

// whysZhTW is why a source was not read, a number being #, in Traditional Chinese.
var whysZhTW = map[string]string{
	"this version does not read it":                "本版本不讀取",
	"nothing is sent unless --probe allows it":     "除非 --probe 允許，否則不傳送任何東西",
	"the window was interrupted: nothing was sent": "觀察期間被中斷：沒有傳送任何東西",
	"the descriptors of # process could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)":   "有 # 個程序的描述子無法讀取，需要 CAP_SYS_PTRACE 和 CAP_DAC_READ_SEARCH",
	"the descriptors of # processes could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)": "有 # 個程序的描述子無法讀取，需要 CAP_SYS_PTRACE 和 CAP_DAC_READ_SEARCH",
	"# connections found no room in memory":                                              "有 # 個連線在記憶體中沒有位置",
	"of # servers, the # with most connections are judged":                               "# 個伺服器中，只判斷連線最多的 # 個",
	"more than # packets a second: not followed, to spare the host":                      "每秒超過 # 個封包：為減輕主機負擔，不予追蹤",
	"# network namespaces at once: packets are followed in # at most, to spare the host": "同時有 # 個網路命名空間：為減輕主機負擔，最多追蹤其中 # 個的封包",
	"look at one alone": "請單獨查看其中一個",
	"one look takes no time in which packets could be seen":                                                                                "只看一次，沒有可供觀察封包的時間",
	"it holds # connections: more than # are not read, to spare the host":                                                                  "其中有 # 個連線：超過 # 個就不讀取，以減輕主機負擔",
	"the kernel's table changed during a dump: some sockets may be missing or counted twice":                                               "匯出期間核心的表發生了變化：有些 socket 可能缺失或被計算兩次",
	"capture needs CAP_NET_RAW in this network namespace: run it as root, or give the right to the program with \"setcap cap_net_raw+ep\"": "擷取封包需要在此網路命名空間中擁有 CAP_NET_RAW：請以 root 執行，或用 \"setcap cap_net_raw+ep\" 給程式授權",
	"a capture has none":                                  "擷取檔中沒有",
	"a text has none":                                     "文字中沒有",
	"the text names no programs":                          "文字沒有寫明程式",
	"could not be read":                                   "無法讀取",
	"more than # old packets":                             "舊封包超過 # 個",
	"more than # joint states":                            "聯合狀態超過 # 個",
	"more different packets or ends than can be numbered": "不同的封包或端超過了可編號的數量",
	"all that the bound breaks is broken":                 "該界限要破壞的都已破壞",
	"stopped":                                             "被中止",
	"more than # packets under way, or more than # sent at once": "途中的封包超過 # 個，或一次傳送超過 # 個",
}
