package ruleset

import (
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Read returns the chains and the rules of the network namespace of the calling
// thread, in the order in which the kernel holds them.
func Read() (chains []Chain, rules []Rule, err error) {
	conn, err := netlink.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("rules of the packet filter: %w", err)
	}
	defer conn.Close()
	if chains, err = dump(conn, unix.NFT_MSG_GETCHAIN, ParseChain); err == nil {
		rules, err = dump(conn, unix.NFT_MSG_GETRULE, ParseRule)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("rules of the packet filter: %w", err)
	}
	return chains, rules, nil
}

// dump asks for everything of one kind, again while it changes under the kernel's hands.
func dump[T any](conn *netlink.Conn, kind int, parse func([]byte) (T, error)) ([]T, error) {
	ask := netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(unix.NFNL_SUBSYS_NFTABLES<<8 | kind), Flags: netlink.Request | netlink.Dump},
		Data:   make([]byte, header), // of every family
	}
	var list []T
	for range 3 {
		answers, err := conn.Execute(ask)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = make([]T, 0, len(answers))
		for _, m := range answers {
			one, err := parse(m.Data)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		return list, nil
	}
	return list, errors.New("they change faster than they can be read")
}
