//go:build 386 || amd64 || arm || arm64 || loong64 || mipsle || mips64le || ppc64le || riscv64

package bpf

import _ "embed" // the objects

//go:embed transitions_bpfel.o
var transitionsObject []byte

//go:embed minisockets_bpfel.o
var minisocketsObject []byte

//go:embed holders_bpfel.o
var holdersObject []byte

//go:embed sockets_bpfel.o
var socketsObject []byte

//go:embed counts_bpfel.o
var countsObject []byte

//go:embed mishaps_bpfel.o
var mishapsObject []byte

//go:embed guard_bpfel.o
var guardObject []byte

//go:embed guardbound_bpfel.o
var guardboundObject []byte

//go:embed flood_bpfel.o
var floodObject []byte
