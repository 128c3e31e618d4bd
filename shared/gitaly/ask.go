package gitaly

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitlab"
)

// call is one question on a connection, whose answer it keeps.
type call func(context.Context, grpc.ClientConnInterface) error

// ask asks one question, and asks again once, on another connection, where the first attempt was not answered: a
// process that was frozen between two requests wakes up with connections whose other end may be gone without a word.
// Asking any of them twice is harmless.
func (c *Client) ask(ctx context.Context, server gitlab.Storage, do call) error {
	first, last := c.limits(ctx)
	err := c.try(ctx, server, do, first)
	if !unanswered(err) || ctx.Err() != nil {
		return err
	}
	return c.try(ctx, server, do, last)
}

// limits returns what the two attempts may take: the second one all that the caller has left, at least half of it.
func (c *Client) limits(ctx context.Context) (first, last time.Duration) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return c.attempt, lastAttempt
	}
	left := time.Until(deadline)
	return min(c.attempt, left/2), left
}

// try asks once. A connection on which no answer came is not used again.
func (c *Client) try(ctx context.Context, server gitlab.Storage, do call, limit time.Duration) error {
	connection, err := c.connections.take(server.Address)
	if err != nil {
		return err
	}
	defer c.connections.release(connection)
	ctx, cancel := context.WithTimeout(authorized(ctx, server.Token, c.now()), limit)
	defer cancel()
	err = do(ctx, connection.grpc)
	if unanswered(err) {
		c.connections.drop(connection)
	}
	return err
}

// unanswered tells errors that may come from the connection from those that a server answered with.
func unanswered(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.DeadlineExceeded
}
