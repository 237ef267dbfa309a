// Package gvisor holds tests only: the Endpoint of package tcp against gVisor's
// netstack, in lockstep. It is a module of its own, so that netstack and what it
// needs are dependencies of nobody else.
package gvisor
