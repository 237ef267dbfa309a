package explain

// commonMessages are used by several families of causes.
var commonMessages = map[string]sentence{
	"who-process": always("%[1]s (pid %[2]s)"),
	"who-hidden":  always("a program that we may not see"),
	"who-kernel":  always("no visible process (the kernel, io_uring or a descriptor in flight)"),

	"outlived-unmoved": counting(1,
		"one socket was in this state through the whole window and not a byte moved on it",
		"%[1]d sockets were in this state through the whole window and not a byte moved on them"),
	"holds-descriptors": always("%[1]s holds descriptors of %[2]d of them"),
	"pile-grows":        always("their number grew during the window"),
	"pairs":             counting(1, "the same program holds one socket in %[2]s that could pair with these; see whether it is a proxy", "the same program holds %[1]d sockets in %[2]s that could pair with these; see whether it is a proxy"),
	"no-pairs":          always("the program holds no matching pile in %[1]s"),

	"remedy-restart":            always("Restart %[1]s: what it holds is released"),
	"remedy-restart-risk":       always("its working connections end too"),
	"remedy-restart-queue-risk": always("connections that wait in the queue are reset"),
	"remedy-look":               always("See in which kernel function each thread waits"),
	"remedy-look-risk":          always("none: it only reads"),
	"remedy-continue":           always("The program is stopped: let it go on"),
	"remedy-continue-risk":      always("whoever stopped it may have had a reason (a debugger, a snapshot)"),
	"unexplained":               counting(1, "One socket stays in %[2]s, and no cause that this version can judge explains it.", "%[1]d sockets stay in %[2]s, and no cause that this version can judge explains them."),
	"unexplained-refuted":       always("the sockets going away within the time that their timers give"),
	"unexplained-drops":         counting(1, "Listeners refused one SYN or ACK in the window, of %[2]d in all, for a reason that no counter names.", "Listeners refused %[1]d SYNs or ACKs in the window, of %[2]d in all, for a reason that no counter names."),
	"unexplained-drops-refuted": always("a drop reason of the kernel (tracepoint skb:kfree_skb) that names one of the known causes"),
	"unexplained-drops-fate":    always("the clients send again, and give up after their retries if every SYN is refused"),
	"drops-left-over":           always("%[1]d are left over when full accept queues (%[2]d), full half-open queues (%[3]d) and missing routes (%[4]d) are taken off"),
	"queue-between-looks":       always("without cookies a queue that was three quarters full for moments refuses strangers, and counts nothing else; a shorter window would show it"),
	"remedy-drop-reasons":       always("record why the kernel drops packets while it goes on: the tracepoint skb:kfree_skb names a reason for each (perf, bpftrace)"),
	"remedy-drop-reasons-risk":  always("a busy host drops many packets: record for seconds"),
	"unexplained-fate":          always("what the timers of these sockets say"),
	"pile":                      counting(1, "one socket stays in %[2]s longer than a healthy connection does", "%[1]d sockets stay in %[2]s longer than healthy connections do"),
	"no-rule":                   always("this version has no rule for it"),
}
