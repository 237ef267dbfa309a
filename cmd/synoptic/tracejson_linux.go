package main

import (
	"strconv"

	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/tcp"
)

const rfc3339Micro = "2006-01-02T15:04:05.000000Z07:00"

// appendTransition appends a transition as the contract writes it. What is not
// known is null or absent, never 0.
func appendTransition(b []byte, t *live.Transition) []byte {
	b = t.Time.UTC().AppendFormat(append(b, `{"time":"`...), rfc3339Micro)
	b = append(append(b, `","from":"`...), t.From.String()...)
	b = append(append(b, `","to":"`...), t.To.String()...)
	b = append(append(b, `","kind":"`...), t.Kind.String()...)
	b = append(append(b, `","source":"`...), t.Source...)
	b = append(append(b, `","cause":"`...), t.Cause...)
	if t.Reason != "" {
		b = append(append(b, `","reason":"`...), t.Reason...)
	}
	b = t.Local.AppendTo(append(b, `","local":"`...))
	b = append(b, `","peer":"`...)
	if hasPeer(t.Remote) {
		b = t.Remote.AppendTo(b)
	}
	b = appendTraceOwners(append(b, `","owners":[`...), t.Owners)
	b = append(append(b, `],"owner_kind":"`...), t.OwnerKind...)
	b = strconv.AppendUint(append(b, `","netns":"`...), uint64(t.NetNS), 10)
	b = append(b, `","seconds_in_from":`...)
	if t.HasInFrom {
		b = strconv.AppendFloat(b, t.InFrom.Seconds(), 'f', -1, 64)
	} else {
		b = append(b, "null"...)
	}
	return append(appendNumber(b, `,"cookie":`, t.Cookie), '}')
}

// appendTraceOwners leaves the descriptor out where only a system call told of
// the owner.
func appendTraceOwners(b []byte, owners []inventory.Owner) []byte {
	for i := range owners {
		o := &owners[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, `{"pid":`, uint64(o.PID))
		b = appendString(b, `,"name":`, o.Name)
		b = appendString(b, `,"exe":`, o.Exe)
		if o.FD >= 0 {
			b = appendNumber(b, `,"fd":`, uint64(o.FD))
		}
		b = append(b, '}')
	}
	return b
}

// traceRow is a transition as a table shows it.
func traceRow(t *live.Transition, holders *text.Holders) text.TraceRow {
	row := text.TraceRow{
		Time: t.Time, From: t.From, To: t.To, Local: t.Local.String(), Peer: peer(t.Remote), Cause: string(t.Cause),
		Reason: t.Reason, Source: string(t.Source), NetNS: strconv.FormatUint(uint64(t.NetNS), 10), Cookie: t.Cookie, InFrom: t.InFrom, HasInFrom: t.HasInFrom,
	}
	row.Owner = holders.Name(t.Owners, t.OwnerKind)
	return row
}

// appendMishap appends a mishap as the contract writes it: "event" tells it from
// a transition. What does not apply is absent.
func appendMishap(b []byte, m *live.Mishap) []byte {
	b = m.Time.UTC().AppendFormat(append(b, `{"time":"`...), rfc3339Micro)
	b = append(append(b, `","event":"`...), m.Kind...)
	b = append(b, '"')
	for _, field := range []struct{ key, value string }{
		{`,"reason":`, m.Reason}, {`,"state":`, stateOrNone(m.State)}, {`,"segment":`, m.Segment}, {`,"hook":`, string(m.Hook)}, {`,"function":`, m.Function},
	} {
		if field.value != "" {
			b = appendString(b, field.key, field.value)
		}
	}
	if m.Segment != "" {
		b = strconv.AppendBool(append(b, `,"outgoing":`...), m.Outgoing)
	}
	if m.Length > 0 {
		b = appendNumber(b, `,"octets":`, uint64(m.Length))
	}
	if m.Interface > 0 {
		b = appendNumber(b, `,"interface":`, uint64(m.Interface))
	}
	b = m.Local.AppendTo(append(b, `,"source":"event","local":"`...))
	b = m.Remote.AppendTo(append(b, `","peer":"`...))
	b = appendTraceOwners(append(b, `","owners":[`...), m.Owners)
	b = append(append(b, `],"owner_kind":"`...), m.OwnerKind...)
	b = strconv.AppendUint(append(b, `","netns":"`...), uint64(m.NetNS), 10)
	return append(appendNumber(b, `","cookie":`, m.Cookie), '}')
}

// stateOrNone is the word for a state, "" where no socket was met.
func stateOrNone(s tcp.State) string {
	if s == tcp.Unknown {
		return ""
	}
	return s.String()
}

// mishapRow is a mishap as a table shows it.
func mishapRow(m *live.Mishap, holders *text.Holders) text.MishapRow {
	return text.MishapRow{
		Time: m.Time, State: stateOrNone(m.State), Kind: m.Kind, Segment: m.Segment, Reason: m.Reason, Hook: string(m.Hook), Function: m.Function,
		Local: m.Local.String(), Peer: peer(m.Remote), NetNS: strconv.FormatUint(uint64(m.NetNS), 10), Cookie: m.Cookie, Owner: holders.Name(m.Owners, m.OwnerKind),
	}
}
