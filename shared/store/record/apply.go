package record

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"postern/shared/table"
)

// ConflictError says why a transaction was refused. It is an ErrConflict.
type ConflictError struct {
	Key    table.Key // the item whose condition failed
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
func (e *ConflictError) Unwrap() error { return table.ErrConflict }

// Apply writes changes in one transaction: all of them or none. It returns a *ConflictError when somebody else was
// faster, and an UnavailableError when the table does not answer.
//
// A change that is too large for one transaction (rules that name very many people) writes back references before or
// after it. A back reference too many lists nothing, so an interruption leaves nothing half done.
func (s *Directory) Apply(ctx context.Context, changes ...Change) error {
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
func (s *Directory) ApplyEach(ctx context.Context, sets [][]Change) []error {
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
		case errors.Is(err, table.ErrConflict):
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

// ApplyWith writes changes in one transaction, together with further writes.
func (s *Directory) ApplyWith(ctx context.Context, changes []Change, beside ...table.Write) error {
	ops, err := merged(changes)
	if err != nil {
		return err
	}
	return s.transact(ctx, ops, beside...)
}

// transact writes one transaction of operations, and further writes with them. An operation on a hint that another request has
// taken over is dropped; any other failed condition is a *ConflictError.
func (s *Directory) transact(ctx context.Context, ops []operation, beside ...table.Write) error {
	for len(ops)+len(beside) > 0 {
		writes := make([]table.Write, len(ops), len(ops)+len(beside))
		for i, op := range ops {
			writes[i] = op.write()
		}
		writes = append(writes, beside...)
		err := s.db.Transact(ctx, writes)
		failed := table.FailedConditions(err)
		if failed == nil {
			return err
		}
		left, conflict := judge(ops, failed)
		switch {
		case conflict != nil:
			return conflict
		case len(left) == len(ops): // one of the further writes
			var condition *table.ConditionError
			errors.As(err, &condition)
			return &ConflictError{Key: writes[condition.First()].Key, Reason: ConflictChanged}
		}
		ops = left
	}
	return nil
}

// judge reads the failed conditions of a transaction. It drops operations on hints that another request has taken over, and
// removals of late items that the record does not hold. Any other failed condition is a conflict.
func judge(ops []operation, failed map[int]table.Item) ([]operation, *ConflictError) {
	left := make([]operation, 0, len(ops))
	for i, op := range ops {
		if _, is := failed[i]; !is {
			left = append(left, op)
			continue
		}
		if op.mode == hint || op.mode == late && op.verb == remove {
			continue
		}
		return nil, &ConflictError{Key: op.key, Reason: op.reason(), Change: op.change}
	}
	return left, nil
}

// reason is the meaning of the operation's failed condition.
func (op operation) reason() ConflictReason {
	switch {
	case op.mode.exclusive():
		return ConflictTaken
	case op.cond == present:
		return ConflictGone
	}
	return ConflictChanged
}
