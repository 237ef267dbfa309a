// Package bench measures what a SYN flood costs, and what genuine clients notice
// of it, with each defence: by frames of its own making, in two network
// namespaces of its own making. Nothing outside them is touched, and nothing
// remains.
//
// A frame of the flood is made, sent over a veth pair, received, answered and
// counted on one thread, so that the thread's CPU time is the cost. What it
// costs to make the frame is measured too and taken off. Cells are measured in
// turns, and medians are shown.
package bench
