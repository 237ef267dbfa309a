package bpf

// Holder is a descriptor of a process on a TCP socket, as the iterator over
// descriptors shows it.
type Holder struct {
	Inode uint64 // of the socket, as in /proc and sock_diag
	PID   uint32
	FD    uint32
	Name  string // of the process, 15 letters at most
}

// Offsets of struct holder.
const (
	atHolderInode = 0
	atHolderPID   = 8
	atHolderFD    = 12
	atHolderName  = 16
	sizeOfHolder  = 32
)

func (h *Holder) decode(b []byte, names map[string]string) {
	b = b[:sizeOfHolder]
	h.Inode = native.Uint64(b[atHolderInode:])
	h.PID, h.FD = native.Uint32(b[atHolderPID:]), native.Uint32(b[atHolderFD:])
	h.Name = intern(b[atHolderName:], names)
}
