package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ErrNotFound says that there is no such record.
var ErrNotFound = errors.New("store: not found")

// ErrConflict says that a condition of a write failed: somebody else changed or took what it builds on.
var ErrConflict = errors.New("store: conflict")

// UnavailableError says that the table could not be asked: throttled, unreachable or out of time. It is never
// to be read as "not found".
type UnavailableError struct {
	Op  string
	Err error
}

// Error names the operation that failed and why.
func (e *UnavailableError) Error() string { return fmt.Sprintf("store: %s: %v", e.Op, e.Err) }

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Unavailable marks the error as temporary, so that callers answer 503.
func (e *UnavailableError) Unavailable() bool { return true }

// failed turns an error of the SDK into one of this package's.
func failed(op string, err error) error {
	var condition *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &condition):
		return fmt.Errorf("store: %s: %w", op, ErrConflict)
	// A client that went away says nothing about the table: it must not count as an outage.
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("store: %s: %w", op, err)
	}
	// Whatever else goes wrong, such as a table or a permission that is missing, is answered like an outage: to be
	// tried again, and never as "no such record", which would refuse or, worse, let in.
	return &UnavailableError{Op: op, Err: err}
}

// ignoreConflict drops the error that says that somebody else was faster.
func ignoreConflict(err error) error {
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}
