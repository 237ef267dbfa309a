package explain

// whysZhCN is why a source was not read, a number being #, in Simplified Chinese.
var whysZhCN = map[string]string{
	"this version does not read it":                "本版本不读取",
	"nothing is sent unless --probe allows it":     "除非 --probe 允许，否则不发送任何东西",
	"the window was interrupted: nothing was sent": "观察窗口被中断：没有发送任何东西",
	"the descriptors of # process could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)":   "有 # 个进程的描述符无法读取，需要 CAP_SYS_PTRACE 和 CAP_DAC_READ_SEARCH",
	"the descriptors of # processes could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)": "有 # 个进程的描述符无法读取，需要 CAP_SYS_PTRACE 和 CAP_DAC_READ_SEARCH",
	"# connections found no room in memory":                                              "有 # 个连接在内存中没有位置",
	"of # servers, the # with most connections are judged":                               "# 个服务器中，只判断连接最多的 # 个",
	"more than # packets a second: not followed, to spare the host":                      "每秒超过 # 个数据包：为减轻主机负担，不予跟踪",
	"# network namespaces at once: packets are followed in # at most, to spare the host": "同时有 # 个网络命名空间：为减轻主机负担，最多跟踪其中 # 个的数据包",
	"look at one alone": "请单独查看其中一个",
	"one look takes no time in which packets could be seen":                                                                                "只看一次，没有可供观察数据包的时间",
	"it holds # connections: more than # are not read, to spare the host":                                                                  "其中有 # 个连接：超过 # 个就不读取，以减轻主机负担",
	"the kernel's table changed during a dump: some sockets may be missing or counted twice":                                               "导出期间内核的表发生了变化：有些套接字可能缺失或被计算两次",
	"capture needs CAP_NET_RAW in this network namespace: run it as root, or give the right to the program with \"setcap cap_net_raw+ep\"": "抓包需要在此网络命名空间中拥有 CAP_NET_RAW：请以 root 运行，或用 \"setcap cap_net_raw+ep\" 给程序授权",
	"a capture has none":                                  "抓包中没有",
	"a text has none":                                     "文本中没有",
	"the text names no programs":                          "文本没有写明程序",
	"could not be read":                                   "无法读取",
	"more than # old packets":                             "旧数据包超过 # 个",
	"more than # joint states":                            "联合状态超过 # 个",
	"more different packets or ends than can be numbered": "不同的数据包或端超过了可编号的数量",
	"all that the bound breaks is broken":                 "该界限要破坏的都已破坏",
	"stopped":                                             "被中止",
	"more than # packets under way, or more than # sent at once": "途中的数据包超过 # 个，或一次发送超过 # 个",
}
