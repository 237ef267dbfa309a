package walk

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/tcp"
)

// Flags of the segments that scripts speak of.
const (
	syn    = tcp.SYN
	synAck = tcp.SYN | tcp.ACK
	ack    = tcp.ACK
	finAck = tcp.FIN | tcp.ACK
	rst    = tcp.RST
	rstAck = tcp.RST | tcp.ACK
)

// The places of full sockets.
var (
	listen      = full(tcp.Listen)
	synSent     = full(tcp.SynSent)
	synReceived = full(tcp.SynReceived)
	established = full(tcp.Established)
	finWait1    = full(tcp.FinWait1)
	finWait2    = full(tcp.FinWait2)
	closeWait   = full(tcp.CloseWait)
	closing     = full(tcp.Closing)
	lastAck     = full(tcp.LastAck)

	orphanFinWait2 = minisocket(tcp.FinWait2)
	timeWait       = minisocket(tcp.TimeWait)
)

// Ways to each state. A call that follows a segment waits until the kernel has
// taken the segment.
var (
	listening = steps(binds(), listens)
	dialling  = steps(connects(), hears(syn))
	crossed   = then(dialling, sends(syn), hears(synAck))
	halfOpen  = then(listening, sends(syn), hears(synAck))
	accepted  = then(halfOpen, sends(ack), accepts)
	connected = then(dialling, sends(synAck), hears(ack))

	finSent   = then(connected, finishes, hears(finAck))
	orphaned  = then(connected, closes, hears(finAck))
	finAcked  = then(finSent, sends(ack), isAt(finWait2))
	miniature = then(orphaned, sends(ack), isAt(orphanFinWait2))
	both      = then(finSent, sends(finAck, lastButFIN))
	waiting   = then(finAcked, sends(finAck), isAt(timeWait))

	peerDone = then(connected, sends(finAck), isAt(closeWait))
	lastWord = then(peerDone, closes, hears(finAck))

	fastOpen = steps(binds(with(unix.IPPROTO_TCP, unix.TCP_FASTOPEN, 16)), listens, sends(syn, octets), hears(synAck))
)

// Edges returns every edge that a walk tries.
func Edges() []Edge {
	return slices.Concat(openingEdges(), requestEdges(), establishedEdges(), finWaitEdges(), closingEdges(), closeWaitEdges(), timeWaitEdges())
}

func openingEdges() []Edge {
	return []Edge{
		way(closed, listen, "listen()", steps(binds()), steps(listens)),
		way(listen, closed, "close()", listening, steps(closesListener)),
		way(listen, closed, "shutdown(SHUT_RD)", listening, steps(stopsListening)),
		way(listen, closed, "SOCK_DESTROY", listening, steps(destroyedListener)),
		way(listen, synReceived, "SYN with text, Fast Open", steps(binds(with(unix.IPPROTO_TCP, unix.TCP_FASTOPEN, 16)), listens),
			steps(sends(syn, octets), hears(synAck))).with(fast),
		way(listen, synSent, "connect()", listening, steps(connectsListener)).
			never("connect() on a listener is refused with EISCONN", listen),

		way(closed, synSent, "connect()", nil, dialling),
		way(synSent, established, "SYN,ACK", dialling, steps(sends(synAck), hears(ack))),
		way(synSent, synReceived, "SYN, both open at once", dialling, steps(sends(syn), hears(synAck))),
		way(synSent, closed, "RST,ACK", dialling, steps(sends(rstAck), fails(unix.ECONNREFUSED))),
		way(synSent, closed, "ICMP port unreachable", dialling, steps(unreachable, fails(unix.ECONNREFUSED))),
		way(synSent, closed, "close()", dialling, steps(closes)),
		way(synSent, closed, "shutdown(SHUT_WR)", dialling, steps(finishes)),
		way(synSent, closed, "SOCK_DESTROY", dialling, steps(destroyed, fails(unix.ECONNABORTED))),
		way(synSent, closed, "tcp_syn_retries spent", dialling, steps(inTime(3*time.Second), fails(unix.ETIMEDOUT))).with(hasty),

		way(synReceived, established, "ACK", crossed, steps(sends(ack))),
		way(synReceived, established, "SYN,ACK", crossed, steps(sends(synAck, again))),
		way(synReceived, established, "ACK to a Fast Open child", fastOpen, steps(sends(ack))).with(fast),
		way(synReceived, finWait1, "close()", crossed, steps(closes, hears(finAck))),
		way(synReceived, finWait1, "close() of a Fast Open child", then(fastOpen, accepts, readsText), steps(closes, hears(finAck))).with(fast),
		way(synReceived, closed, "RST", crossed, steps(sends(rst), fails(unix.ECONNRESET))),
		way(synReceived, closed, "SO_LINGER 0, close()", crossed, steps(aborts, hears(rstAck))),
		way(synReceived, closed, "SOCK_DESTROY", crossed, steps(destroyed, hears(rstAck))),
		way(synReceived, closeWait, "FIN,ACK", crossed, steps(sends(finAck))).
			never("the kernel takes it in two steps, through ESTABLISHED, within one segment", closeWait),
	}
}

func requestEdges() []Edge {
	deferring := steps(binds(with(unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 5)), listens, sends(syn), hears(synAck))
	return []Edge{
		way(closed, request, "SYN to a listener", listening, steps(sends(syn), hears(synAck))),
		way(request, established, "ACK", halfOpen, steps(sends(ack))),
		way(request, established, "ACK with text, TCP_DEFER_ACCEPT", then(deferring, sends(ack)), steps(sends(ack, octets))),
		way(request, closed, "RST", halfOpen, steps(sends(rst))),
		way(request, closed, "SYN in the window", halfOpen, steps(sends(syn), hears(rstAck))),
		way(request, closed, "SOCK_DESTROY", halfOpen, steps(destroyed)),
		way(request, closed, "close() of the listener", halfOpen, steps(closesListener, inTime(2*time.Second))),
		way(request, closed, "tcp_synack_retries spent", halfOpen, steps(inTime(4*time.Second))).with(hasty),
		way(request, listen, "RST", halfOpen, steps(sends(rst))).
			never("the request alone dies; the listener never left LISTEN", closed),
		way(closed, established, "ACK of a SYN cookie", halfOpen, steps(sends(ack))).asRequest().with(cookies),
	}
}

func establishedEdges() []Edge {
	timeout := sets(with(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 500))
	return []Edge{
		way(established, finWait1, "shutdown(SHUT_WR)", connected, steps(finishes, hears(finAck))),
		way(established, finWait1, "close()", accepted, steps(closes, hears(finAck))),
		way(established, finWait1, "close() at a shut window: the FIN waits", then(accepted, sends(ack, shutWindow), writes), steps(closes)),
		way(established, closeWait, "FIN,ACK", connected, steps(sends(finAck), hears(ack))),
		way(established, closed, "RST", connected, steps(sends(rst), fails(unix.ECONNRESET))),
		way(established, closed, "SO_LINGER 0, close()", connected, steps(aborts, hears(rstAck))),
		way(established, closed, "close() with unread text", then(connected, sends(ack, octets), holdsText), steps(closes, hears(rstAck))),
		way(established, closed, "connect(AF_UNSPEC)", connected, steps(disconnects, hears(rstAck))),
		way(established, closed, "SOCK_DESTROY", connected, steps(destroyed, hears(rstAck), fails(unix.ECONNABORTED))),
		way(established, closed, "TCP_USER_TIMEOUT", then(connected, timeout), steps(writes, fails(unix.ETIMEDOUT))),
		way(established, closed, "tcp_retries2 spent", connected, steps(writes, fails(unix.ETIMEDOUT))).with(hasty),
		way(established, closed, "no answer to keep-alives", connected, steps(keepsAlive, inTime(3*time.Second), fails(unix.ETIMEDOUT))),
	}
}

func finWaitEdges() []Edge {
	return []Edge{
		way(finWait1, finWait2, "ACK of the FIN", finSent, steps(sends(ack))),
		way(finWait1, closing, "FIN with an old ACK", finSent, steps(sends(finAck, lastButFIN), hears(ack))),
		way(finWait1, timeWait, "FIN with the ACK of ours", finSent, steps(sends(finAck), hears(ack))),
		way(finWait1, orphanFinWait2, "ACK of an orphan's FIN", orphaned, steps(sends(ack))),
		way(finWait1, closed, "RST", finSent, steps(sends(rst))),
		way(finWait1, closed, "text to an orphan", orphaned, steps(sends(ack, octets), hears(rst))),
		way(finWait1, closed, "SO_LINGER 0, close()", finSent, steps(aborts, hears(rstAck))),
		way(finWait1, closed, "SOCK_DESTROY", finSent, steps(destroyed, hears(rstAck))),
		way(finWait1, closed, "tcp_orphan_retries spent", orphaned, nil).with(hasty),

		way(finWait2, timeWait, "FIN,ACK", finAcked, steps(sends(finAck), hears(ack))),
		way(finWait2, orphanFinWait2, "close()", finAcked, steps(closes)),
		way(finWait2, orphanFinWait2, "time, tcp_fin_timeout above 60 s", then(orphaned, sends(ack)), steps(inTime(2*time.Second))).with(patient),
		way(finWait2, closed, "RST", finAcked, steps(sends(rst))),
		way(finWait2, closed, "SO_LINGER 0, close()", finAcked, steps(aborts, hears(rstAck))),
		way(finWait2, closed, "SOCK_DESTROY", finAcked, steps(destroyed, hears(rstAck))),
		way(orphanFinWait2, timeWait, "FIN,ACK", miniature, steps(sends(finAck), hears(ack))),
		way(orphanFinWait2, closed, "time, tcp_fin_timeout", miniature, nil).with(hasty),
		way(orphanFinWait2, closed, "text", miniature, steps(sends(ack, octets), hears(rst))),
		way(orphanFinWait2, closed, "RST", miniature, steps(sends(rst))),
		way(orphanFinWait2, closed, "SOCK_DESTROY", miniature, steps(destroyed)),
	}
}

func closingEdges() []Edge {
	return []Edge{
		way(closing, timeWait, "ACK of the FIN", both, steps(sends(ack))),
		way(closing, closed, "RST", both, steps(sends(rst))),
		way(closing, closed, "SO_LINGER 0, close()", both, steps(aborts)),
		way(closing, closed, "SOCK_DESTROY", both, steps(destroyed)),
		way(closing, closed, "tcp_orphan_retries spent", then(both, closes), nil).with(hasty),
	}
}

func closeWaitEdges() []Edge {
	return []Edge{
		way(closeWait, lastAck, "close()", peerDone, steps(closes, hears(finAck))),
		way(closeWait, lastAck, "shutdown(SHUT_WR)", peerDone, steps(finishes, hears(finAck))),
		way(closeWait, closed, "RST", peerDone, steps(sends(rst))),
		way(closeWait, closed, "SO_LINGER 0, close()", peerDone, steps(aborts, hears(rstAck))),
		way(closeWait, closed, "close() with unread text", then(connected, sends(finAck, octets), isAt(closeWait)), steps(closes, hears(rstAck))),
		way(closeWait, closed, "SOCK_DESTROY", peerDone, steps(destroyed, hears(rstAck))),
		way(lastAck, closed, "ACK of the FIN", lastWord, steps(sends(ack))),
		way(lastAck, closed, "RST", lastWord, steps(sends(rst))),
		way(lastAck, closed, "SOCK_DESTROY", lastWord, steps(destroyed)),
		way(lastAck, closed, "tcp_orphan_retries spent", lastWord, nil).with(hasty),
	}
}

func timeWaitEdges() []Edge {
	stampedWait := then(steps(stamped), waiting...)
	return []Edge{
		way(timeWait, closed, "2 MSL, 60 s", waiting, steps(inTime(61*time.Second))).slow(time.Minute),
		way(timeWait, closed, "RST, tcp_rfc1337=0", waiting, steps(sends(rst))),
		way(timeWait, closed, "SOCK_DESTROY", waiting, steps(destroyed)),
		way(timeWait, request, "SYN with a higher SEQ, to a listener", then(waiting, closes, binds(), listens), steps(sends(syn, seqPlus(1000)), hears(synAck))),
		way(timeWait, synSent, "connect() again, with timestamps", then(stampedWait, closes), dialling),
	}
}
