package gitaly

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

// ask asks one question, and asks again once, on another connection, where the first attempt was not answered: a
// process that was frozen between two requests wakes up with connections whose other end may be gone without a word.
// The question changes nothing, so that asking twice is harmless.
func (c *Client) ask(ctx context.Context, server gitlab.Storage, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
	first, last := c.limits(ctx)
	answer, err := c.try(ctx, server, q, first)
	if !unanswered(err) || ctx.Err() != nil {
		return answer, err
	}
	return c.try(ctx, server, q, last)
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
func (c *Client) try(
	ctx context.Context, server gitlab.Storage, q *gitalypb.CommitIsAncestorRequest, limit time.Duration,
) (bool, error) {
	connection, err := c.connections.take(server.Address)
	if err != nil {
		return false, err
	}
	defer c.connections.release(connection)
	ctx, cancel := context.WithTimeout(authorized(ctx, server.Token, c.now()), limit)
	defer cancel()
	answer, err := gitalypb.NewCommitServiceClient(connection.grpc).CommitIsAncestor(ctx, q)
	if unanswered(err) {
		c.connections.drop(connection)
	}
	return answer.GetValue(), err
}

// unanswered tells errors that may come from the connection from those that a server answered with.
func unanswered(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.DeadlineExceeded
}
