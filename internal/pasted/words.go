package pasted

import (
	"sync"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// localized are state words that translated tools print. The catalogues of
// net-tools translate states into Czech, German and Brazilian Portuguese only;
// Windows into German only, as far as is known for certain.
var localized = map[string]tcp.State{
	// net-tools, cs
	"SPOJENO": tcp.Established, "NASLOUCHÁ": tcp.Listen, "ZAVŘEN": tcp.Closed,
	"ZAVÍRÁ": tcp.Closing, "POSLEDNÍ ACK": tcp.LastAck,
	// net-tools, de
	"VERBUNDEN": tcp.Established,
	// net-tools, pt_BR
	"ESTABELECIDA": tcp.Established, "OUÇA": tcp.Listen, "FECHAR": tcp.Closed,
	"FECHANDO": tcp.Closing, "ESPERANDO_FECHAR": tcp.CloseWait, "ÚLTIMO_ACK": tcp.LastAck,
	"ESPERA_FIN1": tcp.FinWait1, "ESPERA_FIN2": tcp.FinWait2,
	"SYN_RECEBIDO": tcp.SynReceived, "SYN_ENVIADO": tcp.SynSent,
	// Windows, German
	"HERGESTELLT": tcp.Established, "ABHÖREN": tcp.Listen, "WARTEND": tcp.TimeWait,
	"SCHLIESSEN_WARTEN": tcp.CloseWait, "SYN_GESENDET": tcp.SynSent, "SYN_EMPFANGEN": tcp.SynReceived,
	"FIN_WARTEN_1": tcp.FinWait1, "FIN_WARTEN_2": tcp.FinWait2,
}

// longestWord bounds a folded state word, in bytes.
const longestWord = 24

// words maps every folded spelling to its state.
var words = sync.OnceValue(func() map[string]tcp.State {
	known := make(map[string]tcp.State)
	add := func(word string, state tcp.State) {
		var space [longestWord]byte
		known[string(fold(&space, []byte(word)))] = state
	}
	for word, state := range localized {
		add(word, state)
	}
	for _, state := range tcp.States() {
		w := host.Vocabulary(state)
		for _, word := range append(w.Netstat, w.RFC, w.Linux, w.SS, w.NodeExporter, w.OpenTelemetry) {
			add(word, state)
		}
	}
	return known
})

// stateOf reads a state word of any tool.
func stateOf(word []byte) (tcp.State, bool) {
	var space [longestWord]byte
	state, ok := words()[string(fold(&space, word))]
	return state, ok
}

// fold makes spellings comparable: lower case, without "-", "_" and a leading
// "TCP_". A run of letters outside ASCII becomes one "?", since consoles write
// them in code pages that nobody can name afterwards. Longer words than any
// state give nil.
func fold(space *[longestWord]byte, word []byte) []byte {
	out := space[:0]
	if len(word) > 2*longestWord {
		return nil
	}
	for i, c := range word {
		switch {
		case c == '-' || c == '_':
			if i == 3 && string(out) == "tcp" {
				out = out[:0]
			}
			continue
		case c >= 0x80 && len(out) > 0 && out[len(out)-1] == '?':
			continue
		case c >= 0x80:
			c = '?'
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if len(out) == len(space) {
			return nil
		}
		out = append(out, c)
	}
	return out
}
