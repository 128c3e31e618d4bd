package table

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestFailed(t *testing.T) {
	network := errors.New("connection reset")
	rows := []struct {
		name        string
		err         error
		is          error // nil for no error
		unavailable bool
	}{
		{"no error", nil, nil, false},
		{"a condition that failed is a conflict", &types.ConditionalCheckFailedException{}, ErrConflict, false},
		{"also when the SDK wraps it", fmt.Errorf("operation error: %w", &types.ConditionalCheckFailedException{}), ErrConflict, false},
		{"a client that went away is no outage", context.Canceled, context.Canceled, false},
		{"nor when the SDK wraps that", fmt.Errorf("operation error: %w", context.Canceled), context.Canceled, false},
		{"time that ran out is an outage", context.DeadlineExceeded, context.DeadlineExceeded, true},
		{"an unreachable table is one", network, network, true},
		{"throttling is one", &types.ProvisionedThroughputExceededException{}, nil, true},
		{"a missing table is one, not a missing record", &types.ResourceNotFoundException{}, nil, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := failed("Op", row.err)
			if (err == nil) != (row.err == nil) || (row.is != nil && !errors.Is(err, row.is)) {
				t.Fatalf("got %v", err)
			}
			var outage *UnavailableError
			if errors.As(err, &outage) != row.unavailable || (row.unavailable && (!outage.Unavailable() || outage.Op != "Op")) {
				t.Errorf("unavailable: %+v", outage)
			}
			if errors.Is(err, ErrNotFound) {
				t.Error("a failure looks like an absent record")
			}
			if err != nil && !strings.HasPrefix(err.Error(), "store: Op: ") {
				t.Errorf("%q does not name the operation", err)
			}
		})
	}
}
