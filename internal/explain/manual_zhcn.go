package explain

// manualsZhCN is what the help says of commands at length, in Simplified Chinese.
var manualsZhCN = map[string]string{
	"synoptic": `synoptic 按状态查看本机的每个 TCP 连接，并说明某个状态为什么堆积：原因、依据、排除了什么、放着不管会怎样，以及该怎么办。

请从 "synoptic diagnose" 开始。不加 --fix 时它只看不改；它不需要配置，只有查看其他用户的进程才需要 root。`,

	"synoptic diagnose": `观察本网络命名空间一段时间，或读取已记录的 bundle，说明哪些状态在堆积、为什么、排除了什么、放着不管会怎样，以及该怎么办。除非使用 --fix 或 --undo，否则不做任何更改；除非使用 --probe，否则不发送任何东西。

在权限允许时（CAP_NET_RAW），它还会监听这段时间的数据包：它们能说明握手在路上的哪一段丢失，是谁丢弃的。

使用 --probe 时（CAP_NET_RAW），它在观察结束后询问最多 32 个对端是否还在，并事先说明将向谁发送什么：
  - 空闲的连接：发送一个序列号对不上的空报文段。仍有这个连接的一方会
    确认它而不作任何改变，没有这个连接的以 RST 应答，死掉的主机什么都
    不回：那就是名不副实的 ESTABLISHED。
  - 对数据或 SYN 不予应答的对端：发送一个 ICMP 回显请求；由本机发起的，
    再新建一个连接。回显说明不了多少：网关可能代替对端应答，许多主机
    应答 TCP 却不应答回显。
没有回音的再询问一次。原有的连接保持不变。

使用 --fix 时，它在本网络命名空间中执行它现在给出的一个处理办法：先把原来的设置写入日志，再次查看，并说明是否见效。--dry-run 只显示将要做什么。--undo 原样恢复之前的设置。`,

	"synoptic states": `按状态统计本网络命名空间的 TCP 套接字，包括 IPv4 和 IPv6。半连接计入 SYN-RECEIVED，尽管 netstat 和 ss 会隐藏其中一部分。`,

	"synoptic sockets": `列出本网络命名空间的 TCP 套接字及其所有者。没有进程持有的套接字会说明原因：never-accepted（从未被接受）、orphan（孤儿）、kernel（属于内核，或描述符正在传递）或 hidden（所有者属于其他用户；请以 root 运行）。

FILTER 与 ss 的相同："state X" 和 "exclude X"，其中的状态可用任何拼写（SYN-RECEIVED、syn-recv、SYN_RCVD、TimeWait），也可以是一组（all、connected、synchronized、bucket、big）；然后是对 src、dst、sport、dport、dev、fwmark、cgroup 和 autobound 的条件，用 and、or、not 和括号连接。能由内核筛选的就由内核筛选。

短参数与 ss 的相同。-t、-a、-n、-p 和 -o 要求的本来就会显示；-l 只列出监听端，-e 加上 uid、inode 和 cookie，-i 和 -m 为每个套接字加一行。"-o WORD" 是输出格式。`,

	"synoptic listeners": `列出监听 TCP 的一切：程序、从哪里可以到达、两个队列及其上限、全连接队列的上限由什么决定（程序的 listen() 还是 net.core.somaxconn），以及至今拒绝了多少 SYN 和 ACK。

队列显示 129/128 就是满了：内核会比上限多收一个。

由 NAT 规则引向监听端的端口，不论在本机还是在容器中，也会列出（需要 CAP_NET_ADMIN）。`,

	"synoptic trace": `实时显示本网络命名空间中每个 TCP 连接的每次状态转换，直到按下 Ctrl-C：从哪个状态到哪个状态、前一状态持续了多久、起因是什么、由谁持有套接字（孤儿则是曾由谁持有）。开始跟踪之前的时间显示为 "-"。

FILTER 与 "synoptic sockets" 的相同，由内核自己筛选。"state X" 选出进入或离开 X 的转换。autobound 和 cgroup 在这里不可用。

内核只报告完整套接字的转换（"source":"event"）。半连接和 TIME-WAIT 的 mini 套接字每秒查看五次（"iterator"）：报告会稍晚一点，但开始的时间是准确的。在两次查看之间来了又走的，例如被拒绝的 SYN，看不到。

--with drops,resets,retransmissions,errors（或 all）在转换之外还显示报文段出了什么错，并附上运行中的内核所说的原因：被哪个防火墙钩子或内核函数丢弃、为什么发送 RST、在哪个状态下重传了报文段或 SYN-ACK、套接字得到了哪个错误。每个都单独成行计数；没有套接字的丢弃没有状态。每个处理器每秒最多逐个显示 10,000 个。

--summary 在内核中汇总，对繁忙的主机几乎没有负担：每种转换发生了多少次，以及在离开的状态中所用时间的中位数和 99 百分位数（误差最多八分之一；一个处理器上开始的套接字超过 4,096 个之后，每 16 个套接字只计一个的时间）。它统计的是内核为完整套接字报告的，所以不包括从未建立的半连接、TIME-WAIT 的结束，以及程序先于对端关闭的连接的 TIME-WAIT。与 --with 合用时，还按原因和状态统计出错的次数。

它需要 CAP_BPF 和 CAP_PERFMON 或 root，以及带 BTF 的 Linux 5.12。事件来得比读得快时，八个连接中会略去七个，直到读取赶上，最后一行说明缺了多少事件。丢弃的原因需要 Linux 5.17，重置的原因需要 6.10。`,

	"synoptic baseline": `趁一切正常时，把本网络命名空间的监听端写成 JSON。之后 "synoptic diagnose --baseline FILE" 会指出每个新出现的、能从更多地方到达的、或属于别的程序的监听端。`,

	"synoptic record": `观察本网络命名空间一段时间，把依据写入 FILE，"-" 表示标准输出。"synoptic diagnose --bundle FILE" 可在任何系统上读取它。FILE 要么完整出现，要么完全不出现，而且只有你能读取。

--anonymize 替换地址和名称，使 bundle 可以给别人看；网络、端口和数量保持不变，诊断也不变。

--probe 询问没有动静的对端是否还在，与 "synoptic diagnose --probe" 相同。`,

	"synoptic check": `诊断本网络命名空间，像监控插件那样输出一行文字和性能数据。退出码取决于最严重的发现项：2 为严重，1 为警告，其余为 0；无法读取套接字、无法判断指定的原因，或调用方式有误时为 3。

使用 --state 时，退出码取决于某个状态用掉了多少上限：LISTEN 和 SYN-RECEIVED 看监听端最满的队列，TIME-WAIT 看 tcp_max_tw_buckets 或通往同一目标的端口，SYN-SENT 看通往同一目标的端口，其余的看持有最多的进程的描述符。`,

	"synoptic explain": `解释 TCP 的一个状态、从一个状态到另一个状态的转换，或 RFC 9293 的整张转换表，以及 Linux 的不同之处。不带参数时列出十一个状态。

原因说明某个状态为什么堆积，用 "diagnose" 给出的代码指定：背景、表现、容易与什么混淆、如何在实验室中重现、如何解决、什么不要做，以及什么能推翻它。"causes" 按状态列出全部原因。"myths" 是关于这一切的常见错误说法，以及反驳它们的依据。

状态可用任何拼写：RFC、内核、ss、netstat、node_exporter 和 OpenTelemetry 的都行。箭头要加引号，或者省略。`,

	"synoptic simulate": `按 RFC 9293 的规则演示 TCP 两端的一个故事，并画出来：两边是两端的状态，中间是报文段，每一步都标明依据转换表的哪一行和 RFC 的哪一节。"list" 列出所有故事。不会向任何地方发送任何东西；模拟的几分钟不花时间。

参数会改动故事；没有指定故事时，改动的是一次数据交换。WHICH 指定哪些报文段：

  SYN-ACK:2            第二个 SYN,ACK；SYN、ACK、DATA、FIN、RST 也一样
  responder:FIN        响应方的每个 FIN
  DATA:2..4  ACK:2..   第二到第四个；从第二个起的全部
  5%  originator:20%   二十个中的一个，由 --seed 决定
  @5s  ACK@1s..3s      从那时起发送的；在这段时间内发送的
  all                  每个报文段

--do 的 WHAT 是用户的调用（passive-OPEN、OPEN、SEND=OCTETS、RECEIVE、CLOSE、ABORT），或一端的遭遇（crash、vanish、return）。WHEN 是时间（2s），或这一端的状态（ESTABLISHED、CLOSE-WAIT+500ms）。`,

	"synoptic simulate explore": `在一个界限之内，探索两端的调用、到达、丢失、重复和超时可能发生的所有顺序，并在每个联合状态中检查：没有数据丢失或过时、两端的状态相互吻合、总有路径通向结束。不成立的以最短的运行过程显示。

不带参数时列出各个界限。其中有些故意违反一条规则，用来显示这条规则有什么用。`,

	"synoptic read": `读取抓包文件（pcap 和 pcapng，也可以是 gzip、zstd 或 bzip2 压缩的；- 表示标准输入），在数据包所能显示的范围内，重建每个连接两端的状态。带问号的状态是几个可能中最像的一个。

不带参数时输出汇总。给出过滤条件时列出连接，过滤条件与 "sockets" 和 ss 的相同，任一端符合即可；--connections 或 -o jsonl 也会列出。--ladder 把其中一个连接逐个报文段画出来。

--diagnose 说明抓包显示出什么问题，附上依据和排除了什么。只有主机才知道的，例如它的队列和程序，不作判断。这时的状态是靠近抓包处那一端的，否则是服务器的。它给出的命令中，FILE 代表抓包文件。

--correlate A B 对照同样的连接在路上两处的抓包。途中地址、端口和序列号可能被改写，时钟可能不同，任何一份都可能开始得较晚。对每个报文段，它说明是到达了、被改动了（改了什么）、在两处之间消失了，还是在中间产生的，如中间设备的 RST 或 SYN,ACK；无从得知时说明为什么。它输出时钟、按方向的表、中间发生了什么，以及有问题的连接。--ladder NUMBER 画出其中一个，两处并排。

使用 -o json 时是一个对象：points、clock（offset_seconds 是 B 减 A）、joined、alone、segments（按方向、种类和结论的数量）、findings（topic、from、to、count、connections、text）和 connections。使用 -o jsonl 时每行一个连接，带它的全部报文段：每份抓包中的位置（packet、time、ttl）、结论（arrived、changed、vanished、made、unknown）、why、changes。`,

	"synoptic capture": `抓取经过本机的数据包，过滤由内核执行。不带 -w 时，每个 TCP 报文段输出一行。带 -w 时写成 pcapng，写入文件，或用 "-" 写到标准输出，供 synoptic read、tcpdump 和 Wireshark 读取。它一直进行到被中断，或到 --for 和 --count 规定的时间或数量。最后说明有多少数据包，以及因程序来不及处理而被内核丢弃了多少。

FILTER 与 tcpdump 的相同：host、net、port、portrange 和 proto，可带 src 和 dst；tcp、udp、sctp、icmp、icmp6、ip、ip6、arp、rarp 和 ether；tcp[tcpflags] 之类；and、or、not 和括号。带括号时要为 shell 加引号。

-i 指定接口，可重复；"any" 是默认值，即所有接口，包括之后才出现的。按名称抓取时，以太网接口会显示两个硬件地址；"any" 显示发送方的地址和接口。

每个数据包保留 256 字节，即所有首部和少量内容；--snaplen 规定保留多少，0 表示全部。在繁忙的主机上，--sample 100 保留每个 SYN、FIN、RST 和 ICMP 差错，其余数据包每一百个保留一个。

-w 写出的文件带有注释，Wireshark 会显示，也能搜索：改变连接状态的每个数据包，注明如何改变、有何异常；synoptic read --diagnose 会指出的每个原因，从它显露的那个数据包起注明，并写在文件末尾和标准错误上。使用 --sample，或 FILTER 可能漏掉连接的某些数据包时，只有状态。每秒超过 50,000 个数据包时，为减轻主机负担，注释就此结束。--notes=false 不写注释。

使用 --rotate-size 时，-w FILE.pcapng 写成 FILE-0001.pcapng 及以后的文件；只保留最后 --rotate-count 个。抓包里有别人写的内容：这些文件只有你能读取。

它需要 CAP_NET_RAW 权限。除非使用 --promiscuous，否则接口不会进入混杂模式；它不发送任何东西。`,

	"synoptic lab": `在本机上用网络命名空间搭建小型环境，在每个环境中制造一个故障，并展示诊断能指出它。这些命名空间之外的东西一概不碰，什么也不留下。它需要 root，或非特权用户命名空间。`,

	"synoptic lab shell": `搭建场景，并在将被诊断的主机上启动你的 shell（用 --at 可换到另一台）。ss、tcpdump 和 synoptic 只看到那台主机。shell 结束，环境就结束。`,

	"synoptic lab walk": `建立私有的网络命名空间，在其中扮演真实 Linux 套接字的对端，以所有可能的方式驱动它们走过内核 TCP 状态机的每一条边：报文段、系统调用、定时器和 SOCK_DESTROY。每个连接之前和之后处于什么状态，由 sock_diag 说明。同时，我们自己的状态机作为客户端和服务器与 Linux 进行完整的对话。

需要几秒钟；加上 --slow 会等到 TIME-WAIT 结束，需要一分钟。`,

	"synoptic guard bench": `在自己的两个网络命名空间中，用洪水冲击自己的一台服务器，测量在每种防御手段下，一个伪造的 SYN 花费处理器多少时间，正常客户端感受到什么：首次尝试是否成功，首字节何时返回。用时不到一分钟；命名空间之外的东西一概不碰，什么也不留下。它需要 root 和 Linux 6.9。`,

	"synoptic guard plan": `观察本网络命名空间一段时间，说明 guard 会更改什么：每项设置的当前值和新值、作用、对正常客户端的代价，以及如何撤销。没有洪水时，它提出的是洪水到来时有帮助的设置。全连接队列已满、SYN-ACK 发不出去，以及其他看似洪水的情况都不是洪水：那时它不提出任何更改，并说明为什么。

发现洪水，或使用 --xdp 时，它还提出用 XDP 产生 SYN Cookie；在早于 Linux 6.9 的内核上，用的是内核产生的 Cookie。已有其他 XDP 程序的接口会被拒绝。--drop 丢弃来自某个网络的 SYN，前提是这次观察证明它有敌意：没有它 Cookie 也能应付，所以它只适合知道那是谁的地址的人。

去往这台路由器后面某台服务器的洪水，上述办法都无法终止。如果服务器自己无法防御，--router 或 --protect 提出 netfilter 的 SYNPROXY：路由器代替服务器应答 SYN。它用一个连接询问服务器的握手提供什么，除非已经写明，例如 --protect 192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm。

使用 --persist 时，方案还包括使它在重启后仍然有效的文件：/etc/sysctl.d 中的设置，以及只有本程序才能做的事所用的 systemd 单元。`,

	"synoptic guard apply": `制定 "guard plan" 的方案，不再询问就全部执行，包括预防性的设置。原来的设置先写入日志；某项更改失败时，之前的更改会撤回。"guard revert" 原样恢复一切。它需要 root。`,

	"synoptic guard run": `把 XDP 产生的 SYN Cookie 挂到一个接口上，先不启用，并每秒十次查看内核的计数器。发现半连接队列已满时，它查看是谁在请求：其中几乎没有一个成为连接时，就是洪水，监听端在 300 ms 内启用。同时涌来的客户端，不论多少，都不是洪水；程序不接受连接也不是：那时它会说明，什么都不做。

它证明防御有效，否则撤回并说明为什么。洪水的最后迹象过去一分钟后，它停用；一阵一阵的洪水只需应对一次。Ctrl-C、SIGTERM 或 --for 到时会恢复一切。guard 被杀死时，另一个进程在一秒内恢复；两个都被杀死时，"synoptic guard status" 会说明，"synoptic guard revert" 恢复剩下的。

不使用 --listener 时，看守该接口各地址上的所有监听端，包括之后才开始的。--dry-run 作同样的判断，统计本来会应答多少，但不应答。它需要 root。`,

	"synoptic guard status": `说明本网络命名空间中是否有 guard 在运行，并把 guard 的日志对它的记录与现在的情况比较。不做任何更改。`,

	"synoptic guard revert": `撤销 guard 在本网络命名空间中的所有更改，最后的最先撤销。如果之后有人改成了别的值，它就停下，不做任何更改；--force 则照样恢复之前的值。执行两次与执行一次效果相同。正在运行的 guard 自己会撤销它所做的更改：请结束它，而不是使用这个命令。

启用过监听端时，SYN 立即放行，后台进程最多用一分钟接受正在进行的握手的 ACK；--now 则立即卸下一切。`,

	"synoptic completion": `为指定的 shell 生成 synoptic 的自动补全脚本。如何使用生成的脚本，见各子命令的帮助。`,

	"synoptic completion bash": `生成 bash 的自动补全脚本。

脚本依赖 'bash-completion' 软件包。如果还没有安装，可用操作系统的包管理器安装。

在当前 shell 会话中加载补全：

	source <(synoptic completion bash)

在每个新会话中加载补全，只需执行一次：

#### Linux:

	synoptic completion bash > /etc/bash_completion.d/synoptic

#### macOS:

	synoptic completion bash > $(brew --prefix)/etc/bash_completion.d/synoptic

新开一个 shell 后生效。`,

	"synoptic completion zsh": `生成 zsh 的自动补全脚本。

如果你的环境还没有启用 shell 补全，需要先启用，只需执行一次：

	echo "autoload -U compinit; compinit" >> ~/.zshrc

在当前 shell 会话中加载补全：

	source <(synoptic completion zsh)

在每个新会话中加载补全，只需执行一次：

#### Linux:

	synoptic completion zsh > "${fpath[1]}/_synoptic"

#### macOS:

	synoptic completion zsh > $(brew --prefix)/share/zsh/site-functions/_synoptic

新开一个 shell 后生效。`,

	"synoptic completion fish": `生成 fish 的自动补全脚本。

在当前 shell 会话中加载补全：

	synoptic completion fish | source

在每个新会话中加载补全，只需执行一次：

	synoptic completion fish > ~/.config/fish/completions/synoptic.fish

新开一个 shell 后生效。`,

	"synoptic completion powershell": `生成 PowerShell 的自动补全脚本。

在当前 shell 会话中加载补全：

	synoptic completion powershell | Out-String | Invoke-Expression

要在每个新会话中加载补全，请把上述命令的输出加到你的 PowerShell 配置文件中。`,
}
