// Package duel compares two TCPs, incident by incident: the Endpoint of package
// tcp, and one that somebody else wrote, such as the Linux kernel's. Both are
// given the same segments and the same user calls, in lockstep, and must answer
// alike and be in the same state.
//
// A Script is a line of text, so that what was found once can be kept:
//
//	listen | SYN | ACK | FIN,ACK text | close | RST seq=ahead
//
// Every difference that is known has a name and a reason (Habits). Whatever
// else differs is a mistake, on one side or the other.
package duel
