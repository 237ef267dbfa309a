package host

// FirewallChain is a chain of nftables that sees packets at a hook, and may drop
// some.
type FirewallChain struct {
	Family string `json:"family"` // "inet", "ip", "ip6", ...
	Table  string `json:"table"`
	Name   string `json:"name"`
	Hook   Hook   `json:"hook"`
	Drops  int    `json:"drops,omitempty"`  // rules of its own that drop
	Policy bool   `json:"policy,omitempty"` // what no rule decides is dropped
	Jumps  bool   `json:"jumps,omitempty"`  // rules lead to other chains, which are not read
}

// MayDrop tells whether packets can be lost there.
func (c *FirewallChain) MayDrop() bool { return c.Drops > 0 || c.Policy || c.Jumps }

// String names the chain as nft does.
func (c *FirewallChain) String() string { return c.Family + " " + c.Table + " " + c.Name }
