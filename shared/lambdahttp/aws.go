package lambdahttp

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

const (
	connectTimeout = time.Second     // to a service in the same region
	attemptTimeout = 2 * time.Second // until an attempt's answer begins
	mostAttempts   = 3
	longestBackoff = 300 * time.Millisecond
	// keepAlive is a little less than services keep an idle connection, so that none is used that they are closing.
	keepAlive = 50 * time.Second
	// mostIdle connections a service: as many as the calls that one process makes at the same time.
	mostIdle = 64
)

// AWS returns the SDK's configuration as the environment has it, with timeouts and retries that fit a request that
// somebody waits for: an attempt must begin to answer within 2 s, and there are at most 3. How long a whole answer
// takes is not limited here, so that large objects can be read as streams.
func AWS(ctx context.Context) (aws.Config, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithHTTPClient(httpClient()),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = mostAttempts
				o.MaxBackoff = longestBackoff
			})
		}),
	)
	if err != nil {
		return aws.Config{}, fmt.Errorf("lambdahttp: configure AWS: %w", err)
	}
	return cfg, nil
}

// httpClient keeps connections open between requests: a TLS handshake costs more than a call to DynamoDB.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = attemptTimeout
			t.TLSHandshakeTimeout = attemptTimeout
			t.IdleConnTimeout = keepAlive
			t.MaxIdleConns = 0 // no limit over all
			t.MaxIdleConnsPerHost = mostIdle
		})
}
