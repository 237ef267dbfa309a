package pasted

import (
	"testing"
)

// golden is a file and all that must be read out of it.
type golden struct {
	file    string
	tool    Tool
	sockets []string
	skipped []string
	other   int
	cut     int
	named   int
	knows   string
}

func TestFiles(t *testing.T) {
	for _, list := range [][]golden{linuxFiles, bsdFiles, windowsFiles, ssFiles, procFiles} {
		for _, g := range list {
			t.Run(g.file, func(t *testing.T) { g.check(t, parseFile(t, g.file)) })
		}
	}
}

func (g *golden) check(t *testing.T, text *Text) {
	t.Helper()
	if text.Tool != g.tool {
		t.Errorf("read as %q", text.Tool)
	}
	same(t, "socket", text.describe(), g.sockets)
	var skipped []string
	for _, s := range text.Skipped {
		skipped = append(skipped, s.String())
	}
	same(t, "skipped", skipped, g.skipped)
	if text.Other != g.other || text.Cut != g.cut || text.Named != g.named {
		t.Errorf("%d other, %d cut, %d named; want %d, %d, %d", text.Other, text.Cut, text.Named, g.other, g.cut, g.named)
	}
	if got := text.Knows.words(); got != g.knows {
		t.Errorf("knows %s\nwant  %s", got, g.knows)
	}
	if text.Rows != len(text.Sockets) || text.Counts.Total() != uint64(text.Rows) || text.Damaged != len(text.Skipped) {
		t.Errorf("%d rows, %d sockets, counts %v, %d damaged", text.Rows, len(text.Sockets), text.Counts, text.Damaged)
	}
}

var linuxFiles = []golden{{
	file: "netstat-linux.txt", tool: NetstatLinux, other: 4, cut: 2,
	knows: "Addresses Queues AcceptQueues Timers Owners Inodes UIDs",
	sockets: []string{
		"LISTEN 0.0.0.0:22 - ino=17890 812:sshd: /usr/sbin",
		"LISTEN 127.0.0.1:9000 - q=3/0 ino=20114 uid=33 1034:php-fpm: maste",
		"SYN-RECEIVED 192.0.2.10:80 203.0.113.77:41022 request on/2.92s/1",
		"ESTABLISHED 192.0.2.10:22 198.51.100.4:51515 q=0/52 on/210ms/0 ino=31337 2201:sshd: eve [pri",
		"CLOSE-WAIT 192.0.2.10:44310 198.51.100.80:443 q=1/0 keepalive/1h58m25.55s/0 ino=40411 uid=1000 3111:java",
		"SYN-SENT 192.0.2.10:50122 198.51.100.9:25 q=0/1 on/6.7s/3 ino=40999 uid=1000 3111:java",
		"ESTABLISHED 192.0.2.10:80 203.0.113.5:50100 q=0/8192 probe/11.4s/4 ino=41000 uid=33",
		"TIME-WAIT 192.0.2.10:80 203.0.113.9:61200 time-wait timewait/41.02s/0",
		"FIN-WAIT-2 192.0.2.10:80 203.0.113.8:61201 time-wait timewait/12s/0",
		"LISTEN [::]:80 - ino=18000 900:nginx: master p",
		"ESTABLISHED [2001:db8::1]:443 [2001:db8::2]:51000 ino=50001 uid=33 901:nginx: worker p",
		"ESTABLISHED [2001:db8:0:a:1::1]:443 ?:40000 ino=50002 uid=33 901:nginx: worker p",
		"LAST-ACK 192.0.2.10:8080 ?:40001 on/400ms/2",
	},
}, {
	file: "netstat-linux-plain.txt", tool: NetstatLinux, named: 3,
	knows: "Addresses Queues AcceptQueues",
	sockets: []string{
		"ESTABLISHED 10.0.0.1:22 10.0.0.2:51000",
		"TIME-WAIT - ?:5100 time-wait",
		"LISTEN 0.0.0.0:0 -",
		"LISTEN [::]:0 -",
	},
	skipped: []string{
		`line 2: "ESTABLISHD" is no state in any known language`,
		"line 3: cut short: a row has protocol, two queues, two addresses and a state",
		`line 4: "0" and "x" are no queue lengths`,
		`line 5: "10.0.0.256:22" is no address with a port`,
	},
}, {
	file: "netstat-linux-wide.txt", tool: NetstatLinux, knows: "Addresses Queues",
	sockets: []string{
		"ESTABLISHED [2001:db8:0:a:1::1]:443 [2001:db8:dead:beef:1:2:3:4]:40000",
		"TIME-WAIT [2001:db8:0:a:1::1]:443 [2001:db8:de:b::ee]:40000 time-wait",
	},
}, {
	file: "netstat-linux-zh.txt", tool: NetstatLinux, knows: "Addresses Queues AcceptQueues Timers",
	sockets: []string{
		"LISTEN 0.0.0.0:22 -",
		"ESTABLISHED 192.0.2.10:22 198.51.100.4:51515 q=0/52 on/280ms/0",
		"ESTABLISHED 192.0.2.10:443 198.51.100.5:40400 keepalive/1h57m45.33s/2",
		"TIME-WAIT 192.0.2.10:80 203.0.113.9:61200 time-wait timewait/41.02s/0",
	},
}, {
	file: "netstat-linux-cs.txt", tool: NetstatLinux, knows: "Addresses Queues AcceptQueues Timers",
	sockets: []string{
		"LISTEN 0.0.0.0:22 -",
		"ESTABLISHED 192.0.2.10:22 198.51.100.4:51515 q=0/1 on/12.3s/5",
		"LAST-ACK 192.0.2.10:22 198.51.100.4:51516 q=0/1 on/400ms/2",
		"CLOSING 192.0.2.10:22 198.51.100.4:51517",
	},
}, {
	file: "netstat-linux-pt.txt", tool: NetstatLinux, knows: "Addresses Queues AcceptQueues",
	sockets: []string{
		"LISTEN 0.0.0.0:22 -",
		"ESTABLISHED 192.0.2.10:22 198.51.100.4:51515",
		"CLOSE-WAIT 192.0.2.10:22 198.51.100.4:51516",
		"SYN-RECEIVED 192.0.2.10:22 198.51.100.4:51517 request",
		"ESTABLISHED 192.0.2.10:22 198.51.100.4:51518",
		"FIN-WAIT-2 192.0.2.10:22 198.51.100.4:51519",
	},
}, {
	file: "grep.txt", tool: NetstatLinux, knows: "Addresses Queues",
	sockets: []string{
		"SYN-RECEIVED 192.0.2.10:80 203.0.113.77:41022 request",
		"SYN-RECEIVED 192.0.2.10:80 203.0.113.78:41023 request",
	},
}}

var bsdFiles = []golden{{
	file: "netstat-bsd.txt", tool: NetstatBSD, other: 1, cut: 1, named: 1, knows: "Addresses Queues",
	sockets: []string{
		"ESTABLISHED 10.0.0.1:22 10.0.0.2:51000",
		"FIN-WAIT-1 10.0.0.1:443 203.0.113.77:41022 q=0/1448",
		"SYN-RECEIVED 10.0.0.1:443 203.0.113.78:41023 request",
		"LISTEN 0.0.0.0:22 -",
		"LISTEN [::]:22 -",
		"LISTEN [::]:8080 -",
		"LISTEN [::1]:25 -",
		"CLOSE-WAIT [2001:db8::1]:443 [2001:db8::2]:51000",
		"TIME-WAIT [2001:db8::1]:443 ?:51001 time-wait",
		"LISTEN [fe80::1]:8021 -",
		"CLOSED 10.0.0.1:22 10.0.0.9:0",
		"LAST-ACK 10.0.0.1:22 10.0.0.4:51004",
	},
}, {
	file: "netstat-macos.txt", tool: NetstatMacOS, cut: 1, knows: "Addresses Queues Owners",
	sockets: []string{
		"ESTABLISHED 192.168.1.20:52100 203.0.113.10:443 7007:Google Chrome He",
		"LISTEN 127.0.0.1:8443 - 4242:node",
		"LISTEN [::]:5000 - 612:",
		"TIME-WAIT 192.168.1.20:52101 203.0.113.10:443 time-wait",
		"LISTEN 0.0.0.0:8082 - 70902:",
		"ESTABLISHED ?:49152 ?:49153 331:",
	},
}}

var windowsFiles = []golden{{
	file: "netstat-windows.txt", tool: NetstatWindows, other: 2, knows: "Addresses Owners",
	sockets: []string{
		"LISTEN 0.0.0.0:135 - 1060:",
		"ESTABLISHED 10.0.0.5:49712 203.0.113.4:443 6120:",
		"TIME-WAIT 10.0.0.5:49713 203.0.113.4:443 time-wait",
		"SYN-RECEIVED 10.0.0.5:49714 203.0.113.4:443 4:",
		"FIN-WAIT-2 10.0.0.5:49715 203.0.113.4:443 6120:",
		"LISTEN [::]:445 - 4:",
		"CLOSE-WAIT [fe80::51a0:1]:139 [fe80::2]:51000 4:",
	},
}, {
	file: "netstat-windows-b.txt", tool: NetstatWindows, other: 1, knows: "Addresses Owners",
	sockets: []string{
		"LISTEN 0.0.0.0:135 - 1060:svchost.exe",
		"LISTEN 0.0.0.0:445 - 4:",
		"ESTABLISHED 10.0.0.5:49712 203.0.113.4:443 6120:Acme Sync Client.exe",
		"CLOSE-WAIT 10.0.0.5:49800 203.0.113.4:443 0:backup.exe",
	},
},
	german("netstat-windows-de.txt", "LETZTE_BEST\\x8eTIGUNG"),
	german("netstat-windows-utf16.txt", "LETZTE_BESTÄTIGUNG"),
}

func german(file, unknown string) golden {
	return golden{
		file: file, tool: NetstatWindows, knows: "Addresses Owners",
		sockets: []string{
			"LISTEN 0.0.0.0:135 - 1060:",
			"ESTABLISHED 10.0.0.5:49712 203.0.113.4:443 6120:",
			"TIME-WAIT 10.0.0.5:49713 203.0.113.4:443 time-wait",
			"CLOSE-WAIT 10.0.0.5:49714 203.0.113.4:443 6120:",
			"FIN-WAIT-2 10.0.0.5:49715 203.0.113.4:443 6120:",
			"SYN-SENT 10.0.0.5:49716 203.0.113.4:443 6120:",
		},
		skipped: []string{`line 11: "` + unknown + `" is no state in any known language`},
	}
}

var ssFiles = []golden{{
	file: "ss.txt", tool: SS,
	knows: "Addresses Queues AcceptQueues Backlogs Timers Owners Inodes UIDs Cookies Shutdowns Info Memory",
	sockets: []string{
		"LISTEN 0.0.0.0:8080 - q=129/128 ino=20111 12:nginx#6 13:nginx#6",
		"LISTEN [::]:80 - q=0/511 ino=20112 uid=33 20:web server#4",
		"LISTEN 127.0.0.53:53 - q=0/16 ino=20113",
		"ESTABLISHED 192.0.2.1:22 198.51.100.4:51515 q=0/36 on/1.204s/2 ino=31337 2201:sshd#4",
		"SYN-RECEIVED 192.0.2.1:8080 203.0.113.77:41022 request on/1.92s/1",
		"TIME-WAIT 192.0.2.1:8080 203.0.113.78:41023 time-wait timewait/59s/0",
		"FIN-WAIT-2 192.0.2.1:8080 203.0.113.79:41024 time-wait timewait/1m12s/0",
		"CLOSE-WAIT [2001:db8::1]:443 [2001:db8::2]:41025 q=1/0 keepalive/1h59m0s/0 ino=40001 uid=1000 99:java#200",
		"LAST-ACK 192.0.2.1:443 203.0.113.5:41026 q=0/1 probe/204ms/5",
	},
}, {
	file: "ss-netid.txt", tool: SS, other: 4, named: 1, knows: "Addresses Queues AcceptQueues Backlogs Owners",
	sockets: []string{
		"LISTEN 0.0.0.0:22 - q=0/128",
		"ESTABLISHED 192.0.2.1:0 192.0.2.9:51000 7:sshd#3",
	},
	skipped: []string{"line 7: cut short: a row has state, two queues and two addresses"},
}, {
	file: "ss-old.txt", tool: SS, knows: "Addresses Queues AcceptQueues Backlogs Owners",
	sockets: []string{
		"LISTEN [::]:22 - q=0/128 1234:sshd#4",
		"LISTEN 0.0.0.0:22 - q=0/128 1234:sshd#3",
		"ESTABLISHED 10.0.0.1:8080 10.0.0.2:40000",
	},
}}

var procFiles = []golden{{
	file: "proc.txt", tool: Proc, knows: "Addresses Queues AcceptQueues Timers Inodes UIDs",
	sockets: []string{
		"LISTEN 127.0.0.1:8080 - q=3/0 ino=20111 uid=33",
		"ESTABLISHED 192.0.2.10:22 198.51.100.4:51515 q=0/52 on/210ms/2 ino=31337",
		"SYN-RECEIVED 192.0.2.10:80 203.0.113.77:41022 request on/2.92s/1",
		"TIME-WAIT 192.0.2.10:80 203.0.113.9:61200 time-wait timewait/41.02s/0",
		"FIN-WAIT-2 192.0.2.10:80 203.0.113.8:61201 time-wait timewait/12s/0",
		"ESTABLISHED 192.0.2.10:443 203.0.113.7:61202 keepalive/1h58m31.68s/4 ino=40000 uid=1000",
		"LISTEN [::]:22 - ino=17891",
		"CLOSE-WAIT [2001:db8::1]:443 [2001:db8::2]:51000 q=1/0 ino=50001 uid=33",
		"ESTABLISHED 192.0.2.10:8080 203.0.113.5:40000 probe/1.14s/6 ino=50002 uid=33",
	},
	skipped: []string{
		`line 8: "0E" is no state number`,
		"line 9: cut short: a row of /proc/net/tcp has at least ten columns",
	},
}, {
	file: "proc-bigendian.txt", tool: Proc, knows: "Addresses Queues AcceptQueues Timers Inodes UIDs",
	sockets: []string{
		"ESTABLISHED 192.0.2.10:80 203.0.113.9:61200 ino=7",
		"LISTEN 127.0.0.1:3306 - ino=6 uid=100",
		"LISTEN [2001:db8::1]:443 - ino=8",
		"ESTABLISHED 192.0.2.10:80 203.0.113.9:61200 ino=9",
	},
}}
