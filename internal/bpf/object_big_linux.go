//go:build mips || mips64 || ppc64 || s390x

package bpf

import _ "embed" // the objects

//go:embed transitions_bpfeb.o
var transitionsObject []byte

//go:embed minisockets_bpfeb.o
var minisocketsObject []byte

//go:embed holders_bpfeb.o
var holdersObject []byte

//go:embed sockets_bpfeb.o
var socketsObject []byte

//go:embed counts_bpfeb.o
var countsObject []byte

//go:embed mishaps_bpfeb.o
var mishapsObject []byte

//go:embed guard_bpfeb.o
var guardObject []byte

//go:embed guardbound_bpfeb.o
var guardboundObject []byte

//go:embed flood_bpfeb.o
var floodObject []byte
