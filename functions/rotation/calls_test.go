package rotation_test

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/functions/rotation"
)

// calls wraps the services of the function. It calls between before and after each call, and can make one call fail.
type calls struct {
	rotation.Secrets
	events  *eventbridge.Client
	notices []string // details of published events
	between func()
	ahead   func() time.Duration     // offset of the test's clock from Secrets Manager's
	madeAt  map[string]time.Duration // the offset at the creation of a version
	fail    int                      // the failing call, counted from 1; 0 for none
	after   bool                     // the call succeeds and only its answer is lost
	made    int
}

var errLost = errors.New("connection reset by peer")

// call performs one call of Secrets Manager.
func call[I, O any](ctx context.Context, c *calls, do func(context.Context, I, ...func(*secretsmanager.Options)) (O, error), in I) (O, error) {
	return around(c, func() (O, error) { return do(ctx, in) })
}

func around[O any](c *calls, do func() (O, error)) (O, error) {
	c.made++
	var none O
	if c.made == c.fail && !c.after {
		return none, errLost
	}
	c.between()
	out, err := do()
	c.between()
	if c.made == c.fail {
		return none, errLost
	}
	return out, err
}

func (c *calls) DescribeSecret(ctx context.Context, in *secretsmanager.DescribeSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	return call(ctx, c, c.Secrets.DescribeSecret, in)
}

func (c *calls) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	out, err := call(ctx, c, c.Secrets.GetSecretValue, in)
	if err == nil {
		at := out.CreatedDate.Add(c.madeAt[*out.VersionId])
		out.CreatedDate = &at
	}
	return out, err
}

func (c *calls) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	c.madeAt[*in.ClientRequestToken] = c.ahead()
	return call(ctx, c, c.Secrets.PutSecretValue, in)
}

func (c *calls) UpdateSecretVersionStage(ctx context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	return call(ctx, c, c.Secrets.UpdateSecretVersionStage, in)
}

func (c *calls) PutEvents(ctx context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	return around(c, func() (*eventbridge.PutEventsOutput, error) {
		out, err := c.events.PutEvents(ctx, in)
		if err == nil && out.FailedEntryCount == 0 {
			c.notices = append(c.notices, *in.Entries[0].Detail)
		}
		return out, err
	})
}
