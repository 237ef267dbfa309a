package main

import (
	"strconv"

	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/internal/text"
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
func traceRow(t *live.Transition) text.TraceRow {
	row := text.TraceRow{
		Time: t.Time, From: t.From, To: t.To, Local: t.Local.String(), Peer: peer(t.Remote), Cause: string(t.Cause),
		Source: string(t.Source), NetNS: strconv.FormatUint(uint64(t.NetNS), 10), Cookie: t.Cookie, InFrom: t.InFrom, HasInFrom: t.HasInFrom,
	}
	switch r := (socketRecord{owners: t.Owners, kind: t.OwnerKind}); {
	case len(t.Owners) > 0 && t.OwnerKind == inventory.Orphan:
		row.Owner = "(was " + r.holder() + ")"
	case len(t.Owners) > 0 || t.OwnerKind != "":
		row.Owner = r.holder()
	}
	return row
}
