// Package simulate runs two tcp.Endpoints over an imperfect network and writes
// down what happens.
//
// A Config names the two ends, what the network does to their packets (Rules, in
// order), and what users and fate do to the ends (a script of Acts). Run plays
// it; the same Config gives the same Trace. Stories are Configs with a name,
// each of which shows one thing about TCP.
//
// The network loses, delays, duplicates, reorders and rewrites packets as it is
// told or as a seed decides. Time is simulated: a run that takes two minutes on
// its clock takes no time at all. Every run ends: it is bounded in time and in
// the number of things that happen, and its Result says if it met a bound.
//
// The package is pure: it has no clock, opens no file and no socket.
package simulate
