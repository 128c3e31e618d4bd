package gitaly

import (
	"crypto/x509"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"google.golang.org/grpc"
)

// trustedIdle is how long a connection may lie unused and still be used again. What lies between us and Gitaly forgets
// idle connections silently, after some minutes, and a frozen process does not notice; connecting anew takes one round
// trip, waiting for an answer that never comes takes a whole attempt.
const trustedIdle = time.Minute

// connections are those to the servers asked last, one for each address. They are shared by whoever asks, and closed
// only when nobody does any more.
type connections struct {
	now   func() time.Time
	roots *x509.CertPool

	mu      sync.Mutex
	kept    *simplelru.LRU[string, *connection] // those that may be taken
	open    map[*connection]struct{}            // those and the ones that are still used
	closed  bool
	closing sync.WaitGroup
}

// connection is a connection to one address. All but grpc is guarded by the lock of connections.
type connection struct {
	grpc    *grpc.ClientConn
	address string
	users   int
	used    time.Time // when it was last taken or released
	retired bool      // nobody takes it any more; who releases it last closes it
}

func newConnections(now func() time.Time, limit int, roots *x509.CertPool) *connections {
	c := &connections{now: now, roots: roots, open: map[*connection]struct{}{}}
	c.kept, _ = simplelru.NewLRU(max(limit, 1), func(_ string, old *connection) { c.retire(old) }) // only a size below 1 fails
	return c
}

// take returns the connection to an address, a new one if there is none that may be trusted. It is to be released.
func (c *connections) take(address string) (*connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	// Without its monotonic part: that clock may have stood still while the process was frozen.
	now := c.now().Round(0)
	known, ok := c.kept.Get(address)
	if ok && known.users == 0 && now.Sub(known.used) > trustedIdle {
		c.kept.Remove(address)
		ok = false
	}
	if !ok {
		dialed, err := dial(address, c.roots)
		if err != nil {
			return nil, err
		}
		known = &connection{grpc: dialed, address: address}
		c.open[known] = struct{}{}
		c.kept.Add(address, known)
	}
	known.users++
	known.used = now
	return known, nil
}

// release gives a connection back.
func (c *connections) release(known *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known.users--
	known.used = c.now().Round(0)
	c.closeUnused(known)
}

// drop lets nobody take a connection any more; those who have it may keep it until they release it.
func (c *connections) drop(known *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if current, ok := c.kept.Peek(known.address); ok && current == known {
		c.kept.Remove(known.address)
	}
}

// retire is called for each connection that is no longer kept, under the lock.
func (c *connections) retire(old *connection) {
	old.retired = true
	c.closeUnused(old)
}

// closeUnused closes a retired connection that nobody has, beside the caller: telling a dead server goodbye may take
// seconds.
func (c *connections) closeUnused(old *connection) {
	if !old.retired || old.users > 0 || c.closed {
		return
	}
	delete(c.open, old)
	c.closing.Go(func() { _ = old.grpc.Close() }) // it says only that it is closed already
}

// close ends all connections, used or not, and returns when they are gone.
func (c *connections) close() {
	c.mu.Lock()
	c.closed = true
	for known := range c.open {
		c.closing.Go(func() { _ = known.grpc.Close() })
	}
	clear(c.open)
	c.mu.Unlock()
	c.closing.Wait()
}
