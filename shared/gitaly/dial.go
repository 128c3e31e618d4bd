package gitaly

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	// connectTimeout bounds one attempt to connect, encryption and gRPC's greeting included.
	connectTimeout = 3 * time.Second
	// keepaliveTime is the least that Gitaly allows: who pings more often is cut off.
	keepaliveTime = 20 * time.Second
	// keepaliveTimeout is how long the other end may leave a ping, or what was sent to it (TCP_USER_TIMEOUT),
	// unacknowledged. Its kernel and its gRPC acknowledge however busy git is.
	keepaliveTimeout = 5 * time.Second
)

// dial returns a connection that connects when it is first used. Only what is being asked is worth a ping.
func dial(address string, roots *x509.CertPool) (*grpc.ClientConn, error) {
	to, encrypted, err := target(address)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if encrypted {
		transport = credentials.NewTLS(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	}
	return grpc.NewClient(to,
		grpc.WithTransportCredentials(transport),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: connectTimeout}),
		grpc.WithNoProxy(), // repositories lie inside the network
		grpc.WithUserAgent("postern"),
	)
}
