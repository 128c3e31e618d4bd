// Package tracetest listens in the place of X-Ray's daemon, for tests of what sends to it.
package tracetest

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"postern/shared/trace"
)

// Kept is the header of a trace that is kept.
const Kept = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

// patience is how long a datagram may be on its way.
const patience = 100 * time.Millisecond

// Daemon is a UDP listener.
type Daemon struct {
	net.PacketConn
	t testing.TB
}

// Listen returns a daemon that ends with the test.
func Listen(t testing.TB) *Daemon {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it waits for nobody
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // a test may have closed it
	return &Daemon{conn, t}
}

// Tracer returns a tracer for an address in which "daemon" stands for this one's.
func (d *Daemon) Tracer(address string) *trace.Tracer {
	d.t.Helper()
	tracer, err := trace.Open(strings.ReplaceAll(address, "daemon", d.LocalAddr().String()))
	if err != nil {
		d.t.Fatal(err)
	}
	return tracer
}

// Datagram returns the next datagram, nil when none comes.
func (d *Daemon) Datagram() []byte {
	d.t.Helper()
	buffer := make([]byte, 64<<10)
	_ = d.SetReadDeadline(time.Now().Add(patience))
	n, _, err := d.ReadFrom(buffer)
	if err != nil {
		return nil
	}
	return buffer[:n]
}

// Heard returns the document of the next datagram, nil when none comes.
func (d *Daemon) Heard() map[string]any {
	d.t.Helper()
	datagram := d.Datagram()
	if datagram == nil {
		return nil
	}
	_, raw, _ := bytes.Cut(datagram, []byte("\n"))
	var document map[string]any
	if err := json.Unmarshal(raw, &document); err != nil {
		d.t.Fatalf("%s: %v", datagram, err)
	}
	return document
}

// In returns a context as Lambda's runtime library makes it.
func In(ctx context.Context, header string) context.Context {
	return context.WithValue(ctx, "x-amzn-trace-id", header) //nolint:staticcheck // the library's key is a text
}
