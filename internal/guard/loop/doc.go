// Package loop is the guard that runs: it sees, lets package detect decide, carries
// it out, proves it and takes it back, ten times a second.
//
// What it sees with are Senses, what it acts with are Hands; the clock is that of
// the process, so that tests may play hours in a moment. It arms nothing while it
// is blind: without sight it does not renew the lease of what is armed, and after a
// while disarms it.
package loop
