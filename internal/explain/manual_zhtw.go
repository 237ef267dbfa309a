package explain

// manualsZhTW is what the help says of commands at length, in Traditional Chinese.
var manualsZhTW = map[string]string{
	"synoptic": `synoptic 按狀態查看本機的每個 TCP 連線，並說明某個狀態為什麼堆積：原因、依據、排除了什麼、放著不管會怎樣，以及該怎麼辦。

請從 "synoptic diagnose" 開始。不加 --fix 時它只看不改；它不需要設定，只有查看其他使用者的行程才需要 root。`,

	"synoptic diagnose": `觀察本網路命名空間一段時間，或讀取已記錄的 bundle，說明哪些狀態在堆積、為什麼、排除了什麼、放著不管會怎樣，以及該怎麼辦。除非使用 --fix 或 --undo，否則不做任何變更；除非使用 --probe，否則不傳送任何東西。

在權限允許時（CAP_NET_RAW），它還會監聽這段時間的封包：它們能說明交握在路上的哪一段遺失，是誰丟棄的。

使用 --probe 時（CAP_NET_RAW），它在觀察結束後詢問最多 32 個對端是否還在，並事先說明將向誰傳送什麼：
  - 閒置的連線：傳送一個序號對不上的空區段。仍有這個連線的一方會確認
    它而不作任何改變，沒有這個連線的以 RST 回應，死掉的主機什麼都不回：
    那就是名不副實的 ESTABLISHED。
  - 對資料或 SYN 不予回應的對端：傳送一個 ICMP 回應請求；由本機發起的，
    再新建一個連線。這種回應說明不了多少：閘道可能代替對端回應，許多
    主機回應 TCP 卻不回應它。
沒有回音的再詢問一次。原有的連線保持不變。

使用 --fix 時，它在本網路命名空間中執行它現在給出的一個處理方式：先把原來的設定寫入日誌，再次查看，並說明是否見效。--dry-run 只顯示將要做什麼。--undo 原樣恢復先前的設定。`,

	"synoptic states": `按狀態統計本網路命名空間的 TCP socket，包括 IPv4 和 IPv6。半開連線計入 SYN-RECEIVED，儘管 netstat 和 ss 會隱藏其中一部分。`,

	"synoptic sockets": `列出本網路命名空間的 TCP socket 及其所有者。沒有行程持有的 socket 會說明原因：never-accepted（從未被接受）、orphan（孤兒）、kernel（屬於核心，或描述子正在傳遞）或 hidden（所有者屬於其他使用者；請以 root 執行）。

FILTER 與 ss 的相同："state X" 和 "exclude X"，其中的狀態可用任何拼寫（SYN-RECEIVED、syn-recv、SYN_RCVD、TimeWait），也可以是一組（all、connected、synchronized、bucket、big）；然後是對 src、dst、sport、dport、dev、fwmark、cgroup 和 autobound 的條件，用 and、or、not 和括號相連。能由核心篩選的就由核心篩選。

短參數與 ss 的相同。-t、-a、-n、-p 和 -o 要求的本來就會顯示；-l 只列出監聽端，-e 加上 uid、inode 和 cookie，-i 和 -m 為每個 socket 加一行。"-o WORD" 是輸出格式。`,

	"synoptic listeners": `列出監聽 TCP 的一切：程式、從哪裡可以到達、兩個佇列及其上限、accept 佇列的上限由什麼決定（程式的 listen() 還是 net.core.somaxconn），以及至今拒絕了多少 SYN 和 ACK。

佇列顯示 129/128 就是滿了：核心會比上限多收一個。

由 NAT 規則引向監聽端的連接埠，不論在本機還是在容器中，也會列出（需要 CAP_NET_ADMIN）。`,

	"synoptic trace": `即時顯示本網路命名空間中每個 TCP 連線的每次狀態轉換，直到按下 Ctrl-C：從哪個狀態到哪個狀態、前一狀態持續了多久、起因是什麼、由誰持有 socket（孤兒則是曾由誰持有）。開始追蹤之前的時間顯示為 "-"。

FILTER 與 "synoptic sockets" 的相同，由核心自己篩選。"state X" 選出進入或離開 X 的轉換。autobound 和 cgroup 在這裡不可用。

核心只回報完整 socket 的轉換（"source":"event"）。半開連線和 TIME-WAIT 的 mini socket 每秒查看五次（"iterator"）：回報會稍晚一點，但開始的時間是準確的。在兩次查看之間來了又走的，例如被拒絕的 SYN，看不到。

--with drops,resets,retransmissions,errors（或 all）在轉換之外還顯示區段出了什麼錯，並附上執行中的核心所說的原因：被哪個防火牆掛鉤或核心函式丟棄、為什麼傳送 RST、在哪個狀態下重傳了區段或 SYN-ACK、socket 得到了哪個錯誤。每個都單獨成行計數；沒有 socket 的丟棄沒有狀態。每個處理器每秒最多逐個顯示 10,000 個。

--summary 在核心中彙總，對繁忙的主機幾乎沒有負擔：每種轉換發生了多少次，以及在離開的狀態中所用時間的中位數和 99 百分位數（誤差最多八分之一；一個處理器上開始的 socket 超過 4,096 個之後，每 16 個 socket 只計一個的時間）。它統計的是核心為完整 socket 回報的，所以不包括從未建立的半開連線、TIME-WAIT 的結束，以及程式先於對端關閉的連線的 TIME-WAIT。與 --with 合用時，還按原因和狀態統計出錯的次數。

它需要 CAP_BPF 和 CAP_PERFMON 或 root，以及帶 BTF 的 Linux 5.12。事件來得比讀得快時，八個連線中會略去七個，直到讀取趕上，最後一行說明缺了多少事件。丟棄的原因需要 Linux 5.17，重置的原因需要 6.10。`,

	"synoptic baseline": `趁一切正常時，把本網路命名空間的監聽端寫成 JSON。之後 "synoptic diagnose --baseline FILE" 會指出每個新出現的、能從更多地方到達的、或屬於別的程式的監聽端。`,

	"synoptic record": `觀察本網路命名空間一段時間，把依據寫入 FILE，"-" 表示標準輸出。"synoptic diagnose --bundle FILE" 可在任何系統上讀取它。FILE 要麼完整出現，要麼完全不出現，而且只有你能讀取。

--anonymize 替換位址和名稱，使 bundle 可以給別人看；網路、連接埠和數量保持不變，診斷也不變。

--probe 詢問沒有動靜的對端是否還在，與 "synoptic diagnose --probe" 相同。`,

	"synoptic check": `診斷本網路命名空間，像監控外掛程式那樣輸出一行文字和效能資料。結束碼取決於最嚴重的發現項：2 為嚴重，1 為警告，其餘為 0；無法讀取 socket、無法判斷指定的原因，或呼叫方式有誤時為 3。

使用 --state 時，結束碼取決於某個狀態用掉了多少上限：LISTEN 和 SYN-RECEIVED 看監聽端最滿的佇列，TIME-WAIT 看 tcp_max_tw_buckets 或通往同一目標的連接埠，SYN-SENT 看通往同一目標的連接埠，其餘的看持有最多的行程的描述子。`,

	"synoptic explain": `解釋 TCP 的一個狀態、從一個狀態到另一個狀態的轉換，或 RFC 9293 的整張轉換表，以及 Linux 的不同之處。不帶參數時列出十一個狀態。

原因說明某個狀態為什麼堆積，用 "diagnose" 給出的代碼指定：背景、表現、容易與什麼混淆、如何在實驗室中重現、如何解決、什麼不要做，以及什麼能推翻它。"causes" 按狀態列出全部原因。"myths" 是關於這一切的常見錯誤說法，以及反駁它們的依據。

狀態可用任何拼寫：RFC、核心、ss、netstat、node_exporter 和 OpenTelemetry 的都行。箭頭要加引號，或者省略。`,

	"synoptic simulate": `按 RFC 9293 的規則演示 TCP 兩端的一個故事，並畫出來：兩邊是兩端的狀態，中間是區段，每一步都標明依據轉換表的哪一列和 RFC 的哪一節。"list" 列出所有故事。不會向任何地方傳送任何東西；模擬的幾分鐘不花時間。

參數會改動故事；沒有指定故事時，改動的是一次資料交換。WHICH 指定哪些區段：

  SYN-ACK:2            第二個 SYN,ACK；SYN、ACK、DATA、FIN、RST 也一樣
  responder:FIN        回應方的每個 FIN
  DATA:2..4  ACK:2..   第二到第四個；從第二個起的全部
  5%  originator:20%   二十個中的一個，由 --seed 決定
  @5s  ACK@1s..3s      從那時起傳送的；在這段時間內傳送的
  all                  每個區段

--do 的 WHAT 是使用者的呼叫（passive-OPEN、OPEN、SEND=OCTETS、RECEIVE、CLOSE、ABORT），或一端的遭遇（crash、vanish、return）。WHEN 是時間（2s），或這一端的狀態（ESTABLISHED、CLOSE-WAIT+500ms）。`,

	"synoptic simulate explore": `在一個界限之內，探索兩端的呼叫、到達、遺失、重複和逾時可能發生的所有順序，並在每個聯合狀態中檢查：沒有資料遺失或過時、兩端的狀態相互吻合、總有路徑通向結束。不成立的以最短的執行過程顯示。

不帶參數時列出各個界限。其中有些故意違反一條規則，用來顯示這條規則有什麼用。`,

	"synoptic read": `讀取擷取檔（pcap 和 pcapng，也可以是 gzip、zstd 或 bzip2 壓縮的；- 表示標準輸入），在封包所能顯示的範圍內，重建每個連線兩端的狀態。帶問號的狀態是幾個可能中最像的一個。

不帶參數時輸出彙總。給出過濾條件時列出連線，過濾條件與 "sockets" 和 ss 的相同，任一端符合即可；--connections 或 -o jsonl 也會列出。--ladder 把其中一個連線逐個區段畫出來。

--diagnose 說明擷取檔顯示出什麼問題，附上依據和排除了什麼。只有主機才知道的，例如它的佇列和程式，不作判斷。這時的狀態是靠近擷取處那一端的，否則是伺服器的。它給出的命令中，FILE 代表擷取檔。

--correlate A B 對照同樣的連線在路上兩處的擷取檔。途中位址、連接埠和序號可能被改寫，時鐘可能不同，任何一份都可能開始得較晚。對每個區段，它說明是到達了、被改動了（改了什麼）、在兩處之間消失了，還是在中間產生的，如中間設備的 RST 或 SYN,ACK；無從得知時說明為什麼。它輸出時鐘、按方向的表、中間發生了什麼，以及有問題的連線。--ladder NUMBER 畫出其中一個，兩處並排。

使用 -o json 時是一個物件：points、clock（offset_seconds 是 B 減 A）、joined、alone、segments（按方向、種類和結論的數量）、findings（topic、from、to、count、connections、text）和 connections。使用 -o jsonl 時每行一個連線，帶它的全部區段：每份擷取檔中的位置（packet、time、ttl）、結論（arrived、changed、vanished、made、unknown）、why、changes。`,

	"synoptic capture": `擷取經過本機的封包，過濾由核心執行。不帶 -w 時，每個 TCP 區段輸出一行。帶 -w 時寫成 pcapng，寫入檔案，或用 "-" 寫到標準輸出，供 synoptic read、tcpdump 和 Wireshark 讀取。它一直進行到被中斷，或到 --for 和 --count 規定的時間或數量。最後說明有多少封包，以及因程式來不及處理而被核心丟棄了多少。

FILTER 與 tcpdump 的相同：host、net、port、portrange 和 proto，可帶 src 和 dst；tcp、udp、sctp、icmp、icmp6、ip、ip6、arp、rarp 和 ether；tcp[tcpflags] 之類；and、or、not 和括號。帶括號時要為 shell 加引號。

-i 指定介面，可重複；"any" 是預設值，即所有介面，包括之後才出現的。按名稱擷取時，乙太網路介面會顯示兩個硬體位址；"any" 顯示傳送方的位址和介面。

每個封包保留 256 位元組，即所有標頭和少量內容；--snaplen 規定保留多少，0 表示全部。在繁忙的主機上，--sample 100 保留每個 SYN、FIN、RST 和 ICMP 錯誤，其餘封包每一百個保留一個。

-w 寫出的檔案帶有註解，Wireshark 會顯示，也能搜尋：改變連線狀態的每個封包，註明如何改變、有何異常；synoptic read --diagnose 會指出的每個原因，從它顯露的那個封包起註明，並寫在檔案末尾和標準錯誤上。使用 --sample，或 FILTER 可能漏掉連線的某些封包時，只有狀態。每秒超過 50,000 個封包時，為減輕主機負擔，註解就此結束。--notes=false 不寫註解。

使用 --rotate-size 時，-w FILE.pcapng 寫成 FILE-0001.pcapng 及以後的檔案；只保留最後 --rotate-count 個。擷取檔裡有別人寫的內容：這些檔案只有你能讀取。

它需要 CAP_NET_RAW 權限。除非使用 --promiscuous，否則介面不會進入混雜模式；它不傳送任何東西。`,

	"synoptic lab": `在本機上用網路命名空間搭建小型環境，在每個環境中製造一個故障，並展示診斷能指出它。這些命名空間之外的東西一概不碰，什麼也不留下。它需要 root，或非特權使用者命名空間。`,

	"synoptic lab shell": `搭建場景，並在將被診斷的主機上啟動你的 shell（用 --at 可換到另一台）。ss、tcpdump 和 synoptic 只看到那台主機。shell 結束，環境就結束。`,

	"synoptic lab walk": `建立私有的網路命名空間，在其中扮演真實 Linux socket 的對端，以所有可能的方式驅動它們走過核心 TCP 狀態機的每一條邊：區段、系統呼叫、計時器和 SOCK_DESTROY。每個連線之前和之後處於什麼狀態，由 sock_diag 說明。同時，我們自己的狀態機作為用戶端和伺服器與 Linux 進行完整的對話。

需要幾秒鐘；加上 --slow 會等到 TIME-WAIT 結束，需要一分鐘。`,

	"synoptic guard bench": `在自己的兩個網路命名空間中，用洪水攻擊衝擊自己的一台伺服器，測量在每種防禦手段下，一個偽造的 SYN 花費處理器多少時間，正常用戶端感受到什麼：首次嘗試是否成功，首位元組何時返回。用時不到一分鐘；命名空間之外的東西一概不碰，什麼也不留下。它需要 root 和 Linux 6.9。`,

	"synoptic guard plan": `觀察本網路命名空間一段時間，說明 guard 會變更什麼：每項設定的目前值和新值、作用、對正常用戶端的代價，以及如何還原。沒有洪水攻擊時，它提出的是洪水攻擊到來時有幫助的設定。accept 佇列已滿、SYN-ACK 送不出去，以及其他看似洪水攻擊的情況都不是洪水攻擊：那時它不提出任何變更，並說明為什麼。

發現洪水攻擊，或使用 --xdp 時，它還提出用 XDP 產生 SYN Cookie；在早於 Linux 6.9 的核心上，用的是核心產生的 Cookie。已有其他 XDP 程式的介面會被拒絕。--drop 丟棄來自某個網路的 SYN，前提是這次觀察證明它有敵意：沒有它 Cookie 也能應付，所以它只適合知道那是誰的位址的人。

前往這台路由器後面某台伺服器的洪水攻擊，上述辦法都無法終止。如果伺服器自己無法防禦，--router 或 --protect 提出 netfilter 的 SYNPROXY：路由器代替伺服器回應 SYN。它用一個連線詢問伺服器的交握提供什麼，除非已經寫明，例如 --protect 192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm。

使用 --persist 時，方案還包括使它在重新開機後仍然有效的檔案：/etc/sysctl.d 中的設定，以及只有本程式才能做的事所用的 systemd 單元。`,

	"synoptic guard apply": `制定 "guard plan" 的方案，不再詢問就全部執行，包括預防性的設定。原來的設定先寫入日誌；某項變更失敗時，之前的變更會還原。"guard revert" 原樣恢復一切。它需要 root。`,

	"synoptic guard run": `把 XDP 產生的 SYN Cookie 掛到一個介面上，先不啟用，並每秒十次查看核心的計數器。發現半開連線佇列已滿時，它查看是誰在請求：其中幾乎沒有一個成為連線時，就是洪水攻擊，監聽端在 300 ms 內啟用。同時湧來的用戶端，不論多少，都不是洪水攻擊；程式不接受連線也不是：那時它會說明，什麼都不做。

它證明防禦有效，否則還原並說明為什麼。洪水攻擊的最後跡象過去一分鐘後，它停用；一陣一陣的洪水攻擊只需應對一次。Ctrl-C、SIGTERM 或 --for 到時會恢復一切。guard 被終止時，另一個行程在一秒內恢復；兩個都被終止時，"synoptic guard status" 會說明，"synoptic guard revert" 恢復剩下的。

不使用 --listener 時，看守該介面各位址上的所有監聽端，包括之後才開始的。--dry-run 作同樣的判斷，統計本來會回應多少，但不回應。它需要 root。`,

	"synoptic guard status": `說明本網路命名空間中是否有 guard 在執行，並把 guard 的日誌對它的記錄與現在的情況比較。不做任何變更。`,

	"synoptic guard revert": `還原 guard 在本網路命名空間中的所有變更，最後的最先還原。如果之後有人改成了別的值，它就停下，不做任何變更；--force 則照樣恢復之前的值。執行兩次與執行一次效果相同。正在執行的 guard 自己會還原它所做的變更：請結束它，而不是使用這個命令。

啟用過監聽端時，SYN 立即放行，背景行程最多用一分鐘接受正在進行的交握的 ACK；--now 則立即卸下一切。`,

	"synoptic completion": `為指定的 shell 產生 synoptic 的自動補全腳本。如何使用產生的腳本，見各子命令的說明。`,

	"synoptic completion bash": `產生 bash 的自動補全腳本。

腳本相依於 'bash-completion' 套件。如果還沒有安裝，可用作業系統的套件管理員安裝。

在目前的 shell 工作階段中載入補全：

	source <(synoptic completion bash)

在每個新的工作階段中載入補全，只需執行一次：

#### Linux:

	synoptic completion bash > /etc/bash_completion.d/synoptic

#### macOS:

	synoptic completion bash > $(brew --prefix)/etc/bash_completion.d/synoptic

新開一個 shell 後生效。`,

	"synoptic completion zsh": `產生 zsh 的自動補全腳本。

如果你的環境還沒有啟用 shell 補全，需要先啟用，只需執行一次：

	echo "autoload -U compinit; compinit" >> ~/.zshrc

在目前的 shell 工作階段中載入補全：

	source <(synoptic completion zsh)

在每個新的工作階段中載入補全，只需執行一次：

#### Linux:

	synoptic completion zsh > "${fpath[1]}/_synoptic"

#### macOS:

	synoptic completion zsh > $(brew --prefix)/share/zsh/site-functions/_synoptic

新開一個 shell 後生效。`,

	"synoptic completion fish": `產生 fish 的自動補全腳本。

在目前的 shell 工作階段中載入補全：

	synoptic completion fish | source

在每個新的工作階段中載入補全，只需執行一次：

	synoptic completion fish > ~/.config/fish/completions/synoptic.fish

新開一個 shell 後生效。`,

	"synoptic completion powershell": `產生 PowerShell 的自動補全腳本。

在目前的 shell 工作階段中載入補全：

	synoptic completion powershell | Out-String | Invoke-Expression

要在每個新的工作階段中載入補全，請把上述命令的輸出加到你的 PowerShell 設定檔中。`,
}
