// Package bridge lets Docker's containers reach HTTP servers that listen on this machine's loopback address. It opens
// them to containers only, for as long as it is asked to, and knows nothing of what they serve.
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

// Network is this machine's end of the network in which Docker's engine puts containers.
const Network = "docker0"

// desktop is this machine for containers of Docker Desktop, loopback address included. Its engine has a machine of its
// own, so there is no Network here.
const desktop = "host.docker.internal"

// Open returns the URL by which containers reach the server at an HTTP endpoint (without a path), until the context
// ends. Where this machine has the named network it listens on its address there, on a free port, and passes requests
// on; it refuses whoever is not in that network. Where there is no such network, Docker Desktop leads the way by itself.
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
	go func() { _ = server.Serve(listener) }() // until it is closed
	return "http://" + listener.Addr().String(), nil
}

// Host returns this machine's address in the named network, where a server listens for containers that is no HTTP one, or its
// loopback address where there is no such network.
func Host(network string) string {
	own, found := address(network)
	if !found {
		return "127.0.0.1"
	}
	return own.Addr().String()
}

// address returns this machine's IPv4 address in a network, with the network's length.
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

// only refuses who is not in the network: another machine could send packets to any address of this one.
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
