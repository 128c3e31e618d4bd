// Package tracetest provides a fake X-Ray daemon for tests.
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

// Kept is the header of a sampled trace.
const Kept = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

// patience is the maximum delivery time of a datagram.
const patience = 100 * time.Millisecond

// Daemon is a UDP listener.
type Daemon struct {
	net.PacketConn
	t testing.TB
}

// Listen returns a daemon that stops with the test.
func Listen(t testing.TB) *Daemon {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it does not block
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // a test may have closed it
	return &Daemon{conn, t}
}

// Tracer returns a tracer for an address; "daemon" stands for this daemon's address.
func (d *Daemon) Tracer(address string) *trace.Tracer {
	d.t.Helper()
	tracer, err := trace.Open(strings.ReplaceAll(address, "daemon", d.LocalAddr().String()))
	if err != nil {
		d.t.Fatal(err)
	}
	return tracer
}

// Datagram returns the next datagram, nil for none.
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

// Document returns the document of the next datagram, nil for none.
func (d *Daemon) Document() map[string]any {
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

// In returns a context like that of Lambda's runtime library.
func In(ctx context.Context, header string) context.Context {
	return context.WithValue(ctx, "x-amzn-trace-id", header) //nolint:staticcheck // the library's key is a string
}
