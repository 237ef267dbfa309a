package capture

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/pcapfilter"
	"github.com/synoptic-net/synoptic/packet"
)

// place is what is captured from.
type place struct {
	name     string
	index    int // 0 is every interface
	loopback int // index of the loopback
	cooked   bool
	filter   pcapfilter.Link
	link     packet.LinkType
}

// placeOf finds an interface. Those whose link headers this package does not
// read are captured without them.
func placeOf(name string, all []net.Interface) (place, error) {
	p := place{name: Any, cooked: true, filter: pcapfilter.Cooked, link: packet.LinkSLL2}
	names := make([]string, 0, len(all))
	for _, i := range all {
		names = append(names, i.Name)
		if i.Flags&net.FlagLoopback != 0 {
			p.loopback = i.Index
		}
		if i.Name == name && name != Any {
			p.name, p.index = i.Name, i.Index
		}
	}
	if name == Any {
		return p, nil
	}
	if p.index == 0 {
		return p, fmt.Errorf("there is no interface %q; there are %s, and %q for all of them", name, strings.Join(names, ", "), Any)
	}
	kind, err := hardwareType(name)
	if err != nil {
		return p, fmt.Errorf("kind of interface %s: %w", name, err)
	}
	switch kind {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		p.cooked, p.filter, p.link = false, pcapfilter.Ethernet, packet.LinkEthernet
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP:
		p.cooked, p.filter, p.link = false, pcapfilter.Raw, packet.LinkRaw
	}
	return p, nil
}

// hardwareType asks the kernel for ARPHRD_* of an interface.
func hardwareType(name string) (uint16, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, request); err != nil {
		return 0, err
	}
	return request.Uint16(), nil // ifr_hwaddr.sa_family
}
