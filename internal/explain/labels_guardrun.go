package explain

// guardRunLabels are what the guard says while it runs, by the reasons of packages
// detect and loop.
var guardRunLabels = map[string]sentence{
	"guarding-begin":          counting(2, "watching 1 listener on %[1]s (%[3]s), disarmed: every frame passes until the kernel says that a queue is full", "watching %[2]d listeners on %[1]s (%[3]s), disarmed: every frame passes until the kernel says that a queue is full"),
	"guarding-begin-dry":      counting(2, "dry run: watching 1 listener on %[1]s (%[3]s); nothing will be answered, only counted", "dry run: watching %[2]d listeners on %[1]s (%[3]s); nothing will be answered, only counted"),
	"guarding-begin-armed":    counting(2, "watching 1 listener on %[1]s (%[3]s); what the guard before had armed stays so", "watching %[2]d listeners on %[1]s (%[3]s); what the guard before had armed stays so"),
	"guarding-native":         always("native XDP"),
	"guarding-generic":        always("generic XDP"),
	"guarding-setting":        always("%[1]s was %[2]s and is %[3]s while the guard runs: without it the kernel takes no cookies"),
	"guarding-setting-needed": always("%[1]s is %[2]s: a real run would set it to %[3]s, for without it the kernel takes no cookies"),
	"guarding-journals":       always("the journals stay in %[1]s, where the guard before began them"),

	"guarding-queue-full":        counting(1, "1 SYN met a full queue: %[2]d half-open, room for %[3]d, from %[4]d addresses in %[5]d networks; its SYNs are counted from now on", "%[1]d SYNs met a full queue: %[2]d half-open, room for %[3]d, from %[4]d addresses in %[5]d networks; its SYNs are counted from now on"),
	"guarding-flood":             always("ARMED: a flood, %[1]d of %[2]d SYNs became connections; answered with cookies until %[3]s after its last sign"),
	"guarding-flood-dry":         always("WOULD ARM: a flood, %[1]d of %[2]d SYNs became connections; SYNs would be answered with cookies until %[3]s after its last sign"),
	"guarding-flash-crowd":       always("no flood: %[1]d of %[2]d SYNs became connections, the queue is full of clients; nothing is done, and a larger backlog would help them"),
	"guarding-accept-queue-full": always("no flood: the program does not accept, %[1]d connections wait and it asked for room for %[2]d; no defence against SYNs makes it accept"),
	"guarding-elsewhere":         counting(1, "1 SYN met a full queue, but of no listener that is watched here", "%[1]d SYNs met a full queue, but of no listener that is watched here"),
	"guarding-elsewhere-way":     always("the queue is full, but its SYNs do not come by this interface: another one is to be guarded"),

	"guarding-verified":          always("it works: %[1]d of %[2]d SYNs came back and are connections, and no SYN meets a full queue"),
	"guarding-still-full":        always("%[1]d of %[2]d SYNs that were answered came back, and still SYNs meet a full queue: %[3]d were of a kind that is left to the kernel, or they come another way"),
	"guarding-clients-only":      always("only clients by now: %[1]d of %[2]d SYNs that were answered came back; cookies do them no harm, and end in %[3]s if it stays so"),
	"guarding-continues":         always("armed already, by the guard before; until %[1]s after the last sign of the flood"),
	"guarding-over":              always("DISARMED: no sign of the flood for %[1]s; %[2]d of %[3]d SYNs came back and are connections"),
	"guarding-over-dry":          always("WOULD DISARM: no sign of the flood for %[1]s; %[3]d SYNs would have been answered, about %[2]d connections were made"),
	"guarding-calm":              always("no SYN meets a full queue any more; its SYNs are no longer counted"),
	"guarding-bad-checksums":     always("DISARMED: %[1]d SYNs look damaged here and %[2]d do not, and nobody comes back; a card or link that leaves checksums open would explain it"),
	"guarding-checksums-open":    always("not armed: %[1]d SYNs look damaged here and not to the kernel, and would be dropped; a card or link that leaves checksums open would explain it"),
	"guarding-cookies-refused":   always("DISARMED: the kernel refused %[1]d ACKs of our cookies; is net.ipv4.tcp_syncookies 0, or the listener another one?"),
	"guarding-nobody-comes-back": always("DISARMED: of %[1]d SYNs that were answered in %[2]s none came back, and clients did before: the answers do not reach them"),
	"guarding-no-syn-reached":    always("DISARMED: no SYN reached the guard, and still SYNs meet a full queue: they come another way"),
	"guarding-acks-of-others":    always("DISARMED: %[1]d ACKs belong to no connection here, and only %[2]d SYNs came, which is no flood; does a rule of the firewall lead connections on from this port?"),

	"guarding-cannot-be-armed":    always("cannot be armed, tried again later: %[1]s"),
	"guarding-cannot-be-shadowed": always("cannot be looked at more closely, tried again later: %[1]s"),
	"guarding-blind":              always("blind: %[1]s; what is armed falls silent if this lasts"),
	"guarding-sees":               always("sees again"),
	"guarding-too-blind":          always("DISARMED: blind for too long"),
	"guarding-no-beat":            always("could not renew what keeps it armed: %[1]s"),

	"guarding-summary":         counting(1, "Armed once in %[2]s, for %[3]s.", "Armed %[1]d times in %[2]s, for %[3]s."),
	"guarding-summary-dry":     counting(1, "It would have been armed once in %[2]s, for %[3]s. Nothing was answered.", "It would have been armed %[1]d times in %[2]s, for %[3]s. Nothing was answered."),
	"guarding-summary-adopted": always("Armed by the guard before, and in %[1]s not again: for %[2]s."),
	"guarding-nothing":         always("No flood in %[1]s: nothing was answered."),
	"guarding-handed-over":     always("Another guard has taken over after %[1]s; what is armed stays armed."),
	"guarding-answered":        always("%[1]d SYNs answered, %[2]d connections of them; %[3]d left to the kernel, %[4]d damaged, %[5]d forged ACKs dropped"),
	"guarding-would-answer":    always("%[1]d SYNs would have been answered"),
	"guarding-restored":        always("Everything is as it was before."),
	"guarding-acks":            always("Everything is as it was before, but for ACKs of cookies that are under way: a process in the background takes them for %[1]s more."),
}
