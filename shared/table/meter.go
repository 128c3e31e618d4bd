package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/requestlog"
)

// countBatch adds one read call with its units to the request's log record.
func countBatch(ctx context.Context, consumed []types.ConsumedCapacity) {
	units := 0.0
	for i := range consumed {
		units += capacity(&consumed[i])
	}
	requestlog.From(ctx).CountCall(units, 0)
}

// countRead adds one read call.
func countRead(ctx context.Context, consumed *types.ConsumedCapacity) {
	requestlog.From(ctx).CountCall(capacity(consumed), 0)
}

// countWrite adds one write call that is no transaction. The units of transactions are computed, because DynamoDB Local reports a
// constant.
func countWrite(ctx context.Context, consumed *types.ConsumedCapacity) {
	requestlog.From(ctx).CountCall(0, capacity(consumed))
}

// capacity returns the units of a call, 0 where DynamoDB reports none.
func capacity(c *types.ConsumedCapacity) float64 {
	if c == nil || c.CapacityUnits == nil {
		return 0
	}
	return *c.CapacityUnits
}
