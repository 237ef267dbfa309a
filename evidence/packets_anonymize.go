package evidence

// packets replaces the addresses; networks keep what they share.
func (a *anonymizer) packets(in *Packets) *Packets {
	if in == nil {
		return nil
	}
	out := *in
	out.Servers = mapped(in.Servers, func(s PacketServer) PacketServer {
		s.Local = a.addrPort(s.Local)
		for _, g := range []*PacketGroup{&s.Once, &s.Again, &s.Acked, &s.Unanswered} {
			a.group(g)
		}
		for _, side := range []*PacketSide{&s.Server, &s.Clients} {
			for _, g := range []*PacketGroup{&side.Unanswered, &side.Large, &side.Shut} {
				a.group(g)
			}
		}
		return s
	})
	out.Sockets = mapped(in.Sockets, func(s PacketSocket) PacketSocket {
		s.Local, s.Remote = a.addrPort(s.Local), a.addrPort(s.Remote)
		return s
	})
	out.Clients = mapped(in.Clients, func(c PacketClient) PacketClient {
		c.Address, c.Host = a.addr(c.Address), a.addr(c.Host)
		return c
	})
	return &out
}

func (a *anonymizer) group(g *PacketGroup) {
	g.Prefix, g.Client = a.prefix(g.Prefix), a.addr(g.Client)
}
