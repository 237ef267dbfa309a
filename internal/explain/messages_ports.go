package explain

// portMessages belong to listeners as such.
var portMessages = map[string]sentence{
	"not-a-local-service":         always("nothing says that what listens on %[1]s belongs on loopback"),
	"in-the-baseline":             always("%[1]s is in the baseline: that it is open is known, that everybody may reach it is the matter"),
	"expected-or-not":             always("whether somebody expects the port or not, it is open to everybody"),
	"unexpected-listener":         always("%[1]s listens on %[2]s, which the baseline does not have."),
	"unexpected-listener-refuted": always("the listener in the baseline"),
	"listener-new":                always("nothing listened on the port of %[1]s when the baseline was taken"),
	"listener-wider":              always("the baseline has %[2]s; %[1]s can be reached by more"),
	"listener-other-program":      always("the program that listened on %[1]s was %[2]s"),
	"listener-fate":               always("it listens until its program closes it or ends"),
	"listens-on":                  always("a program listens on %[1]s"),
	"exe-temporary":               always("%[1]s runs from %[2]s, where anybody may put a file"),
	"exe-deleted":                 always("the file that %[1]s runs (%[2]s) is gone or was replaced"),
	"remedy-close-port":           always("Find out what %[1]s is for; if nothing, stop it and what starts it"),
	"remedy-close-port-risk":      always("whoever uses the port loses it"),
	"remedy-baseline":             always("If it belongs there, take the baseline anew"),
	"remedy-baseline-risk":        always("everything that listens now counts as expected from then on"),
	"exposed-listener":            always("%[1]s listens on all addresses at %[2]s, the port of %[3]s, which normally stays on loopback."),
	"exposed-listener-refuted":    always("a firewall in front that lets only the intended clients through"),
	"remedy-bind-loopback":        always("Bind the service to loopback or to the one address that its clients use"),
	"remedy-bind-loopback-risk":   always("clients on other hosts lose it"),
	"remedy-filter-port":          always("Let a firewall pass port %[1]s only from its clients"),
	"remedy-filter-port-risk":     always("clients that were forgotten in the rule are cut off"),
}
