// Package explain holds the words and pictures of the project: the pages and
// diagrams of the TCP state machine, drawn from the table of package tcp, and
// the sentences of a diagnosis, as a message catalogue. It is pure; terminal
// layout is the business of internal/text.
package explain
