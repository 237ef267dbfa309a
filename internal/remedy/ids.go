package remedy

import (
	"slices"
	"strings"
)

// ids are the remedies that findings may offer. One that ends in "-" goes on
// with the name of an interface.
var ids = []string{
	"add-route", "align-idle-times", "allow-ack-in", "allow-icmp", "allow-synack", "allow-synack-in", "allow-these-flows", "ask-the-peers", "bind-to-loopback",
	"bind-without-port", "bound-the-wait", "capture-along-path", "capture-at-client", "check-own-address", "check-the-address", "clamp-mss",
	"close-after-shutdown", "close-over-there", "close-the-port", "close-too", "continue-program", "do-not-track", "drop-the-prefix",
	"enable-keepalive", "enable-syn-cookies", "extend-the-baseline", "fail-sooner", "fewer-orphans", "fewer-synack-retries", "filter-the-port", "filter-what-is-forwarded",
	"filter-upstream", "find-the-loss", "find-the-rule", "find-the-sender", "fix-behind-proxy", "fix-close", "fix-routes",
	"forget-idle-sooner", "forget-the-entries", "keep-alive", "keep-connections", "keep-syn-cookies", "kill-dead-sockets", "kill-not-reading",
	"kill-self-connection", "kill-unacknowledged", "larger-conntrack", "larger-pool", "let-client-close", "limit-half-closed", "limit-per-source",
	"look-at-program", "look-at-scanner", "look-at-server", "loose-filter-", "more-addresses", "more-neighbours", "more-time-wait", "no-linger",
	"none", "notice-sooner", "one-way-back", "open-the-path", "orphan-retries", "peer-must-read", "pool-connections", "protect-sequence", "publish-on-loopback",
	"raise-listen-backlog", "raise-orphan-limit", "raise-somaxconn", "raise-syn-backlog", "read-before-close", "reserve-port", "restart-program",
	"reuse-time-wait", "see-the-listener", "see-what-is-refused", "see-why-it-waits", "set-reuseaddr", "set-user-timeout", "smaller-links", "stop-leading-to-loopback", "take-the-rule-away",
	"snat-at-balancer", "wait", "watch-drop-reasons", "widen-port-range",
}

// IDs lists the remedies that findings may offer, by name.
func IDs() []string { return slices.Clone(ids) }

// Known tells whether some finding may offer a remedy of this id.
func Known(id string) bool {
	return slices.ContainsFunc(ids, func(known string) bool {
		return id == known || strings.HasSuffix(known, "-") && strings.HasPrefix(id, known) && id != known
	})
}
