package hold

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// channel carries whole messages between two processes, with descriptors beside
// them.
type channel struct{ *net.UnixConn }

const (
	longestMessage  = 64 << 10
	mostDescriptors = 253              // SCM_MAX_FD of the kernel
	patience        = 10 * time.Second // with another process of ours, on a busy host
)

// message is all that is ever said. What is not said is zero.
type message struct {
	Do     string   `json:"do,omitempty"`     // what is asked
	Error  string   `json:"error,omitempty"`  // why it was not done
	Names  []string `json:"names,omitempty"`  // of the handles that come with it, in their order
	Folder string   `json:"folder,omitempty"` // of the journals of what stands
	Holder *Holder  `json:"holder,omitempty"`
}

func (c channel) send(m message, descriptors ...int) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(text) > longestMessage || len(descriptors) > mostDescriptors {
		return fmt.Errorf("guard: a message of %d octets and %d descriptors is too long", len(text), len(descriptors))
	}
	var rights []byte
	if len(descriptors) > 0 {
		rights = unix.UnixRights(descriptors...)
	}
	_, _, err = c.WriteMsgUnix(text, rights, nil)
	return err
}

// errDamaged says that a message came and was none; the other end is there still.
var errDamaged = errors.New("guard: a message was damaged")

// receive waits for the next message. The descriptors are the caller's.
func (c channel) receive() (m message, descriptors []int, err error) {
	text, rights := make([]byte, longestMessage), make([]byte, unix.CmsgSpace(4*mostDescriptors))
	n, r, flags, _, err := c.ReadMsgUnix(text, rights)
	if err != nil {
		return m, nil, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:r])
	for i := range messages {
		some, e := unix.ParseUnixRights(&messages[i])
		descriptors, err = append(descriptors, some...), errors.Join(err, e)
	}
	if flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = errors.Join(err, errors.New("it was cut off"))
	}
	if err = errors.Join(err, json.Unmarshal(text[:n], &m)); err != nil {
		closeAll(descriptors)
		return m, nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return m, descriptors, nil
}

// ask says something and waits for the answer, for as long as patience.
func (c channel) ask(m message, descriptors ...int) (answer message, received []int, err error) {
	if err = errors.Join(c.SetReadDeadline(deadline()), c.send(m, descriptors...)); err != nil {
		return answer, nil, err
	}
	if answer, received, err = c.receive(); err != nil {
		return answer, nil, err
	}
	if answer.Error != "" {
		closeAll(received)
		return answer, nil, errors.New(answer.Error)
	}
	return answer, received, nil
}

func deadline() time.Time { return time.Now().Add(patience) }

func closeAll(descriptors []int) {
	for _, fd := range descriptors {
		unix.Close(fd)
	}
}

// handlesOf puts names and descriptors together.
func handlesOf(names []string, descriptors []int) ([]bpf.Handle, error) {
	if len(names) != len(descriptors) {
		closeAll(descriptors)
		return nil, fmt.Errorf("guard: %d descriptors came for %d names", len(descriptors), len(names))
	}
	var list []bpf.Handle
	for i, name := range names {
		list = append(list, bpf.Handle{Name: name, FD: descriptors[i]})
	}
	return list, nil
}

func namesOf(handles []bpf.Handle) (names []string, descriptors []int) {
	for _, h := range handles {
		names, descriptors = append(names, h.Name), append(descriptors, h.FD)
	}
	return names, descriptors
}

// pair makes a channel whose other end is for a child. A message comes whole, and
// the end of either process is the end of the channel.
func pair() (near channel, far int, err error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return near, -1, fmt.Errorf("guard: socket pair: %w", err)
	}
	if near, err = channelOf(os.NewFile(uintptr(ends[0]), "guard")); err != nil {
		unix.Close(ends[1])
	}
	return near, ends[1], err
}

// channelOf makes a channel of a connected socket, whose file is closed.
func channelOf(file *os.File) (channel, error) {
	defer file.Close()
	c, err := net.FileConn(file)
	if err != nil {
		return channel{}, fmt.Errorf("guard: socket: %w", err)
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return channel{}, errors.New("guard: socket: it is none of this host")
	}
	return channel{u}, nil
}
