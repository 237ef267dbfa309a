package pcapfilter_test

import (
	"fmt"

	"github.com/synoptic-net/synoptic/internal/pcapfilter"
)

func ExampleFilter_Compile() {
	filter, err := pcapfilter.Parse("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", pcapfilter.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := filter.Compile(pcapfilter.Ethernet, 256)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(program)
	// Output:
	// (000) ldh [12]
	// (001) jeq #0x800                 jt 2	jf 11
	// (002) ldb [23]
	// (003) jeq #0x6                   jt 4	jf 11
	// (004) ldh [20]
	// (005) jset #0x1fff               jt 11	jf 6
	// (006) ldxb 4*([14]&0xf)
	// (007) ldb [x + 27]
	// (008) and #0x12
	// (009) jeq #0x2                   jt 10	jf 11
	// (010) ret #256
	// (011) ret #0
}

func ExampleParse() {
	_, err := pcapfilter.Parse("tcp port 80 or udp prt 53", pcapfilter.Names{})
	fmt.Println(err)
	// Output:
	// filter, column 20: found "prt" where host, net, port, portrange, proto or src and dst may stand; "udp" has no addresses of its own
}
