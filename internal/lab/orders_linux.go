package lab

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// The default group of connections: what a program dialled or accepted when
// nothing else is said.
const everything = "all"

// Listen opens a listening socket and serves it as told. Connections that the
// service keeps are in the group "all".
func (p *Program) Listen(at string, backlog int, serve actor.Service) {
	p.Do(actor.Order{Do: "listen", At: at, Backlog: backlog, Serve: serve, Group: everything, Every: 3 * time.Millisecond, Size: 64})
}

// Dial opens count connections, and returns their local ports.
func (p *Program) Dial(to string, count int) []uint16 {
	return p.Do(actor.Order{Do: "dial", To: to, Count: count, Group: everything}).Ports
}

// DialFrom is Dial from one of the host's addresses, with a port or without.
func (p *Program) DialFrom(from, to string, count int) {
	p.Do(actor.Order{Do: "dial", From: from, To: to, Count: count, Group: everything})
}

// Start sends count SYNs and does not wait for what becomes of them.
func (p *Program) Start(to string, count int) {
	p.Do(actor.Order{Do: "dial", To: to, Count: count, Group: everything, NoWait: true})
}

// StartFrom is Start from one of the host's addresses.
func (p *Program) StartFrom(from, to string, count int) {
	p.Do(actor.Order{Do: "dial", From: from, To: to, Count: count, Group: everything, NoWait: true})
}

// Redial makes a new attempt each pause, and gives it up after life.
func (p *Program) Redial(to string, every, life time.Duration) {
	p.Do(actor.Order{Do: "redial", To: to, Every: every, Life: life})
}

// Ask lets clients open, ask, read the answer and close, again and again.
func (p *Program) Ask(to string, clients int, every time.Duration) {
	p.Do(actor.Order{Do: "ask", To: to, Count: clients, Every: every})
}

// Try lets so many clients come at their own pace, and returns what they got: how
// many were answered at first try, how many within three seconds, and when.
func (p *Program) Try(to string, clients int, every time.Duration) actor.Answer {
	return p.Do(actor.Order{Do: "try", To: to, Count: clients, Every: every})
}

// Talk sends a line each pause on every connection, and reads what comes back.
func (p *Program) Talk(every time.Duration) {
	p.Do(actor.Order{Do: "talk", Group: everything, Every: every})
}

// Hear reads what comes on every connection and sends nothing.
func (p *Program) Hear() {
	p.Do(actor.Order{Do: "talk", Group: everything, Size: -1})
}

// Write sends so many bytes on every connection.
func (p *Program) Write(size int) {
	p.Do(actor.Order{Do: "write", Group: everything, Size: size})
}

// Fill writes on every connection until the buffers at both ends are full.
func (p *Program) Fill() { p.Do(actor.Order{Do: "fill", Group: everything}) }

// Read reads once from every connection, waiting for data or the end.
func (p *Program) Read() { p.Do(actor.Order{Do: "read", Group: everything}) }

// FinishSending half-closes every connection.
func (p *Program) FinishSending() { p.Do(actor.Order{Do: "finish", Group: everything}) }

// CloseAll closes every connection, listeners not.
func (p *Program) CloseAll() { p.Do(actor.Order{Do: "close", Group: everything}) }

// CloseSome closes so many connections, the oldest first.
func (p *Program) CloseSome(count int) {
	p.Do(actor.Order{Do: "close", Group: everything, Count: count})
}

// CloseListeners closes what the program listens on.
func (p *Program) CloseListeners() { p.Do(actor.Order{Do: "close", Group: "listeners"}) }

// Keepalive switches probes on for every connection.
func (p *Program) Keepalive(idle, interval time.Duration, count int) {
	p.Do(actor.Order{Do: "keepalive", Group: everything, Life: idle, Interval: interval, Count: count})
}

// Accepted returns how many connections the program keeps now.
func (p *Program) Accepted() int {
	return p.Do(actor.Order{Do: "count", Group: everything}).Count
}

// Flood sends forged SYNs from random addresses of the prefix, for two
// minutes at most: the program refuses outside the lab, and beyond its bounds.
func (p *Program) Flood(to, sources string, rate int) {
	p.Do(actor.Order{Do: "flood", To: to, Prefix: sources, Rate: rate, Count: 120 * rate, Seed: 1})
}

// ScanHosts tries one port of random addresses of the prefix.
func (p *Program) ScanHosts(to, prefix string, rate int) {
	p.Do(actor.Order{Do: "scan", To: to, Prefix: prefix, Rate: rate, Count: 120 * rate, Life: 2 * time.Second, Seed: 1})
}

// ScanPorts tries one port after the other of one address.
func (p *Program) ScanPorts(to string, rate int) {
	p.Do(actor.Order{Do: "scan", To: to, Rate: rate, Count: 120 * rate, Life: 2 * time.Second})
}

// RedialFrom is Redial from one of the host's addresses.
func (p *Program) RedialFrom(from, to string, every, life time.Duration) {
	p.Do(actor.Order{Do: "redial", From: from, To: to, Every: every, Life: life})
}

// Talkative opens one connection, exchanges a few lines and closes: enough for
// the kernels to remember each other.
func (p *Program) Talkative(from, to string) {
	p.Do(actor.Order{Do: "acquaint", From: from, To: to})
}

// Fails gives an order that must fail for that reason, as part of the scenario.
func (p *Program) Fails(o actor.Order, why syscall.Errno) {
	p.world.proofs++
	p.world.step(fmt.Sprintf("%s: %s %s%s", p.Name, o.Do, o.At, o.To), func() error {
		_, err := p.order(o)
		if err == nil || !strings.HasSuffix(err.Error(), why.Error()) {
			return fmt.Errorf("it should have failed with %q: %v", why.Error(), err)
		}
		return nil
	})
}
