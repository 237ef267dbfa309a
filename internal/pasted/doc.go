// Package pasted reads the TCP sockets out of text that people copy from other
// tools: netstat of Linux, BSD, macOS and Windows, ss, /proc/net/tcp, and the
// counts by state that shell pipelines make of them.
//
// Rows are recognised by their shape, never by the words of a header, because
// headers are translated, cut off or filtered away. What is no row (headers,
// prompts, prose) is passed over; what begins as a TCP row and cannot be read
// is named in Text.Skipped. Text says less than the kernel: Knows tells which
// facts were in it, so that their absence is never read as a zero.
//
// Tables that follow one another are added up, so a table printed twice
// (netstat -c) counts twice. A file of either byte order of /proc is read; ticks
// are taken for hundredths of a second.
//
// Sources: the printing code's behaviour of net-tools 2.10, iproute2 6.1 ss,
// FreeBSD and macOS netstat and Windows netstat, the message catalogues of
// net-tools, and Documentation/networking/proc_net_tcp.rst of Linux.
package pasted
