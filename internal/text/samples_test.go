package text

import (
	"time"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/tcp"
)

// samples are diagnoses as a user meets them.
func samples() map[string]explain.Diagnosis {
	return map[string]explain.Diagnosis{
		"flood":     flood(),
		"stalled":   stalled(),
		"healthy":   healthy(),
		"blind":     blind(),
		"empty":     document(tcp.Counts{}),
		"harmless":  harmless(),
		"chinese":   chinese(),
		"dangerous": dangerous(),
	}
}

func document(counts tcp.Counts, findings ...explain.Finding) explain.Diagnosis {
	return explain.Diagnosis{
		Schema:        "synoptic.diagnosis/v1",
		Time:          time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC),
		WindowSeconds: 5,
		Host:          explain.Host{Name: "web-1", Kernel: "6.18.44", NetNS: "4026531840"},
		Sources:       []explain.Source{{Name: "sockets", OK: true}, {Name: "counters", OK: true}},
		States:        explain.States(counts),
		Findings:      findings,
	}
}

func healthy() explain.Diagnosis {
	doc := document(tcp.Counts{tcp.Listen: 9, tcp.Established: 1204, tcp.TimeWait: 87, tcp.CloseWait: 1})
	doc.Sources = append(doc.Sources, explain.Source{Name: "packets", Why: "needs CAP_NET_RAW"})
	doc.NotAssessed = []explain.NotAssessed{
		{Cause: "asymmetric-return", Needs: "packets"}, {Cause: "ack-lost", Needs: "packets, events"}, {Cause: "reset-storm", Needs: "rule"},
	}
	return doc
}

func blind() explain.Diagnosis {
	doc := document(tcp.Counts{})
	doc.Sources[0] = explain.Source{Name: "sockets", Why: "dump of TCP sockets: operation not permitted (a sandbox or the kernel forbids it)"}
	return doc
}

func flood() explain.Diagnosis {
	doc := document(tcp.Counts{tcp.Listen: 3, tcp.SynReceived: 129, tcp.Established: 500, tcp.TimeWait: 12}, explain.Finding{
		Cause: "syn-flood", State: "SYN-RECEIVED", Severity: "critical", Confidence: "certain",
		Summary: "Somebody sends SYNs from forged addresses to nginx on 0.0.0.0:8080, and its half-open queue is full: new clients are turned away.",
		Subject: explain.Subject{Local: "0.0.0.0:8080", Process: explain.Process{PID: 812, Name: "nginx", Exe: "/usr/sbin/nginx"}},
		Count:   129,
		Evidence: []explain.Evidence{
			{Source: "counters", Text: "2871 SYNs met a full queue", Recheck: "nstat -az TcpExtTCPReqQFullDrop"},
			{Source: "request-sockets", Text: "129 half-open connections of a limit of 128, from 129 sources in 128 /24 networks", Recheck: "ss -tn state syn-recv '( sport = :8080 )'"},
		},
		Excluded: []explain.Exclusion{
			{Cause: "synack-lost-on-path", Because: "no client re-sent its SYN"},
			{Cause: "syn-queue-too-small", Because: "4 of 1000 handshakes complete, where those of genuine clients would nearly all"},
		},
		Fate: explain.Fate{Text: "each entry goes after two SYN-ACK retries because the queue is over half full", WithinSeconds: 7},
		Remedies: []explain.Remedy{
			{
				ID: "enable-syn-cookies", Text: "Answer with SYN cookies when the queue is full", Risk: "options of clients without timestamps are lost while it is full",
				Apply: []string{"sysctl -w net.ipv4.tcp_syncookies=1"}, Undo: []string{"sysctl -w net.ipv4.tcp_syncookies=0"}, Scope: "namespace", Fix: "enable-syn-cookies",
				Persist: []string{"echo 'net.ipv4.tcp_syncookies = 1' > /etc/sysctl.d/90-synoptic.conf"},
			},
			{ID: "raise-backlog", Text: "Let nginx ask for a longer queue: listen 8080 backlog=4096; in its configuration, then reload it", Risk: "each half-open connection costs about 300 bytes"},
		},
		RefutedBy: "clients completing their handshakes",
	})
	doc.Sources = append(doc.Sources, explain.Source{Name: "packets", Why: "needs CAP_NET_RAW"}, explain.Source{Name: "events", Why: "needs CAP_BPF"})
	doc.NotAssessed = healthy().NotAssessed
	return doc
}

func stalled() explain.Diagnosis {
	return document(tcp.Counts{tcp.Listen: 4, tcp.Established: 129, tcp.CloseWait: 40, tcp.FinWait2: 3},
		explain.Finding{
			Cause: "accept-stalled", State: "LISTEN", Severity: "critical", Confidence: "probable",
			Summary: "python3 does not accept connections on 127.0.0.1:5000: 129 wait in its queue and none was taken.",
			Subject: explain.Subject{Local: "127.0.0.1:5000", Process: explain.Process{PID: 4242, Name: "python3"}}, Count: 129,
			Evidence: []explain.Evidence{{Text: "the same 129 connections waited at the start and at the end of the window", Recheck: "ss -ltn 'sport = :5000'"}},
			Open:     []explain.Exclusion{{Cause: "app-blocked", Because: "where its threads wait could not be read; run as root to see"}},
			Fate:     explain.Fate{Text: "they wait until python3 accepts or ends", Forever: true},
			Remedies: []explain.Remedy{{ID: "look-at-process", Text: "See what it waits for, then restart it", Apply: []string{"cat /proc/4242/stack", "systemctl restart shop-api-that-has-a-very-long-unit-name@instance-0042.service"}, Risk: "the 129 waiting connections are reset"}},
		},
		explain.Finding{
			Cause: "closed-before-accept", State: "CLOSE-WAIT", Severity: "warning", Confidence: "certain", BecauseOf: "accept-stalled",
			Summary: "40 clients gave up before python3 accepted them.", Count: 40, Subject: explain.Subject{Local: "127.0.0.1:5000"},
			Evidence: []explain.Evidence{{Text: "40 sockets in CLOSE-WAIT have no owner (inode 0)", Recheck: "synoptic sockets state close-wait"}},
			Fate:     explain.Fate{Text: "they stay until they are accepted", WithinSeconds: 924},
		},
		explain.Finding{Cause: "return-path-filtered", Severity: "notice", Confidence: "possible", Count: 1,
			Summary: "A packet was dropped because it came in on an interface through which no reply would leave."})
}

func harmless() explain.Diagnosis {
	return document(tcp.Counts{tcp.Established: 2_000_000, tcp.TimeWait: 1}, explain.Finding{
		Cause: "idle-pool", State: "CLOSE-WAIT", Severity: "info", Confidence: "probable", Summary: "A pool lets its server close first.", Count: 1,
	})
}

func chinese() explain.Diagnosis {
	doc := flood()
	f := &doc.Findings[0]
	f.Summary = "有人用伪造的地址向 0.0.0.0:8080 上的 nginx 发送 SYN，半开连接队列已满：新的客户端会被拒绝，直到队列有空位为止。"
	f.Evidence[0].Text = "窗口内有 2871 个 SYN 遇到已满的队列（上限 128），比平时多得多，而且几乎没有握手完成。"
	return doc
}

// dangerous has texts from outside that would take over a terminal.
func dangerous() explain.Diagnosis {
	return document(tcp.Counts{tcp.CloseWait: 1}, explain.Finding{
		Cause: "app-not-closing", State: "CLOSE-WAIT", Severity: "warning", Confidence: "probable", Count: 1,
		Summary:  "evil\x1b[2J\u202ename does not close\nits sockets.",
		Subject:  explain.Subject{Process: explain.Process{PID: 7, Name: "a\x1b]0;b\a"}},
		Remedies: []explain.Remedy{{Text: "kill it", Apply: []string{"kill\r 7"}}},
	})
}
