package explain

import "github.com/synoptic-net/synoptic/tcp"

// The canvas of the diagram, in SVG user units.
const (
	diagramWidth  = 1000
	diagramHeight = 1056
)

// diagramNodes are the eleven states where a reader of RFC 9293 figure 5
// expects them: opening above, closing below, the end that closes first on the
// left. CLOSED is drawn twice, as beginning and as end.
var diagramNodes = []diagramNode{
	{state: tcp.Closed, x: 500, y: 62, width: 136, height: 46, kind: otherEdge},
	{state: tcp.Listen, x: 500, y: 186, width: 136, height: 46, kind: serverEdge},
	{state: tcp.SynReceived, x: 180, y: 318, width: 136, height: 46, kind: serverEdge},
	{state: tcp.SynSent, x: 820, y: 318, width: 136, height: 46, kind: clientEdge},
	{state: tcp.Established, x: 500, y: 452, width: 164, height: 54, kind: otherEdge},
	{state: tcp.FinWait1, x: 180, y: 590, width: 136, height: 46, kind: clientEdge},
	{state: tcp.FinWait2, x: 180, y: 726, width: 136, height: 46, kind: clientEdge},
	{state: tcp.Closing, x: 500, y: 726, width: 136, height: 46, kind: otherEdge},
	{state: tcp.TimeWait, x: 500, y: 850, width: 136, height: 46, kind: clientEdge},
	{state: tcp.CloseWait, x: 820, y: 590, width: 136, height: 46, kind: serverEdge},
	{state: tcp.LastAck, x: 820, y: 726, width: 136, height: 46, kind: serverEdge},
	{state: tcp.Closed, x: 500, y: 956, width: 136, height: 46, kind: otherEdge, echo: true},
}

// abortLabel stands beside an abort edge only while that edge is highlighted; the
// legend says it once for all of them.
const abortLabel = "RST, ABORT or timeout"

// diagramEdges are the 29 edges with the hand-shaped curve of each.
var diagramEdges = []diagramEdge{
	// Opening.
	{tcp.Edge{From: tcp.Closed, To: tcp.Listen}, serverEdge, "M484,85 L484,163",
		edgeLabel{"passive OPEN", "", 472, 128, "end", ""}},
	{tcp.Edge{From: tcp.Listen, To: tcp.Closed}, otherEdge, "M516,163 L516,85",
		edgeLabel{"CLOSE", "", 526, 128, "start", ""}},
	{tcp.Edge{From: tcp.Closed, To: tcp.SynSent}, clientEdge, "M568,68 C690,80 796,160 804,295",
		edgeLabel{"active OPEN", "snd SYN", 690, 144, "end", ""}},
	{tcp.Edge{From: tcp.SynSent, To: tcp.Closed}, otherEdge, "M840,295 C836,140 720,52 568,52",
		edgeLabel{"CLOSE, RST or timeout", "", 800, 136, "start", ""}},
	{tcp.Edge{From: tcp.Listen, To: tcp.SynSent}, otherEdge, "M568,190 C660,200 740,240 776,295",
		edgeLabel{"SEND", "snd SYN", 656, 242, "end", ""}},
	{tcp.Edge{From: tcp.Listen, To: tcp.SynReceived}, serverEdge, "M432,194 C330,204 214,230 198,295",
		edgeLabel{"rcv SYN", "snd SYN,ACK", 284, 250, "start", ""}},
	{tcp.Edge{From: tcp.SynReceived, To: tcp.Listen}, otherEdge, "M162,295 C172,200 290,172 432,178",
		edgeLabel{"rcv RST", "", 262, 178, "end", ""}},
	{tcp.Edge{From: tcp.SynReceived, To: tcp.Closed}, abortEdge, "M136,295 C130,130 270,58 432,58",
		edgeLabel{abortLabel, "", 214, 142, "start", ""}},
	{tcp.Edge{From: tcp.SynSent, To: tcp.SynReceived}, otherEdge, "M752,312 L248,312",
		edgeLabel{"rcv SYN", "snd SYN,ACK", 500, 304, "middle", "simultaneous open"}},
	{tcp.Edge{From: tcp.SynReceived, To: tcp.Established}, serverEdge, "M240,341 C300,380 330,436 418,444",
		edgeLabel{"rcv ACK of SYN", "", 334, 392, "start", ""}},
	{tcp.Edge{From: tcp.SynSent, To: tcp.Established}, clientEdge, "M760,341 C700,380 670,436 582,444",
		edgeLabel{"rcv SYN,ACK", "snd ACK", 664, 376, "end", ""}},
	{tcp.Edge{From: tcp.SynReceived, To: tcp.CloseWait}, otherEdge, "M212,341 C226,480 330,540 480,544 C600,547 690,566 752,586",
		edgeLabel{"rcv FIN,ACK of SYN", "snd ACK", 420, 564, "middle", ""}},
	{tcp.Edge{From: tcp.SynReceived, To: tcp.FinWait1}, otherEdge, "M164,341 L164,567",
		edgeLabel{"CLOSE", "snd FIN", 154, 452, "end", ""}},

	// Closing first.
	{tcp.Edge{From: tcp.Established, To: tcp.FinWait1}, clientEdge, "M418,466 C340,486 215,500 200,567",
		edgeLabel{"CLOSE", "snd FIN", 320, 454, "middle", ""}},
	{tcp.Edge{From: tcp.FinWait1, To: tcp.FinWait2}, clientEdge, "M180,613 L180,703",
		edgeLabel{"rcv ACK of FIN", "", 170, 662, "end", ""}},
	{tcp.Edge{From: tcp.FinWait1, To: tcp.Closing}, otherEdge, "M248,596 C350,606 440,640 470,703",
		edgeLabel{"rcv FIN", "snd ACK", 426, 628, "start", ""}},
	{tcp.Edge{From: tcp.FinWait1, To: tcp.TimeWait}, otherEdge, "M222,613 C262,720 330,836 432,844",
		edgeLabel{"rcv FIN,ACK of FIN", "snd ACK", 296, 712, "start", ""}},
	{tcp.Edge{From: tcp.FinWait2, To: tcp.TimeWait}, clientEdge, "M190,749 C200,840 320,858 432,857",
		edgeLabel{"rcv FIN", "snd ACK", 220, 780, "start", ""}},
	{tcp.Edge{From: tcp.Closing, To: tcp.TimeWait}, otherEdge, "M500,749 L500,827",
		edgeLabel{"rcv ACK of FIN", "", 510, 793, "start", ""}},
	{tcp.Edge{From: tcp.TimeWait, To: tcp.Closed}, clientEdge, "M500,873 L500,933",
		edgeLabel{"2MSL timeout", "", 510, 908, "start", ""}},
	{tcp.Edge{From: tcp.TimeWait, To: tcp.SynReceived}, otherEdge, "M438,873 C330,930 32,900 32,720 L32,420 C32,356 62,324 112,322",
		edgeLabel{"rcv new SYN", "snd SYN,ACK", 42, 400, "start", ""}},

	// Closing second.
	{tcp.Edge{From: tcp.Established, To: tcp.CloseWait}, serverEdge, "M582,466 C660,486 785,500 800,567",
		edgeLabel{"rcv FIN", "snd ACK", 680, 454, "middle", ""}},
	{tcp.Edge{From: tcp.CloseWait, To: tcp.LastAck}, serverEdge, "M820,613 L820,703",
		edgeLabel{"CLOSE", "snd FIN", 832, 656, "start", ""}},
	{tcp.Edge{From: tcp.LastAck, To: tcp.Closed}, serverEdge, "M812,749 C800,890 700,962 568,962",
		edgeLabel{"rcv ACK of FIN", "", 806, 846, "start", ""}},

	// Aborted.
	{tcp.Edge{From: tcp.Established, To: tcp.Closed}, abortEdge, "M548,479 C600,600 690,680 690,790 C690,880 640,950 568,952",
		edgeLabel{abortLabel, "", 668, 640, "start", ""}},
	{tcp.Edge{From: tcp.FinWait1, To: tcp.Closed}, abortEdge, "M112,592 C74,600 62,650 62,710 C62,900 220,1010 460,979",
		edgeLabel{abortLabel, "", 124, 1002, "start", ""}},
	{tcp.Edge{From: tcp.FinWait2, To: tcp.Closed}, abortEdge, "M146,749 C146,880 290,952 432,952",
		edgeLabel{abortLabel, "", 262, 964, "start", ""}},
	{tcp.Edge{From: tcp.Closing, To: tcp.Closed}, abortEdge, "M558,749 C696,806 684,930 568,943",
		edgeLabel{abortLabel, "", 662, 846, "start", ""}},
	{tcp.Edge{From: tcp.CloseWait, To: tcp.Closed}, abortEdge, "M888,592 C950,600 964,650 964,710 C964,900 780,1010 540,979",
		edgeLabel{abortLabel, "", 836, 974, "start", ""}},
}
