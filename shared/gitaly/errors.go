package gitaly

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitlab"
)

// errClosed says that a client is asked after its end.
var errClosed = errors.New("the client is closed")

// UnavailableError says that Gitaly did not answer a question: it is gone, slow, not who it should be, does not let us
// in, or does not know what it was asked about. It is never to be read as "no".
type UnavailableError struct {
	Storage string // its name
	Err     error
}

// Error names the storage and says what went wrong, with gRPC's code where there is one.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("gitaly: storage %q: %v", e.Storage, e.Err)
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Unavailable marks the error as temporary, so that callers answer 503.
func (e *UnavailableError) Unavailable() bool { return true }

// unavailable makes an error of what went wrong while a caller waited. gRPC's errors know nothing of those of contexts,
// by which callers tell that time ran out.
func unavailable(ctx context.Context, server gitlab.Storage, err error) error {
	ended := ctx.Err()
	if ended == nil && status.Code(err) == codes.DeadlineExceeded {
		ended = context.DeadlineExceeded
	}
	if ended != nil && !errors.Is(err, ended) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return &UnavailableError{Storage: server.Name, Err: err}
}
