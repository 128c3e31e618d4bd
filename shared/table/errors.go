package table

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ErrNotFound reports a missing record.
var ErrNotFound = errors.New("store: not found")

// ErrConflict reports the failed condition of a write: another request changed or took an item that the write builds on.
var ErrConflict = errors.New("store: conflict")

// UnavailableError reports that the table did not answer: it is throttled, unreachable or out of time. It never means "not
// found".
type UnavailableError struct {
	Op  string
	Err error
}

// Error names the failed operation and the cause.
func (e *UnavailableError) Error() string { return fmt.Sprintf("store: %s: %v", e.Op, e.Err) }

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Unavailable marks the error as temporary, so that callers answer 503.
func (e *UnavailableError) Unavailable() bool { return true }

// ConditionError reports which writes of a transaction had a failed condition. It is an ErrConflict.
type ConditionError struct {
	Op     string
	Failed map[int]Item // by the place of the write; the item as stored, where Write.Report asks for it
}

// Error names the operation.
func (e *ConditionError) Error() string { return fmt.Sprintf("store: %s: %v", e.Op, ErrConflict) }

// Unwrap makes it an ErrConflict.
func (e *ConditionError) Unwrap() error { return ErrConflict }

// First returns the place of the first write with a failed condition.
func (e *ConditionError) First() int {
	first := -1
	for i := range e.Failed {
		if first < 0 || i < first {
			first = i
		}
	}
	return first
}

// FailedConditions returns the writes of a transaction whose conditions failed, nil for any other error.
func FailedConditions(err error) map[int]Item {
	var failed *ConditionError
	if errors.As(err, &failed) {
		return failed.Failed
	}
	return nil
}

// Passing returns those of a transaction's first writes whose condition did not fail.
func Passing[T any](writes []T, err error) []T {
	failed := FailedConditions(err)
	var left []T
	for i, w := range writes {
		if _, is := failed[i]; !is {
			left = append(left, w)
		}
	}
	return left
}

// IgnoreConflict drops an ErrConflict.
func IgnoreConflict(err error) error {
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// failed turns an error of the SDK into one of this package's.
func failed(op string, err error) error {
	var condition *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &condition):
		return &ConditionError{Op: op, Failed: map[int]Item{0: condition.Item}}
	// A client that went away is no outage of the table.
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("store: %s: %w", op, err)
	}
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		if conditions := failedConditions(canceled.CancellationReasons); conditions != nil {
			return &ConditionError{Op: op, Failed: conditions}
		}
	}
	// Any other failure, such as a missing table or permission, is answered like an outage. Clients then retry. "Not found"
	// would deny access or, worse, grant it.
	return &UnavailableError{Op: op, Err: err}
}

// failedConditions returns the places of the failed conditions among the reasons of a canceled transaction.
func failedConditions(reasons []types.CancellationReason) map[int]Item {
	var failed map[int]Item
	for i, r := range reasons {
		if r.Code == nil || *r.Code != "ConditionalCheckFailed" {
			continue
		}
		if failed == nil {
			failed = map[int]Item{}
		}
		failed[i] = r.Item
	}
	return failed
}
