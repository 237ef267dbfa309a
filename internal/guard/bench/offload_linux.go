package bench

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offload is something that an interface does with frames, by its ethtool number.
type Offload uint32

const (
	receiveGRO   Offload = 0x2c // ETHTOOL_SGRO
	sendChecksum Offload = 0x17 // ETHTOOL_STXCSUM
)

// offload switches one on or off, on the calling thread's namespace.
func offload(name string, what Offload, on bool) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	value := struct{ command, data uint32 }{command: uint32(what)} // struct ethtool_value
	if on {
		value.data = 1
	}
	request := struct { // struct ifreq
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		rest [16]byte
	}{data: unsafe.Pointer(&value)}
	copy(request.name[:unix.IFNAMSIZ-1], name)
	if _, _, failed := unix.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); failed != 0 {
		return fmt.Errorf("bench: offload %#x of %s: %w", uint32(what), name, failed)
	}
	return nil
}
