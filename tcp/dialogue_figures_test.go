package tcp

import "testing"

// figures are figures 6 to 13 of RFC 9293. In 8 and 11 a new ISS is chosen for
// each handshake; the second is 400.
var figures = []struct {
	name       string
	issA, issB []Seq
	script     string
}{
	{"figure 6, the handshake", []Seq{100}, []Seq{300}, `
(B passive-OPEN)
1. CLOSED                                                       LISTEN
(A OPEN)
2. SYN-SENT    --> <SEQ=100><CTL=SYN>                       --> SYN-RECEIVED
3. ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>          <-- SYN-RECEIVED
4. ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>              --> ESTABLISHED
(A SEND hello)
5. ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK><DATA=5>      --> ESTABLISHED
6. ESTABLISHED <-- <SEQ=301><ACK=106><CTL=ACK>              <-- ESTABLISHED`},

	{"figure 7, both open at once", []Seq{100}, []Seq{300}, `
1. CLOSED                                                       CLOSED
(A OPEN)
2. SYN-SENT     --> <SEQ=100><CTL=SYN>                      ...
(B OPEN)
3. SYN-RECEIVED <-- <SEQ=300><CTL=SYN>                      <-- SYN-SENT
4. SYN-RECEIVED ... <SEQ=100><CTL=SYN>                      --> SYN-RECEIVED
5. SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK>         ...
6. ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK>         <-- SYN-RECEIVED
7. ESTABLISHED  ... <SEQ=100><ACK=301><CTL=SYN,ACK>         --> ESTABLISHED
8. ESTABLISHED  --> <SEQ=101><ACK=301><CTL=ACK>             --> ESTABLISHED
9. ESTABLISHED  <-- <SEQ=301><ACK=101><CTL=ACK>             <-- ESTABLISHED`},

	{"figure 8, an old duplicate SYN", []Seq{100}, []Seq{300, 400}, `
(B passive-OPEN)
1. CLOSED                                                       LISTEN
(A OPEN)
2. SYN-SENT    --> <SEQ=100><CTL=SYN>                       ...
3. SYN-SENT    ... <SEQ=90><CTL=SYN>                        --> SYN-RECEIVED
4. SYN-SENT    <-- <SEQ=300><ACK=91><CTL=SYN,ACK>           <-- SYN-RECEIVED
5. SYN-SENT    --> <SEQ=91><CTL=RST>                        --> LISTEN
6. SYN-SENT    ... <SEQ=100><CTL=SYN>                       --> SYN-RECEIVED
7. ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK>          <-- SYN-RECEIVED
8. ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>              --> ESTABLISHED`},

	// B's SND.NXT is 300 and its RCV.NXT 100, as in the figure. The SYN that
	// reaches B lies at 400; RFC 5961 answers it wherever it lies.
	{"figure 9, A has crashed and opens anew", []Seq{99, 400}, []Seq{299, 500}, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=99><CTL=SYN>                        --> SYN-RECEIVED
2. ESTABLISHED <-- <SEQ=299><ACK=100><CTL=SYN,ACK>          <-- SYN-RECEIVED
3. ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>              --> ESTABLISHED
(A crash)
4. CLOSED                                                       ESTABLISHED
(A OPEN)
5. SYN-SENT    --> <SEQ=400><CTL=SYN>                       --> ESTABLISHED
6. SYN-SENT    <-- <SEQ=300><ACK=100><CTL=ACK>              <-- ESTABLISHED
7. SYN-SENT    --> <SEQ=100><CTL=RST>                       --> CLOSED
(B passive-OPEN)
(A RTO)
8. SYN-SENT    --> <SEQ=400><CTL=SYN>                       --> SYN-RECEIVED
9. ESTABLISHED <-- <SEQ=500><ACK=401><CTL=SYN,ACK>          <-- SYN-RECEIVED
10. ESTABLISHED --> <SEQ=401><ACK=501><CTL=ACK>             --> ESTABLISHED`},

	{"figure 10, A has crashed and B sends", []Seq{99}, []Seq{299}, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=99><CTL=SYN>                        --> SYN-RECEIVED
2. ESTABLISHED <-- <SEQ=299><ACK=100><CTL=SYN,ACK>          <-- SYN-RECEIVED
3. ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>              --> ESTABLISHED
(A crash)
(B SEND tenoctets!)
4. CLOSED      <-- <SEQ=300><ACK=100><CTL=ACK><DATA=10>     <-- ESTABLISHED
5. CLOSED      --> <SEQ=100><CTL=RST>                       --> CLOSED`},

	{"figure 11, an old SYN between two listeners", []Seq{100}, []Seq{300, 400}, `
(A passive-OPEN)
(B passive-OPEN)
1. LISTEN                                                       LISTEN
2. LISTEN      ... <SEQ=700><CTL=SYN>                       --> SYN-RECEIVED
3. LISTEN      <-- <SEQ=300><ACK=701><CTL=SYN,ACK>          <-- SYN-RECEIVED
4. LISTEN      --> <SEQ=701><CTL=RST>                       --> LISTEN
5. LISTEN                                                       LISTEN`},

	{"figure 12, one closes, then the other", []Seq{99}, []Seq{299}, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=99><CTL=SYN>                        --> SYN-RECEIVED
2. ESTABLISHED <-- <SEQ=299><ACK=100><CTL=SYN,ACK>          <-- SYN-RECEIVED
3. ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>              --> ESTABLISHED
(A CLOSE)
4. FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>          --> CLOSE-WAIT
5. FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>              <-- CLOSE-WAIT
(B CLOSE)
6. TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>          <-- LAST-ACK
7. TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>              --> CLOSED
(A 2MSL)
8. CLOSED                                                       CLOSED`},

	{"figure 13, both close at once", []Seq{99}, []Seq{299}, `
(B passive-OPEN)
(A OPEN)
1. SYN-SENT    --> <SEQ=99><CTL=SYN>                        --> SYN-RECEIVED
2. ESTABLISHED <-- <SEQ=299><ACK=100><CTL=SYN,ACK>          <-- SYN-RECEIVED
3. ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>              --> ESTABLISHED
(A CLOSE)
(B CLOSE)
4. FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>          ...
5. CLOSING     <-- <SEQ=300><ACK=100><CTL=FIN,ACK>          <-- FIN-WAIT-1
6. CLOSING     ... <SEQ=100><ACK=300><CTL=FIN,ACK>          --> CLOSING
7. CLOSING     --> <SEQ=101><ACK=301><CTL=ACK>              ...
8. TIME-WAIT   <-- <SEQ=301><ACK=101><CTL=ACK>              <-- CLOSING
9. TIME-WAIT   ... <SEQ=101><ACK=301><CTL=ACK>              --> TIME-WAIT
(A 2MSL)
(B 2MSL)
10. CLOSED                                                      CLOSED`},
}

func TestFigures(t *testing.T) {
	for _, f := range figures {
		t.Run(f.name, func(t *testing.T) { meet(f.name, f.issA, f.issB, nil).play(t, f.script) })
	}
}
