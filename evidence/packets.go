package evidence

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// Packets is what captures showed in the window, counted by what a diagnosis
// asks: for each server who did not finish a handshake, who was not answered,
// who reset and who closed, and for each client how many targets it tried. Times
// are seconds of capture, sizes octets.
type Packets struct {
	Segments    uint64 `json:"segments"`
	Connections uint64 `json:"connections"` // also attempts that nobody answered
	Unlisted    uint64 `json:"unlisted,omitempty"`
	Dropped     uint64 `json:"dropped,omitempty"` // packets that came too fast to be seen

	// States counts each connection once: by the likely state of the Originator
	// where the capture was taken near it or the Responder was not heard, else by
	// that of the Responder.
	States tcp.Counts `json:"states"`

	// Own: the packets are those of the bundle's host in its window, and Sockets are
	// its sockets in trouble. Else they come from captures alone.
	Own     bool           `json:"own,omitempty"`
	Sockets []PacketSocket `json:"sockets,omitempty"`

	Servers []PacketServer `json:"servers,omitempty"` // those with most connections, most first
	Clients []PacketClient `json:"clients,omitempty"` // those with most targets, most first
	// Servers and clients beyond those.
	UntoldServers int `json:"untold_servers,omitempty"`
	UntoldClients int `json:"untold_clients,omitempty"`
}

// PacketsKept is how many servers, and how many clients, are told.
const PacketsKept = 64

// Vantage says to which end of its connections a capture is near, as the TTL of
// segments tells: it is still a usual first value where no router was passed.
type Vantage string

// The vantages.
const (
	NearUnknown   Vantage = ""           // both ends on the link, or an unusual TTL
	NearServer    Vantage = "server"     // the clients' segments have passed routers, the server's have not
	NearClient    Vantage = "client"     // the other way round
	NearMiddleBox Vantage = "in between" // both have
)

// PacketServer is what was seen of the connections to one address and port.
type PacketServer struct {
	Local netip.AddrPort `json:"local"`
	Near  Vantage        `json:"near,omitempty"`

	Connections int `json:"connections"`
	Attempts    int `json:"attempts,omitempty"`  // of them, those whose SYN was captured
	Completed   int `json:"completed,omitempty"` // of those, handshakes whose last ACK was captured
	Served      int `json:"served,omitempty"`    // of those, where the server sent more than its SYN,ACK
	Retried     int `json:"retried,omitempty"`   // of Completed, those whose SYN had to be sent again
	Refused     int `json:"refused,omitempty"`   // SYNs answered with RST

	// Attempts without an end to their handshake, nothing reset. Once: one SYN and
	// nothing more from the client. Again: the SYN came again behind a SYN,ACK.
	// Acked: the SYN,ACK came again behind the client's ACK. Unanswered: the SYN
	// came again, and nothing answered.
	Once       PacketGroup `json:"once,omitzero"`
	Again      PacketGroup `json:"again,omitzero"`
	Acked      PacketGroup `json:"acked,omitzero"`
	Unanswered PacketGroup `json:"unanswered,omitzero"`

	OnceAnswered int `json:"once_answered,omitempty"` // of Once, those that got a SYN,ACK
	OnceYoung    int `json:"once_young,omitempty"`    // of Once, those too young at the end of the capture to be sent again
	OnceWaited   int `json:"once_waited,omitempty"`   // of Once, those that got a SYN,ACK and are not too young
	OnceResent   int `json:"once_resent,omitempty"`   // SYN,ACKs sent again to Once
	// OnceAlive counts connections from Once.Client, or else from Once.Prefix, whose
	// client lives: it goes on after its SYN, sends it again, or answers the SYN,ACK
	// with a RST.
	OnceAlive int `json:"once_alive,omitempty"`
	// Of Again: those whose SYN,ACK went to another neighbour on the link than the
	// SYN came from, and those where neighbours are not known.
	AgainTurned   int `json:"again_turned,omitempty"`
	AgainUnplaced int `json:"again_unplaced,omitempty"`
	// Turned counts completed handshakes whose SYN,ACK went to another neighbour.
	Turned int `json:"turned,omitempty"`
	// Rejected counts SYN,ACKs that the client answered with a RST, and
	// RejectedTurned those of them that went to another neighbour.
	Rejected       int `json:"rejected,omitempty"`
	RejectedTurned int `json:"rejected_turned,omitempty"`

	Server  PacketSide `json:"server,omitzero"`
	Clients PacketSide `json:"clients,omitzero"`
}

// PacketSide is what one side of the connections to a server suffered and did:
// the server, or the clients together.
type PacketSide struct {
	// Unanswered: text or keep-alives of this side in ESTABLISHED or CLOSE-WAIT
	// were sent again and again, and nothing was heard. Alive are those of which
	// the other host was heard on another connection meanwhile.
	Unanswered PacketGroup `json:"unanswered,omitzero"`
	Alive      int         `json:"alive,omitempty"`
	Small      int         `json:"small,omitempty"` // of Unanswered, those whose text fits every path, or without text
	// Large: the same, but the other end was heard since the text was first sent,
	// and smaller text got through.
	Large       PacketGroup `json:"large,omitzero"`
	LargeSize   int         `json:"large_size,omitempty"`   // the smallest that did not get through
	LargePassed int         `json:"large_passed,omitempty"` // the largest that did
	// Shut: the other end keeps its window at zero.
	Shut PacketGroup `json:"shut,omitzero"`
	// Stuck counts ends of this side by state whose FIN is sent again and again.
	Stuck tcp.Counts `json:"stuck,omitzero"`
	// Standing counts those in CLOSE-WAIT on whose connection nothing moves.
	Standing int `json:"standing,omitempty"`

	Closed int `json:"closed,omitempty"` // connections that it closed first
	Brief  int `json:"brief,omitempty"`  // of them, within a second of their SYN
	Aborts int `json:"aborts,omitempty"` // established connections that it reset
	// Strays counts RSTs in its name that the other end need not believe, Foreign
	// those of them that come with another TTL than its own segments.
	Strays  int `json:"strays,omitempty"`
	Foreign int `json:"foreign,omitempty"`
	// Struck counts connections that got Strays.
	Struck int `json:"struck,omitempty"`
}

// PacketGroup is connections that are alike, and the clients that they belong to.
type PacketGroup struct {
	Count     int     `json:"count"`
	Addresses int     `json:"addresses"`       // different clients
	Networks  int     `json:"networks"`        // /24 of IPv4, /48 of IPv6
	Again     int     `json:"again,omitempty"` // segments sent again on them
	Longest   float64 `json:"longest_seconds"` // that one of them stood so
	Most      int     `json:"most,omitempty"`  // connections from the busiest network
	Share     int     `json:"share,omitempty"` // connections from Prefix
	// Prefix is the smallest network, at most 16 times as wide as those counted,
	// that nine tenths of the connections come from; else the busiest one.
	Prefix netip.Prefix `json:"prefix,omitzero"`
	Client netip.Addr   `json:"client,omitzero"` // when there is one only
}

// PacketClient is what was seen of the attempts of one client.
type PacketClient struct {
	Address    netip.Addr `json:"address"`
	Targets    int        `json:"targets"` // different addresses and ports
	Hosts      int        `json:"hosts"`
	Ports      int        `json:"ports"`
	Attempts   int        `json:"attempts"`
	Unanswered int        `json:"unanswered"`
	Refused    int        `json:"refused"`
	Served     int        `json:"served"`         // targets that it talked to
	Host       netip.Addr `json:"host,omitzero"`  // when there is one only
	Port       uint16     `json:"port,omitempty"` // likewise
}
