package apply

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/nftables/expr"
)

// trackedBits are the states of connection tracking that rules of ours ask for.
var trackedBits = map[string]uint32{"invalid": expr.CtStateBitINVALID, "untracked": expr.CtStateBitUNTRACKED}

// tracked asks for one of the states of connection tracking.
func (r *compiled) tracked(text string) error {
	bits := uint32(0)
	for name := range strings.SplitSeq(text, ",") {
		bit, ok := trackedBits[name]
		if !ok {
			return fmt.Errorf("%q is no state of connection tracking", name)
		}
		bits |= bit
	}
	r.exprs = append(r.exprs,
		&expr.Ct{Register: 1, Key: expr.CtKeySTATE},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: binary.NativeEndian.AppendUint32(nil, bits), Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)})
	return nil
}

// proxy reads "mss 1460 wscale 7 timestamp sack-perm", each of which may be left
// out.
func (r *compiled) proxy(words []string) (n int, err error) {
	p := &expr.SynProxy{}
	number := func(most uint64) (value uint64) {
		n++
		if n < len(words) {
			if value, err = strconv.ParseUint(words[n], 10, 16); err == nil && value <= most {
				return value
			}
		}
		err = fmt.Errorf("%q: no number up to %d follows", words[n-1], most)
		return 0
	}
	for ; n < len(words) && err == nil && slices.Contains([]string{"mss", "wscale", "timestamp", "sack-perm"}, words[n]); n++ {
		switch words[n] {
		case "mss":
			p.Mss, p.MssValueSet = uint16(number(65535)), true
		case "wscale":
			p.Wscale, p.WscaleValueSet = uint8(number(14)), true
		case "timestamp":
			p.Timestamp = true
		default:
			p.SackPerm = true
		}
	}
	r.exprs = append(r.exprs, p)
	return n + 1, err
}
