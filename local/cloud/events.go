package cloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/shared/storetest/dynamodblocal"
)

// CreateQueue creates the dead-letter queue and returns its URL.
func (c *Cloud) CreateQueue(ctx context.Context) (string, error) {
	out, err := c.QueueClient().CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(Queue)})
	if err != nil {
		return "", fmt.Errorf("create queue %s: %w", Queue, err)
	}
	return *out.QueueUrl, nil
}

// Stream returns the ARN of the table's stream.
func (c *Cloud) Stream(ctx context.Context) (string, error) {
	out, err := c.DynamoDBClient().DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(Table)})
	if err != nil {
		return "", fmt.Errorf("find the stream of %s: %w", Table, err)
	}
	return aws.ToString(out.Table.LatestStreamArn), nil
}

// StreamsClient returns a client of DynamoDB Local's streams.
func (c *Cloud) StreamsClient() *dynamodbstreams.Client {
	return dynamodbstreams.NewFromConfig(dynamodblocal.Config(c.http), func(o *dynamodbstreams.Options) {
		o.BaseEndpoint = aws.String(c.DynamoDB)
	})
}

// EventsClient returns a client of EventBridge.
func (c *Cloud) EventsClient() *eventbridge.Client {
	return eventbridge.NewFromConfig(dynamodblocal.Config(c.http), func(o *eventbridge.Options) {
		o.BaseEndpoint = aws.String(c.Secrets)
	})
}

// QueueClient returns a client of SQS.
func (c *Cloud) QueueClient() *sqs.Client {
	return sqs.NewFromConfig(dynamodblocal.Config(c.http), func(o *sqs.Options) { o.BaseEndpoint = aws.String(c.Secrets) })
}
