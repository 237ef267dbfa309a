package host

import (
	"net/netip"
	"time"
)

// Baseline is what listened on a host at a time when all was well.
type Baseline struct {
	Schema    string          `json:"schema"`
	Time      time.Time       `json:"time"`
	Host      string          `json:"host,omitempty"`
	Listeners []KnownListener `json:"listeners"`
}

// BaselineSchema names the saved form of a Baseline.
const BaselineSchema = "synoptic.baseline/v1"

// KnownListener is a port that is expected to be open. Exe and Name are empty
// where they were not known, and then any program will do.
type KnownListener struct {
	Local netip.AddrPort `json:"local"`
	Name  string         `json:"name,omitempty"`
	Exe   string         `json:"exe,omitempty"`
	UID   uint32         `json:"uid"`
}
