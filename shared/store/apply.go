package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/requestlog"
)

// attempts bounds how often a transaction is repeated that collided with another one or was throttled.
const attempts = 10

// ConflictError says why a transaction was refused. It is an ErrConflict.
type ConflictError struct {
	Key    Key // the item whose condition failed
	Reason ConflictReason
	Change int // which of the changes that were passed
}

// ConflictReason is what a failed condition means.
type ConflictReason string

// The reasons: the record was changed by somebody else or is no longer (or already) there; a unique value belongs to
// another record; a record that is referred to is not there, or is being removed.
const (
	ConflictChanged ConflictReason = "changed"
	ConflictTaken   ConflictReason = "taken"
	ConflictGone    ConflictReason = "gone"
)

// Error names the item and the reason.
func (e *ConflictError) Error() string { return fmt.Sprintf("store: conflict: %s %s", e.Key, e.Reason) }

// Unwrap makes it an ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

// Apply writes changes in one transaction: all of them or none. It returns a *ConflictError when somebody else was
// faster, and an UnavailableError when the table does not answer.
//
// A change that is too large for one transaction (rules that name very many people) writes back references before or
// after it. A back reference too many lists nothing, so an interruption leaves nothing half done.
func (s *Store) Apply(ctx context.Context, changes ...Change) error {
	ops, err := merged(changes)
	if err != nil {
		return err
	}
	for _, transaction := range divided(ops) {
		if err := s.transact(ctx, transaction); err != nil {
			return err
		}
	}
	return nil
}

// ApplyEach writes independent sets of changes, each set all or nothing, several sets in one transaction. It returns
// an error for each set that could not be written, at its place, or nil when all were.
func (s *Store) ApplyEach(ctx context.Context, sets [][]Change) []error {
	var errs []error
	fail := func(i int, err error) {
		if errs == nil {
			errs = make([]error, len(sets))
		}
		errs[i] = err
	}
	for start := 0; start < len(sets); {
		end := start + packable(sets[start:])
		err := s.Apply(ctx, slices.Concat(sets[start:end]...)...)
		switch {
		case err == nil:
		// Nobody else's change is in the transaction, so the error is this one's.
		case end-start == 1:
			fail(start, err)
		// One of them has met a conflict: written one by one, the others still are.
		case errors.Is(err, ErrConflict):
			for i := start; i < end; i++ {
				if err := s.Apply(ctx, sets[i]...); err != nil {
					fail(i, err)
				}
			}
		default:
			for i := start; i < end; i++ {
				fail(i, err)
			}
		}
		start = end
	}
	return errs
}

// transact writes one transaction, and repeats it while it only collides with others. All attempts bear the same
// token, so that one whose answer was lost is not written twice.
func (s *Store) transact(ctx context.Context, ops []operation) error {
	token := rand.Text()
	for attempt := 0; len(ops) > 0; attempt++ {
		err := s.transactOnce(ctx, ops, token)
		var canceled *types.TransactionCanceledException
		if !errors.As(err, &canceled) {
			return failed("TransactWriteItems", err)
		}
		left, conflict := judge(ops, canceled.CancellationReasons)
		switch {
		case conflict != nil:
			return conflict
		case len(left) < len(ops):
			// Another transaction by now, and DynamoDB takes a token for one content only.
			ops, token = left, rand.Text()
		case attempt+1 == attempts || !transient(canceled.CancellationReasons):
			return failed("TransactWriteItems", err)
		default:
			if err := backoff(ctx, attempt); err != nil {
				return &UnavailableError{Op: "TransactWriteItems", Err: err}
			}
		}
	}
	return nil
}

// transactOnce writes a transaction and reports what it is billed, whether it succeeds or not.
func (s *Store) transactOnce(ctx context.Context, ops []operation, token string) error {
	in := &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: &token,
		TransactItems:      make([]types.TransactWriteItem, len(ops)),
	}
	units := 0.0
	for i, op := range ops {
		in.TransactItems[i] = s.write(op)
		units += transactionUnits(op)
	}
	_, err := s.api.TransactWriteItems(ctx, in)
	requestlog.From(ctx).CountCall(0, units)
	return err
}

// transactionUnits computes what an operation of a transaction is billed: two write units for each KB begun. The
// size of an item that is updated or removed is taken to be that of what is written.
func transactionUnits(op operation) float64 {
	size := len(op.key.PK) + len(op.key.SK) + 4 + itemSize(op.item)
	return float64(2 * ((size + 1023) / 1024))
}

// judge reads the reasons of a cancelled transaction. Operations on hints that somebody else has taken over are
// dropped; any other failed condition is a conflict.
func judge(ops []operation, reasons []types.CancellationReason) ([]operation, *ConflictError) {
	left := make([]operation, 0, len(ops))
	for i, op := range ops {
		if i >= len(reasons) || reasons[i].Code == nil || *reasons[i].Code != "ConditionalCheckFailed" {
			left = append(left, op)
			continue
		}
		if op.mode == hint {
			continue
		}
		return nil, &ConflictError{Key: op.key, Reason: op.reason(), Change: op.change}
	}
	return left, nil
}

// reason tells what it means that the operation's condition failed.
func (op operation) reason() ConflictReason {
	switch {
	case op.mode == unique:
		return ConflictTaken
	case op.cond == present:
		return ConflictGone
	}
	return ConflictChanged
}

// transient reports whether a transaction was cancelled only because the table was busy.
func transient(reasons []types.CancellationReason) bool {
	busy := false
	for _, r := range reasons {
		if r.Code == nil {
			continue
		}
		switch *r.Code {
		case "None":
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			busy = true
		default:
			return false
		}
	}
	return busy
}

// backoff waits longer with each attempt, by chance not as long as others that collide.
func backoff(ctx context.Context, attempt int) error {
	most := min(20*time.Millisecond<<attempt, 2*time.Second)
	//nolint:gosec // spreads load; nothing secret depends on it
	return sleep(ctx, most/2+time.Duration(mathrand.Int64N(int64(most/2))))
}

// waitForOthers comes before the next attempt at a transaction that has only met others. It returns an *UnavailableError when
// there have been enough attempts, which says who they are, or when the context ends.
func waitForOthers(ctx context.Context, attempt *int, busy error) error {
	if *attempt++; *attempt == attempts {
		return &UnavailableError{Op: "TransactWriteItems", Err: busy}
	}
	if err := backoff(ctx, *attempt-1); err != nil {
		return &UnavailableError{Op: "TransactWriteItems", Err: err}
	}
	return nil
}
