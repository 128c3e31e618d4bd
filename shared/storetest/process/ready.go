package process

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Port checks that a port of 127.0.0.1 is free; port 0 selects a free one. The port is not reserved, so a later start can
// still fail.
func Port(ctx context.Context, port int) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return 0, fmt.Errorf("port %d: %w", port, err)
	}
	defer func() { _ = listener.Close() }()
	_, text, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return 0, fmt.Errorf("port %d: %w", port, err)
	}
	return strconv.Atoi(text)
}

// Ready waits until the server answers HTTP at the URL with any status. It fails when the server exits, at the timeout and
// at the end of the context.
func Ready(ctx context.Context, c *Child, url string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for {
		if c.Ended(50 * time.Millisecond) {
			return c.Failure()
		}
		if answers(ctx, client, url) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s does not answer at %s (log: %s): %w", c.name, url, c.log, err)
		}
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil
}
