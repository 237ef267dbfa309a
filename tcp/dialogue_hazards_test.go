package tcp

import "testing"

// The hazards of TIME-WAIT assassination (RFC 1337 section 2), the remedy of its
// section 3, and other dialogues of opening, losing and closing.
var stories = []struct {
	name       string
	issA, issB []Seq
	change     func(*EndpointConfig)
	script     string
}{
	{"RFC 1337 figure 1, TIME-WAIT is assassinated", []Seq{99}, []Seq{299}, nil, closed12 + `
8. TIME-WAIT    <-- <SEQ=255><ACK=33><CTL=ACK><DATA=5>      ... CLOSED
9. TIME-WAIT    --> <SEQ=101><ACK=301><CTL=ACK>             --> CLOSED
10. CLOSED      <-- <SEQ=301><CTL=RST>                      <-- CLOSED`},

	{"RFC 1337 section 3, RST is ignored in TIME-WAIT", []Seq{99}, []Seq{299},
		func(c *EndpointConfig) { c.IgnoreRSTInTimeWait = true }, closed12 + `
8. TIME-WAIT    <-- <SEQ=255><ACK=33><CTL=ACK><DATA=5>      ... CLOSED
9. TIME-WAIT    --> <SEQ=101><ACK=301><CTL=ACK>             --> CLOSED
10. TIME-WAIT   <-- <SEQ=301><CTL=RST>                      <-- CLOSED`},

	// The new connection's numbers are such that text of the old one, octets 260
	// to 264, lies in the window: nothing tells it from new text.
	{"RFC 1337 hazard 1, old text is accepted", []Seq{99, 700}, []Seq{299, 259}, nil, closed12 + `
8. TIME-WAIT    <-- <SEQ=255><ACK=33><CTL=ACK><DATA=5>      ... CLOSED
9. TIME-WAIT    --> <SEQ=101><ACK=301><CTL=ACK>             --> CLOSED
10. CLOSED      <-- <SEQ=301><CTL=RST>                      <-- CLOSED
(B passive-OPEN)
(A OPEN)
11. SYN-SENT    --> <SEQ=700><CTL=SYN>                      --> SYN-RECEIVED
12. ESTABLISHED <-- <SEQ=259><ACK=701><CTL=SYN,ACK>         <-- SYN-RECEIVED
13. ESTABLISHED --> <SEQ=701><ACK=260><CTL=ACK>             --> ESTABLISHED
14. ESTABLISHED <-- <SEQ=260><ACK=701><CTL=ACK><DATA=5>     ... ESTABLISHED
15. ESTABLISHED --> <SEQ=701><ACK=265><CTL=ACK>             X ESTABLISHED`},

	// After hazard 1 A expects an octet that B has not sent. Each ACK is wrong to
	// the other end, and answered.
	{"RFC 1337 hazard 2, ACKs without end", []Seq{99, 700}, []Seq{299, 259},
		func(c *EndpointConfig) { c.InvalidInterval = -1 }, closed12 + `
8. TIME-WAIT    <-- <SEQ=255><ACK=33><CTL=ACK><DATA=5>      ... CLOSED
9. TIME-WAIT    --> <SEQ=101><ACK=301><CTL=ACK>             --> CLOSED
10. CLOSED      <-- <SEQ=301><CTL=RST>                      <-- CLOSED
(B passive-OPEN)
(A OPEN)
11. SYN-SENT    --> <SEQ=700><CTL=SYN>                      --> SYN-RECEIVED
12. ESTABLISHED <-- <SEQ=259><ACK=701><CTL=SYN,ACK>         <-- SYN-RECEIVED
13. ESTABLISHED --> <SEQ=701><ACK=260><CTL=ACK>             --> ESTABLISHED
14. ESTABLISHED <-- <SEQ=260><ACK=701><CTL=ACK><DATA=5>     ... ESTABLISHED
15. ESTABLISHED --> <SEQ=701><ACK=265><CTL=ACK>             --> ESTABLISHED
16. ESTABLISHED <-- <SEQ=260><ACK=701><CTL=ACK>             <-- ESTABLISHED
17. ESTABLISHED --> <SEQ=701><ACK=265><CTL=ACK>             --> ESTABLISHED
18. ESTABLISHED <-- <SEQ=260><ACK=701><CTL=ACK>             <-- ESTABLISHED
19. ESTABLISHED --> <SEQ=701><ACK=265><CTL=ACK>             X ESTABLISHED`},

	// Both ends answer one empty segment that they cannot accept each half second,
	// and no time passes here.
	{"RFC 1337 hazard 2, ends that limit their answers", []Seq{99, 700}, []Seq{299, 259}, nil, closed12 + `
8. TIME-WAIT    <-- <SEQ=255><ACK=33><CTL=ACK><DATA=5>      ... CLOSED
9. TIME-WAIT    --> <SEQ=101><ACK=301><CTL=ACK>             --> CLOSED
10. CLOSED      <-- <SEQ=301><CTL=RST>                      <-- CLOSED
(B passive-OPEN)
(A OPEN)
11. SYN-SENT    --> <SEQ=700><CTL=SYN>                      --> SYN-RECEIVED
12. ESTABLISHED <-- <SEQ=259><ACK=701><CTL=SYN,ACK>         <-- SYN-RECEIVED
13. ESTABLISHED --> <SEQ=701><ACK=260><CTL=ACK>             --> ESTABLISHED
14. ESTABLISHED <-- <SEQ=260><ACK=701><CTL=ACK><DATA=5>     ... ESTABLISHED
15. ESTABLISHED --> <SEQ=701><ACK=265><CTL=ACK>             --> ESTABLISHED
16. ESTABLISHED <-- <SEQ=260><ACK=701><CTL=ACK>             <-- ESTABLISHED
17. ESTABLISHED --> <SEQ=701><ACK=265><CTL=ACK>             --> ESTABLISHED
18. ESTABLISHED                                                 ESTABLISHED`},

	// The RST that an old acknowledgment provokes lies outside the window and is
	// dropped; an old one that lies at the very RCV.NXT ends the new connection.
	{"RFC 1337 hazard 3, the new connection dies early", []Seq{100}, []Seq{300, 400}, nil, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=100><CTL=SYN>                       --> SYN-RECEIVED
2. SYN-SENT    ... <SEQ=300><ACK=101><CTL=SYN,ACK>          <-- SYN-RECEIVED
3. SYN-SENT    <-- <SEQ=300><ACK=90><CTL=ACK>               ... SYN-RECEIVED
4. SYN-SENT    --> <SEQ=90><CTL=RST>                        --> SYN-RECEIVED
5. SYN-SENT    ... <SEQ=101><CTL=RST>                       --> LISTEN
6. ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>          ... LISTEN
7. ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>              --> LISTEN
8. CLOSED      <-- <SEQ=301><CTL=RST>                       <-- LISTEN`},

	{"an old duplicate SYN meets TIME-WAIT", []Seq{99}, []Seq{299}, nil, closed12 + `
8. TIME-WAIT    <-- <SEQ=299><CTL=SYN>                      ... CLOSED
9. TIME-WAIT    --> <SEQ=101><ACK=301><CTL=ACK>             --> CLOSED
10. CLOSED      <-- <SEQ=301><CTL=RST>                      <-- CLOSED`},

	// RFC 9293 section 3.6.1: the new ISS lies beyond all that A sent before, so
	// the 50 that A would have chosen is not used.
	{"TIME-WAIT is opened anew", []Seq{99, 50}, []Seq{299, 800}, nil, closed12 + `
(B OPEN)
8. SYN-RECEIVED <-- <SEQ=800><CTL=SYN>                      <-- SYN-SENT
9. SYN-RECEIVED --> <SEQ=65638><ACK=801><CTL=SYN,ACK>       --> ESTABLISHED
10. ESTABLISHED <-- <SEQ=801><ACK=65639><CTL=ACK>           <-- ESTABLISHED`},

	{"the last ACK is lost", []Seq{99}, []Seq{299}, nil, lastACK + `
7. TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>              X LAST-ACK
(B RTO)
8. TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>          <-- LAST-ACK
9. TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>              --> CLOSED`},

	{"the last ACK never comes and A has forgotten", []Seq{99}, []Seq{299}, nil, lastACK + `
7. TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>              X LAST-ACK
(A 2MSL)
(B RTO)
8. CLOSED      <-- <SEQ=300><ACK=101><CTL=FIN,ACK>          <-- LAST-ACK
9. CLOSED      --> <SEQ=101><CTL=RST>                       --> CLOSED`},

	{"the SYN,ACK is lost", []Seq{100}, []Seq{300}, nil, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=100><CTL=SYN>                       --> SYN-RECEIVED
2. SYN-SENT    ... <SEQ=300><ACK=101><CTL=SYN,ACK>          <-- SYN-RECEIVED
(B RTO)
3. ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>          <-- SYN-RECEIVED
4. ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>              --> ESTABLISHED
5. ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>          ... ESTABLISHED
6. ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>              --> ESTABLISHED`},

	{"the FIN comes with the ACK of the FIN", []Seq{99}, []Seq{299}, nil, handshake + `
(A CLOSE)
4. FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>          --> CLOSE-WAIT
5. FIN-WAIT-1  X   <SEQ=300><ACK=101><CTL=ACK>              <-- CLOSE-WAIT
(B CLOSE)
6. TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>          <-- LAST-ACK
7. TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>              --> CLOSED`},

	{"half-close: B goes on sending", []Seq{99}, []Seq{299}, nil, handshake + `
(A SEND ask)
(A CLOSE)
4. FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=ACK><DATA=3>      --> ESTABLISHED
5. FIN-WAIT-1  --> <SEQ=103><ACK=300><CTL=FIN,ACK>          --> CLOSE-WAIT
6. FIN-WAIT-1  <-- <SEQ=300><ACK=103><CTL=ACK>              <-- CLOSE-WAIT
7. FIN-WAIT-2  <-- <SEQ=300><ACK=104><CTL=ACK>              <-- CLOSE-WAIT
(B SEND answer)
(B CLOSE)
8. FIN-WAIT-2  <-- <SEQ=300><ACK=104><CTL=ACK><DATA=6>      <-- LAST-ACK
9. TIME-WAIT   <-- <SEQ=306><ACK=104><CTL=FIN,ACK>          <-- LAST-ACK
10. TIME-WAIT  --> <SEQ=104><ACK=306><CTL=ACK>              --> LAST-ACK
11. TIME-WAIT  --> <SEQ=104><ACK=307><CTL=ACK>              --> CLOSED`},

	{"a FIN overtakes the text before it", []Seq{99}, []Seq{299}, nil, handshake + `
(A SEND text)
(A CLOSE)
4. FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=ACK><DATA=4>      ...
5. FIN-WAIT-1  --> <SEQ=104><ACK=300><CTL=FIN,ACK>          --> ESTABLISHED
6. FIN-WAIT-1  <-- <SEQ=300><ACK=100><CTL=ACK>              <-- ESTABLISHED
7. FIN-WAIT-1  ... <SEQ=100><ACK=300><CTL=ACK><DATA=4>      --> CLOSE-WAIT
8. FIN-WAIT-1  <-- <SEQ=300><ACK=104><CTL=ACK>              <-- CLOSE-WAIT
9. FIN-WAIT-2  <-- <SEQ=300><ACK=105><CTL=ACK>              <-- CLOSE-WAIT`},

	{"ABORT", []Seq{99}, []Seq{299}, nil, handshake + `
(B ABORT)
4. CLOSED      <-- <SEQ=300><CTL=RST>                       <-- CLOSED`},

	{"CLOSE before the handshake is over", []Seq{100}, []Seq{300}, nil, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT     --> <SEQ=100><CTL=SYN>                      --> SYN-RECEIVED
(B CLOSE)
2. ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK>         <-- FIN-WAIT-1
3. CLOSE-WAIT   <-- <SEQ=301><ACK=101><CTL=FIN,ACK>         <-- FIN-WAIT-1
4. CLOSE-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>             --> FIN-WAIT-1
5. CLOSE-WAIT   --> <SEQ=101><ACK=302><CTL=ACK>             --> FIN-WAIT-2
(A CLOSE)
6. LAST-ACK     --> <SEQ=101><ACK=302><CTL=FIN,ACK>         --> TIME-WAIT
7. CLOSED       <-- <SEQ=302><ACK=102><CTL=ACK>             <-- TIME-WAIT`},

	// B's user has called CLOSE and will not call again: B must not LISTEN for
	// another peer. Package simulate/explore found that it did.
	{"a reset before the queued CLOSE", []Seq{100}, []Seq{300}, nil, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=100><CTL=SYN>                       --> SYN-RECEIVED
2. SYN-SENT    ... <SEQ=300><ACK=101><CTL=SYN,ACK>          <-- SYN-RECEIVED
(B SEND text)
(B CLOSE)
(A CLOSE)
3. CLOSED      <-- <SEQ=300><ACK=101><CTL=SYN,ACK>          ... SYN-RECEIVED
4. CLOSED      --> <SEQ=101><CTL=RST>                       --> CLOSED`},

	{"nobody listens", []Seq{100}, []Seq{300}, nil, `
(A OPEN)
1. SYN-SENT    --> <SEQ=100><CTL=SYN>                       --> CLOSED
2. CLOSED      <-- <SEQ=0><ACK=101><CTL=RST,ACK>            <-- CLOSED`},

	{"nobody answers", []Seq{100}, []Seq{300}, nil, `
(A OPEN)
1. SYN-SENT    --> <SEQ=100><CTL=SYN>                       X CLOSED
(A RTO)
2. SYN-SENT    --> <SEQ=100><CTL=SYN>                       X CLOSED
(A R2)
3. CLOSED                                                       CLOSED`},
}

const handshake = `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=99><CTL=SYN>                        --> SYN-RECEIVED
2. ESTABLISHED <-- <SEQ=299><ACK=100><CTL=SYN,ACK>          <-- SYN-RECEIVED
3. ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>              --> ESTABLISHED`

const lastACK = handshake + `
(A CLOSE)
4. FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>          --> CLOSE-WAIT
5. FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>              <-- CLOSE-WAIT
(B CLOSE)
6. TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>          <-- LAST-ACK`

const closed12 = lastACK + `
7. TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>              --> CLOSED`

func TestStories(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) { meet(s.name, s.issA, s.issB, s.change).play(t, s.script) })
	}
}
