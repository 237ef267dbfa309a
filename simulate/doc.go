// Package simulate runs two tcp.Endpoints over an imperfect network and writes
// down what happens.
//
// The network loses, delays, duplicates, reorders and rewrites packets as it is
// told or as a seed decides; the same inputs give the same Trace. Time is
// simulated: a run that takes two minutes on its clock takes no time at all.
//
// The package is pure: it has no clock, opens no file and no socket.
package simulate
