package lab

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// snapLength keeps the headers of every packet that the lab sends, with all
// options: recordings are for states, not for content.
const snapLength = 128

// Capture writes what passes the interfaces of a host, both ways, as pcapng:
// one interface of the file for each of the host's. It stops by itself after so
// many packets; stop ends it and says what went wrong.
func (h *Host) Capture(to io.Writer, most int) (stop func() error, err error) {
	links, err := h.links()
	if err != nil {
		return nil, err
	}
	c := &capture{left: most}
	for i, link := range links {
		about := pcapgo.NgInterface{Name: h.Name + ":" + link, LinkType: layers.LinkTypeEthernet, SnapLength: snapLength, TimestampResolution: 9}
		if i == 0 {
			c.writer, err = pcapgo.NewNgWriterInterface(to, about, pcapgo.NgWriterOptions{})
		} else {
			_, err = c.writer.AddInterface(about)
		}
		if err != nil {
			return nil, err
		}
	}
	return c.start(h, links)
}

type capture struct {
	mu     sync.Mutex
	writer *pcapgo.NgWriter
	left   int
	err    error
}

func (c *capture) start(h *Host, links []string) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	var readers sync.WaitGroup
	for i, link := range links {
		wire, err := h.openFrames(link, false)
		if err != nil {
			cancel()
			readers.Wait()
			return nil, fmt.Errorf("capture on %s of %s: %w", link, h.Name, err)
		}
		readers.Go(func() {
			defer wire.close()
			c.follow(ctx, wire, i, link == "lo")
		})
	}
	return func() error {
		cancel()
		readers.Wait()
		if c.writer != nil && c.err == nil {
			c.err = c.writer.Flush()
		}
		return c.err
	}, nil
}

// follow reads one interface. What leaves on the loopback comes in there too,
// and is written once.
func (c *capture) follow(ctx context.Context, wire *frames, number int, loopback bool) {
	buffer := make([]byte, 1<<17)
	for ctx.Err() == nil {
		got, ok, err := wire.read(buffer)
		if err != nil {
			c.fail(err)
			return
		}
		if ok && !(loopback && got.out) && !c.write(got, number) {
			return
		}
	}
}

func (c *capture) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
}

func (c *capture) write(got frame, number int) (goOn bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 || c.err != nil {
		return false
	}
	c.left--
	kept := got.data[:min(len(got.data), snapLength)]
	c.err = c.writer.WritePacket(gopacket.CaptureInfo{Timestamp: got.time, CaptureLength: len(kept), Length: len(got.data), InterfaceIndex: number}, kept)
	return c.err == nil
}
