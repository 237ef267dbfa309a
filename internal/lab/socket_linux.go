package lab

import (
	"fmt"

	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// Socket is a TCP socket of this very process inside a namespace.
type Socket = actor.Socket

// Listen opens a listening socket with exactly the given backlog.
func (n *Namespace) Listen(at string, backlog int) (*Socket, error) {
	s, err := n.socket(func() (*Socket, error) { return actor.Listen(at, backlog) })
	if err != nil {
		return nil, fmt.Errorf("lab: listen on %s in %s: %w", at, n.Name, err)
	}
	return s, nil
}

// Dial opens a connection and waits until it is established.
func (n *Namespace) Dial(to string) (*Socket, error) {
	s, err := n.socket(func() (*Socket, error) { return actor.Dial(to) })
	if err != nil {
		return nil, fmt.Errorf("lab: connect to %s from %s: %w", to, n.Name, err)
	}
	return s, nil
}

// Start sends a SYN and does not wait for what becomes of it.
func (n *Namespace) Start(to string) (*Socket, error) {
	s, err := n.socket(func() (*Socket, error) { return actor.Start("", to) })
	if err != nil {
		return nil, fmt.Errorf("lab: start a connection to %s from %s: %w", to, n.Name, err)
	}
	return s, nil
}

func (n *Namespace) socket(open func() (*Socket, error)) (s *Socket, err error) {
	err = n.Do(func() (err error) { s, err = open(); return err })
	return s, err
}
