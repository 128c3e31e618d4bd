package table

import (
	"context"
	"errors"
	mathrand "math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Attempts bounds the attempts at a write that collides with others or is throttled.
const Attempts = 10

// retry sends a write until it meets nothing but its own conditions, and maps its error.
func retry(ctx context.Context, op string, send func() error) error {
	for attempt := 0; ; attempt++ {
		err := send()
		if !busy(err) || attempt+1 == Attempts {
			return failed(op, err)
		}
		if err := Backoff(ctx, attempt); err != nil {
			return &UnavailableError{Op: op, Err: err}
		}
	}
}

// busy reports whether a write failed only because the table or the item was busy. Such a write changed nothing.
func busy(err error) bool {
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return true
	}
	var canceled *types.TransactionCanceledException
	return errors.As(err, &canceled) && transient(canceled.CancellationReasons)
}

// transient reports whether a transaction was canceled only because the table was busy.
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

// Backoff waits longer with each attempt. A random part keeps colliding requests apart.
func Backoff(ctx context.Context, attempt int) error {
	most := min(20*time.Millisecond<<attempt, 2*time.Second)
	//nolint:gosec // spreads load; nothing secret depends on it
	return sleep(ctx, most/2+time.Duration(mathrand.Int64N(int64(most/2))))
}

// WaitForOthers waits before the next attempt at a transaction that met the writes of others. After the last attempt, or
// when the context ends, it returns an *UnavailableError; busy is the cause of the former.
func WaitForOthers(ctx context.Context, attempt *int, busy error) error {
	if *attempt++; *attempt == Attempts {
		return &UnavailableError{Op: transact, Err: busy}
	}
	if err := Backoff(ctx, *attempt-1); err != nil {
		return &UnavailableError{Op: transact, Err: err}
	}
	return nil
}

// sleep waits, or returns why the context ended before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
