package host

import (
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// Words names one state in every vocabulary that users meet.
type Words struct {
	RFC           string   // RFC 9293, "SYN-RECEIVED"
	Linux         string   // include/net/tcp_states.h, "TCP_SYN_RECV"
	SS            string   // filter word of iproute2 ss, "syn-recv"
	NodeExporter  string   // label of node_exporter's tcpstat, "syn_recv"
	OpenTelemetry string   // value of network.connection.state, "syn_received"
	Netstat       []string // what netstat and its relatives print; the first one is Linux net-tools
}

// entry is a row of the table: a state, its number on Linux and its words.
type entry struct {
	state  tcp.State
	number uint8
	words  Words
}

// vocabulary is the one place where spellings and kernel numbers of the states
// stand. Words are listed in full; letter case, "-" and "_" make no difference
// on input, and a leading "TCP_" neither. Among the netstat words are those of
// Linux, BSD and macOS, Windows (netstat and Get-NetTCPConnection), Solaris and
// the TCP-MIB, and the short ones that ss prints.
var vocabulary = [...]entry{
	{tcp.Established, 1, Words{"ESTABLISHED", "TCP_ESTABLISHED", "established", "established", "established",
		[]string{"ESTABLISHED", "ESTAB", "Established"}}},
	{tcp.SynSent, 2, Words{"SYN-SENT", "TCP_SYN_SENT", "syn-sent", "syn_sent", "syn_sent",
		[]string{"SYN_SENT", "SYN_SEND", "SYNSENT", "SynSent"}}},
	{tcp.SynReceived, 3, Words{"SYN-RECEIVED", "TCP_SYN_RECV", "syn-recv", "syn_recv", "syn_received",
		[]string{"SYN_RECV", "SYN_RCVD", "SYN_RECEIVED", "SYN_RCV", "SYNRCVD", "SynReceived", "NEW_SYN_RECV"}}},
	{tcp.FinWait1, 4, Words{"FIN-WAIT-1", "TCP_FIN_WAIT1", "fin-wait-1", "fin_wait1", "fin_wait_1",
		[]string{"FIN_WAIT1", "FIN_WAIT_1", "FINWAIT1", "FinWait1"}}},
	{tcp.FinWait2, 5, Words{"FIN-WAIT-2", "TCP_FIN_WAIT2", "fin-wait-2", "fin_wait2", "fin_wait_2",
		[]string{"FIN_WAIT2", "FIN_WAIT_2", "FINWAIT2", "FinWait2"}}},
	{tcp.TimeWait, 6, Words{"TIME-WAIT", "TCP_TIME_WAIT", "time-wait", "time_wait", "time_wait",
		[]string{"TIME_WAIT", "TIMEWAIT", "TimeWait"}}},
	{tcp.Closed, 7, Words{"CLOSED", "TCP_CLOSE", "unconnected", "close", "closed",
		[]string{"CLOSE", "CLOSED", "UNCONN", "IDLE", "BOUND", "BOUND_INACTIVE", "DELETE_TCB", "DeleteTCB", "Bound"}}},
	{tcp.CloseWait, 8, Words{"CLOSE-WAIT", "TCP_CLOSE_WAIT", "close-wait", "close_wait", "close_wait",
		[]string{"CLOSE_WAIT", "CLOSEWAIT", "CloseWait"}}},
	{tcp.LastAck, 9, Words{"LAST-ACK", "TCP_LAST_ACK", "last-ack", "last_ack", "last_ack",
		[]string{"LAST_ACK", "LASTACK", "LastAck"}}},
	{tcp.Listen, 10, Words{"LISTEN", "TCP_LISTEN", "listening", "listen", "listen",
		[]string{"LISTEN", "LISTENING", "Listen"}}},
	{tcp.Closing, 11, Words{"CLOSING", "TCP_CLOSING", "closing", "closing", "closing",
		[]string{"CLOSING", "Closing"}}},
}

// Numbers of kernel objects that are no states of their own.
const (
	linuxNewSynRecv    = 12 // TCP_NEW_SYN_RECV
	linuxBoundInactive = 13 // TCP_BOUND_INACTIVE
)

// Vocabulary returns the words for a state; Unknown has only its RFC word.
func Vocabulary(s tcp.State) Words {
	for _, e := range vocabulary {
		if e.state == s {
			words := e.words
			words.Netstat = append([]string(nil), words.Netstat...)
			return words
		}
	}
	return Words{RFC: s.String()}
}

// LinuxNumber returns the number of include/net/tcp_states.h, 0 for Unknown.
// A half-open request (TCP_NEW_SYN_RECV, 12) is SYN-RECEIVED, and sock_diag
// shows and selects it as TCP_SYN_RECV, 3.
func LinuxNumber(s tcp.State) uint8 {
	for _, e := range vocabulary {
		if e.state == s {
			return e.number
		}
	}
	return 0
}

// StateOfLinux returns the state behind a number of include/net/tcp_states.h,
// Unknown for a number it does not know, and what the number alone tells of
// the kind: TCP_NEW_SYN_RECV is a request and TCP_TIME_WAIT a minisocket. Other
// numbers give Full, although sock_diag also shows requests as TCP_SYN_RECV and
// orphans in minisockets as TCP_FIN_WAIT2.
func StateOfLinux(number uint8) (tcp.State, Kind) {
	switch number {
	case linuxNewSynRecv:
		return tcp.SynReceived, Request
	case linuxBoundInactive:
		return tcp.Closed, Full
	}
	for _, e := range vocabulary {
		if e.number == number {
			return e.state, kindOf(e.state)
		}
	}
	return tcp.Unknown, Full
}

func kindOf(s tcp.State) Kind {
	if s == tcp.TimeWait {
		return TimeWaitKind
	}
	return Full
}

// spellings returns every word of a row.
func (e *entry) spellings() []string {
	w := &e.words
	return append([]string{w.RFC, w.Linux, w.SS, w.NodeExporter, w.OpenTelemetry}, w.Netstat...)
}

// fold makes spellings comparable: lower case, no "-" and "_", no "TCP_".
func fold(word string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	word = strings.TrimPrefix(word, "tcp_")
	return strings.NewReplacer("-", "", "_", "").Replace(word)
}
