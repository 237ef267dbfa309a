package ssfilter_test

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/tcp"
)

func ExampleParse() {
	services := func(name string) (uint16, bool) { return 443, name == "https" }
	filter, err := ssfilter.Parse("state established dport = :https or dport = :8443 and not dst 10/8", ssfilter.Names{Service: services})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filter)
	fmt.Println(filter.Match(&ssfilter.Endpoint{
		State: tcp.Established, Local: netip.MustParseAddrPort("192.0.2.1:40000"), Remote: netip.MustParseAddrPort("198.51.100.7:8443"),
	}))
	_, err = ssfilter.Parse("sport = :htpps", ssfilter.Names{Service: services})
	fmt.Println(err)
	// Output:
	// state established ( dport = :443 or dport = :8443 ) and not dst 10.0.0.0/8
	// true
	// filter, column 9: "htpps" is neither a port nor a service that is known here
}
