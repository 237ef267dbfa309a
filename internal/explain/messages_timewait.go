package explain

// timeWaitMessages belong to causes of TIME-WAIT, and to local ports.
var timeWaitMessages = map[string]sentence{
	"who-gone": always("a program that shows at neither look"),

	"time-wait-ports": counting(1,
		"One of %[2]d local ports from %[3]s to %[4]s waits in TIME-WAIT, and no other is left: connect() fails with EADDRNOTAVAIL.",
		"%[1]d of %[2]d local ports from %[3]s to %[4]s wait in TIME-WAIT: connect() fails with EADDRNOTAVAIL when none is free."),
	"time-wait-ports-fate": always("each port comes free a minute after its connection closed, the last of these within %[1]d s; new connections take them at once"),
	"ports-in-time-wait":   counting(1, "one local port towards %[2]s is in TIME-WAIT", "%[1]d local ports towards %[2]s are in TIME-WAIT"),
	"ports-refuted":        always("new connections on that way that come up, one after the other"),
	"ports-run-out":        counting(1, "it is no longer harmless: one port of %[2]d is free", "it is no longer harmless: %[1]d ports of %[2]d are free"),
	"closed-in-order":      always("the connections came up and were closed in order: the target answers"),
	"port-range":           counting(2, "net.ipv4.ip_local_port_range is %[1]s: one port for each pair of address and destination", "net.ipv4.ip_local_port_range is %[1]s: %[2]d ports for each pair of address and destination"),
	"tw-reuse-off":         always("net.ipv4.tcp_tw_reuse is %[1]s, which does not let this destination's ports be taken back early"),
	"tw-reuse-late":        always("net.ipv4.tcp_tw_reuse is 1, and these closed less than %[1]d ms ago or without timestamps"),

	"ports-exhausted": counting(1,
		"The only one of %[2]d local ports from %[3]s to %[4]s is taken (%[5]s): the next connect() fails with EADDRNOTAVAIL.",
		"%[1]d of %[2]d local ports from %[3]s to %[4]s are taken (%[5]s): connect() fails with EADDRNOTAVAIL when none is free."),
	"ports-exhausted-fate": always("a port comes free only when one of these connections ends"),
	"ports-taken":          counting(1, "one local port is taken towards %[2]s", "%[1]d local ports are taken towards %[2]s"),
	"held-in-state":        counting(1, "one of these connections is in %[2]s", "%[1]d of these connections are in %[2]s"),
	"few-in-time-wait":     counting(1, "only one of %[2]d ports is in TIME-WAIT", "only %[1]d of %[2]d ports are in TIME-WAIT"),
	"one-target":           always("all of them go to one place, %[1]s"),

	"remedy-keep-alive":      always("Let the program keep its connections and use them again (HTTP keep-alive, a pool): no port is used up then"),
	"remedy-keep-alive-risk": always("connections that stay open hold memory at both ends"),
	"remedy-pool":            always("Let the program share connections or bound how many it opens (a pool, multiplexing), and close those that it no longer needs"),
	"remedy-pool-risk":       always("too small a bound makes requests wait for a connection"),
	"remedy-tw-reuse":        always("Let connect() take back a port in TIME-WAIT after a second, which timestamps make safe (RFC 6191)"),
	"remedy-tw-reuse-risk":   always("none with peers that send timestamps; others gain nothing"),
	"remedy-port-range":      always("Give connect() more ports: %[1]s"),
	"remedy-port-range-risk": always("an outgoing connection may take the port of a server that starts later; put such ports into net.ipv4.ip_local_reserved_ports"),
	"remedy-addresses":       always("Use more addresses, here or at the destination: each pair of address and destination has ports of its own"),
	"remedy-addresses-risk":  always("firewalls and the destination must know the new addresses"),
}
