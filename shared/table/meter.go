package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/requestlog"
)

// countBatch reports one read call and what it consumed to the request's log record.
func countBatch(ctx context.Context, consumed []types.ConsumedCapacity) {
	units := 0.0
	for i := range consumed {
		units += capacity(&consumed[i])
	}
	requestlog.From(ctx).CountCall(units, 0)
}

// countRead reports one read call.
func countRead(ctx context.Context, consumed *types.ConsumedCapacity) {
	requestlog.From(ctx).CountCall(capacity(consumed), 0)
}

// countWrite reports one write call that is not a transaction; transactions are computed from their items, because
// DynamoDB Local's figure for them is constant.
func countWrite(ctx context.Context, consumed *types.ConsumedCapacity) {
	requestlog.From(ctx).CountCall(0, capacity(consumed))
}

// capacity is what a call consumed, 0 when DynamoDB does not say.
func capacity(c *types.ConsumedCapacity) float64 {
	if c == nil || c.CapacityUnits == nil {
		return 0
	}
	return *c.CapacityUnits
}
