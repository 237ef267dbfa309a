package lab

import (
	"encoding/binary"
	"errors"
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// frames is an AF_PACKET socket on one interface: every frame that comes in
// and, unless only those are wanted, every one that goes out.
type frames struct {
	fd int
}

// sight is how often a reader looks whether it should stop.
const sight = 100 * time.Millisecond

// openFrames opens the socket in the namespace. Offloads says that frames come
// and go with a virtio-net header in front, which keeps unfinished checksums
// and segments valid when they are passed on.
func (n *Namespace) openFrames(link string, offloads bool) (*frames, error) {
	f := &frames{fd: -1}
	err := n.Do(func() error {
		handle, err := net.InterfaceByName(link)
		if err != nil {
			return err
		}
		if f.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return errors.Join(f.options(offloads), unix.Bind(f.fd, &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: handle.Index}))
	})
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *frames) options(offloads bool) error {
	patience := unix.NsecToTimeval(sight.Nanoseconds())
	errs := []error{
		unix.SetsockoptTimeval(f.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience),
		unix.SetsockoptInt(f.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(f.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 8<<20), // the kernel gives what it allows
	}
	if offloads {
		errs = append(errs, unix.SetsockoptInt(f.fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1))
	}
	return errors.Join(errs...)
}

// networkOrder is htons.
func networkOrder(n uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, n))
}

// frame is one that was read.
type frame struct {
	data []byte // valid until the next read
	time time.Time
	out  bool // it was on its way out
}

// read returns the next frame; ok is false when none came for a moment.
func (f *frames) read(buffer []byte) (got frame, ok bool, err error) {
	control := make([]byte, 128)
	n, controls, _, from, err := unix.Recvmsg(f.fd, buffer, control, 0)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR), errors.Is(err, unix.ENETDOWN):
		return got, false, nil
	case err != nil:
		return got, false, err
	}
	link, _ := from.(*unix.SockaddrLinklayer)
	return frame{data: buffer[:n], time: stamp(control[:controls]), out: link != nil && link.Pkttype == unix.PACKET_OUTGOING}, true, nil
}

// stamp reads when the kernel saw the frame.
func stamp(control []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Now()
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			seconds := int64(binary.NativeEndian.Uint64(m.Data))
			return time.Unix(seconds, int64(binary.NativeEndian.Uint64(m.Data[8:])))
		}
	}
	return time.Now()
}

func (f *frames) write(data []byte) error {
	_, err := unix.Write(f.fd, data)
	if errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.ENETDOWN) {
		return nil // lost, as on a real wire
	}
	return err
}

func (f *frames) close() {
	if f.fd >= 0 {
		unix.Close(f.fd)
	}
}
