package explain

// StoryText is what is said about a story of package simulate.
type StoryText struct {
	Title string // one line without a full stop
	About string // what there is to see
}

// StoryWords returns the text of a story; a story that has none gets its name as
// title.
func StoryWords(name string, l Language) StoryText {
	if text, ok := (*storyTexts.in(l))[name]; ok {
		return text
	}
	return StoryText{Title: name}
}

// storiesEnglish says of each story what there is to see in it.
var storiesEnglish = map[string]StoryText{
	// Opening.
	"handshake": {"A connection opens with three segments",
		"The originator is ESTABLISHED one round trip after its SYN, the responder half a round trip later. Each SYN takes one sequence number, which is why 100 is acknowledged with 101."},
	"simultaneous-open": {"Both ends dial each other at the same time",
		"The two SYNs cross. An end in SYN-SENT that gets a SYN without an ACK goes to SYN-RECEIVED, and one connection comes of it, not two."},
	"refused-port": {"Nobody listens on the port",
		"The host of the responder is there, the port is not open: CLOSED answers with RST,ACK, and the originator knows after one round trip. A firewall that drops would leave it waiting: see silent-target."},
	"silent-target": {"The SYN is never answered",
		"All that the originator sends is lost. It sends its SYN again after 1, 3, 7 ... seconds, each pause twice the one before up to a minute, and gives up after three minutes."},
	"listener-sends": {"A listener that sends becomes the one who dials",
		"RFC 9293 lets a SEND in LISTEN turn a passive OPEN into an active one, with the text queued until the handshake is over. Linux has no such thing."},
	"listener-closes": {"A listener is closed before anybody came",
		"CLOSE in LISTEN leaves nothing behind. Whoever dials afterwards is refused."},
	"early-close": {"The responder closes before the handshake is over",
		"CLOSE in SYN-RECEIVED sends the FIN behind the SYN,ACK and goes to FIN-WAIT-1 without ever being ESTABLISHED. The ACK of the handshake acknowledges the SYN alone."},

	// Text.
	"exchange": {"A connection from its first SYN to its last ACK",
		"Open, ask, answer, close. The end that closes first waits in TIME-WAIT for four minutes (2 MSL); Linux waits one."},
	"lost-text": {"A segment of text is lost",
		"No ACK comes, so the retransmission timer sends the text again after a second. Neither end changes its state: loss of text is invisible in the states."},
	"zero-window": {"The receiver does not read, and its window closes",
		"400 octets fit into the buffer and 600 were sent. The sender keeps 200 back and asks with a probe, ever more seldom, until the window opens. Both ends are ESTABLISHED all the time."},

	// Closing.
	"close": {"One end closes, then the other",
		"Follow the left margin: FIN-WAIT-1 until the FIN is acknowledged, FIN-WAIT-2 until the other end closes too, TIME-WAIT after that. Follow the right one: CLOSE-WAIT lasts until the program there calls CLOSE."},
	"half-close": {"One end has finished sending and still receives",
		"The originator says that it is done and stays in FIN-WAIT-2 while the responder sends for three more seconds from CLOSE-WAIT. FIN-WAIT-2 sends no text, it receives it."},
	"simultaneous-close": {"Both ends close at the same time",
		"The FINs cross. Each end gets a FIN before the ACK of its own: FIN-WAIT-1, CLOSING, TIME-WAIT, on both sides."},
	"fin-with-ack-of-fin": {"The FIN brings the ACK of the FIN with it",
		"The responder closes at once and its bare ACK is lost, so its FIN is the first to acknowledge the originator's: FIN-WAIT-1 goes to TIME-WAIT without FIN-WAIT-2 between."},
	"never-closed": {"The responder's program never closes",
		"FIN-WAIT-2 on the left and CLOSE-WAIT on the right have no timer. By the RFC they stay for ever; the cure is to close, on the right."},
	"abort": {"One end aborts the connection",
		"ABORT sends RST and both ends are CLOSED at once: no FIN, no ACK, no TIME-WAIT, and text under way is lost."},
	"abort-while-closing": {"The end that closed first loses patience",
		"In FIN-WAIT-2 the originator aborts. The RST takes the responder out of CLOSE-WAIT, although its program never closed."},

	// Losses.
	"lost-synack": {"The answer to the first SYN is lost",
		"Both timers run out after a second. SYN and SYN,ACK both go again, and the handshake is done a second late."},
	"lost-handshake-ack": {"The last segment of the handshake is lost",
		"The originator is ESTABLISHED and the responder is not: it sends its SYN,ACK again, and gets the ACK once more."},
	"handshake-ack-never": {"The last segment of the handshake never arrives",
		"The originator is ESTABLISHED and stays so, for it sends nothing that could fail. The responder tries for three minutes and gives up."},
	"fin-ends-handshake": {"A FIN ends the handshake",
		"The ACK of the handshake is lost and the originator closes at once. Its FIN acknowledges the SYN too: SYN-RECEIVED goes to CLOSE-WAIT, and no program has seen the connection open."},
	"lost-fin": {"The first FIN is lost",
		"FIN-WAIT-1 lasts until the retransmission timer has sent the FIN again and its ACK is there."},
	"fin-never": {"The FIN never arrives",
		"FIN-WAIT-1 is given up after seven retransmissions. The responder has heard nothing of all this and stays ESTABLISHED."},
	"lost-last-ack": {"The last ACK is lost",
		"LAST-ACK sends its FIN again. TIME-WAIT is there to answer it, and begins its 2 MSL anew."},
	"last-ack-never": {"The last ACK never arrives",
		"LAST-ACK sends its FIN eight times in all and gives up after three minutes. Each FIN that arrives is answered and starts TIME-WAIT anew, which so lasts longer than LAST-ACK."},
	"closing-never": {"Both closed, and no ACK arrives",
		"The FINs cross and every ACK is lost. CLOSING has nothing to wait for but its retransmission timer, which gives up after three minutes: no TIME-WAIT follows."},

	// Hazards.
	"old-duplicate-syn": {"A SYN of long ago arrives before the new one",
		"The responder answers the old SYN in good faith. The originator sees an ACK for something it never sent and says RST; back in LISTEN, the responder takes the right SYN. This is figure 8 of RFC 9293, and the reason for three segments rather than two."},
	"old-duplicate-listeners": {"A SYN of long ago arrives and nobody dialled",
		"Both ends listen. The responder answers the old SYN, the originator knows nothing of it and says RST, and both listen as before (RFC 9293 figure 11)."},
	"old-duplicate": {"A delayed copy of old text meets TIME-WAIT",
		"A copy of a segment was held up for three seconds. TIME-WAIT still holds the pair of sockets, so no new connection can begin on it, and the copy finds only a listener, who answers with RST."},
	"old-duplicate-no-time-wait": {"A delayed copy of old text, and no TIME-WAIT",
		"As in old-duplicate, but 2 MSL is no time at all. A new connection begins between the same sockets, its sequence numbers happen to fit, and the old text is delivered as if it were new. Neither end can tell."},
	"time-wait-assassination": {"An old segment ends TIME-WAIT early",
		"A copy of old text arrives in TIME-WAIT and is answered with an ACK. The other end is long CLOSED and answers that with RST, which ends TIME-WAIT after a second and a half (RFC 1337)."},
	"time-wait-protected": {"TIME-WAIT that ignores RST",
		"The old segment of time-wait-assassination, but the end follows RFC 1337 section 3 (tcp_rfc1337=1 on Linux): the RST is ignored and TIME-WAIT lasts its 2 MSL."},
	"time-wait-reopened": {"A new SYN ends TIME-WAIT",
		"The pair of sockets rests in TIME-WAIT when the other end dials again. Its SYN is newer than all that came before, so TIME-WAIT goes straight to SYN-RECEIVED (RFC 9293 section 3.6.1, RFC 6191)."},
	"forged-reset": {"Somebody guesses sequence numbers",
		"Three forged RSTs. The first lies outside the window and is dropped, the second lies within and is answered with an ACK so that a real peer could repeat it, the third hits RCV.NXT and ends the connection (RFC 5961)."},

	// Vanished peers.
	"vanished-peer": {"The peer's host is gone, and there is something to send",
		"The host was switched off without a word. The text is sent again after 1, 3, 7 ... seconds, eight times in all, and after three minutes the originator gives up: ESTABLISHED until then."},
	"vanished-peer-idle": {"The peer's host is gone, and nobody has anything to say",
		"Nothing is sent, so nothing can fail: the originator is ESTABLISHED for ever with a peer that does not exist."},
	"vanished-peer-keepalive": {"The peer's host is gone, and keep-alives notice",
		"After a minute of silence the originator asks, and asks again every 75 seconds. Nine questions without an answer are the end."},
	"rebooted-peer": {"The peer's host comes back and knows nothing",
		"While it is off the text is sent again in vain. Back on, it gets a segment of a connection that it does not remember and answers with RST."},
	"half-open-recovery": {"One end crashes and dials again",
		"The originator has forgotten everything, the responder nothing. The new SYN meets ESTABLISHED and is answered with an ACK, which makes no sense to the originator: its RST clears the way (RFC 9293 figure 9)."},
	"half-open-discovered": {"One end crashes, and the other one sends",
		"The text of the responder meets a host that knows no such connection. Its RST ends the half-open connection (RFC 9293 figure 10)."},

	// Listeners.
	"syn-flood": {"Forged SYNs fill the SYN queue",
		"100 SYNs a second, each in somebody else's name. 128 half-open connections fill the queue, and the originator's SYN is dropped again and again. A larger queue would be full a little later."},
	"syn-flood-cookies": {"A flood is answered with SYN cookies",
		"The flood of the story syn-flood. With the queue full each SYN is answered with a number that proves itself, and nothing is remembered. The originator's ACK brings the number back and the connection is there at once."},
	"backlog-full": {"The program does not accept, and its queue is full",
		"Two others are ESTABLISHED and wait for the program. The originator's SYN is dropped until the program accepts at ten seconds; its next SYN, at 16 seconds, gets in."},
	"fake-established": {"ESTABLISHED on one side only",
		"The accept queue fills between the SYN and the ACK. The ACK is dropped: the originator is ESTABLISHED, the responder is not, and gives up after three minutes without telling anybody."},
	"deferred-accept": {"The listener waits for text",
		"With deferred accept the bare ACK is dropped on purpose, the SYN,ACK goes again, and the connection is made by the first text. A pile of SYN-RECEIVED can be a setting."},

	// The way.
	"asymmetric-return": {"DNAT on the way there, and the answer comes back past it",
		"The originator dialled 203.0.113.10 and is answered by 198.51.100.2, whom it does not know: RST. Each try takes the responder from SYN-RECEIVED back to LISTEN, so that it shows nothing."},
	"asymmetric-return-silent": {"DNAT on the way there, and the RST is lost too",
		"As in asymmetric-return, but a firewall drops the RST. Now the responder stays in SYN-RECEIVED and sends its SYN,ACK again and again, each of them refused in silence. From the responder this looks like a flood of one."},
	"synack-blocked": {"The way back is blocked",
		"The SYN arrives, no SYN,ACK does. Both ends send theirs again, SYN-SENT on the left and SYN-RECEIVED on the right, and give up after three minutes."},
	"firewall-forgets": {"A firewall forgets an idle connection",
		"The firewall forgets after 30 idle seconds, the text comes after 59. Everything is dropped in silence: the originator gives up after three minutes, the responder is ESTABLISHED for ever."},
}
