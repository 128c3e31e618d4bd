// Package bridge gives Docker's containers access to HTTP servers on this machine's loopback address, for the lifetime of a context.
// Only containers have access.
package bridge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"time"
)

// Network is the network interface of Docker's engine on this machine.
const Network = "docker0"

// desktop is this machine's name in containers of Docker Desktop, loopback address included. Its engine runs in a virtual machine,
// so this machine has no Network.
const desktop = "host.docker.internal"

// Open returns a URL for containers to the server at an HTTP endpoint (without a path), until the context ends. If the named network
// exists, Open listens at a free port of this machine's address in it and forwards requests. It rejects requests from outside the
// network. Without the network it returns Docker Desktop's name of this machine.
func Open(ctx context.Context, network, endpoint string) (string, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return "", fmt.Errorf("bridge: %w", err)
	}
	own, found := address(network)
	if !found {
		return "http://" + net.JoinHostPort(desktop, target.Port()), nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", netip.AddrPortFrom(own.Addr(), 0).String())
	if err != nil {
		return "", fmt.Errorf("bridge for containers: %w", err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := &http.Server{Handler: only(own.Masked(), proxy), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // until its listener is closed
	return "http://" + listener.Addr().String(), nil
}

// Host returns this machine's address in the named network, for servers of other protocols. Without the network it returns the
// loopback address.
func Host(network string) string {
	own, found := address(network)
	if !found {
		return "127.0.0.1"
	}
	return own.Addr().String()
}

// address returns this machine's IPv4 address in a network, with the length of the network's prefix.
func address(network string) (own netip.Prefix, found bool) {
	card, err := net.InterfaceByName(network)
	if err != nil {
		return netip.Prefix{}, false
	}
	addresses, err := card.Addrs()
	if err != nil {
		return netip.Prefix{}, false
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Addr().Is4() {
			return prefix, true
		}
	}
	return netip.Prefix{}, false
}

// only rejects requests from outside the network, because another machine could send packets to any address of this one.
func only(network netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !network.Contains(caller.Addr().Unmap()) {
			http.Error(w, "for containers only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
