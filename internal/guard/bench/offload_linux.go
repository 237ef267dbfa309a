package bench

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

const setGRO = 0x2c // ETHTOOL_SGRO

// ethtool makes a request of one word of an interface of the calling thread's
// namespace.
func ethtool(name string, command, word uint32) (uint32, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(socket)
	value := struct{ command, word uint32 }{command, word} // struct ethtool_value
	request := struct {                                    // struct ifreq
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		rest [16]byte
	}{data: unsafe.Pointer(&value)}
	copy(request.name[:unix.IFNAMSIZ-1], name)
	if _, _, failed := unix.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); failed != 0 {
		return 0, fmt.Errorf("bench: ethtool %#x of %s: %w", command, name, failed)
	}
	return value.word, nil
}
