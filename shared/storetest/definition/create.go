package definition

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// API is the part of *dynamodb.Client that creates tables.
type API interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
}

// Create creates the table under a name, with its stream and TTL. It returns false for an existing table and leaves that
// unchanged. DynamoDB Local creates tables synchronously, so Create does not wait.
func (d Definition) Create(ctx context.Context, api API, name string) (bool, error) {
	_, err := api.CreateTable(ctx, d.Input(name))
	var exists *types.ResourceInUseException
	if errors.As(err, &exists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("create table %s: %w", name, err)
	}
	ttl := d.properties.TimeToLive
	if !ttl.Enabled {
		return true, nil
	}
	_, err = api.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(name),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(ttl.AttributeName),
			Enabled:       aws.Bool(true),
		},
	})
	if err != nil {
		return true, fmt.Errorf("enable TTL of table %s: %w", name, err)
	}
	return true, nil
}

// WithoutStream returns the definition without a stream. DynamoDB Local scans all streams at each write, so hundreds of
// tables with streams make it slow.
func (d Definition) WithoutStream() Definition {
	d.properties.Stream.ViewType = ""
	return d
}

// Input returns the request that creates the table under a name.
func (d Definition) Input(name string) *dynamodb.CreateTableInput {
	p := d.properties
	input := &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingMode(p.BillingMode),
		KeySchema:   keySchema(p.KeySchema),
	}
	for _, a := range p.AttributeDefinitions {
		input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(a.Name),
			AttributeType: types.ScalarAttributeType(a.Type),
		})
	}
	for _, i := range p.GlobalSecondaryIndexes {
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(i.Name),
			KeySchema: keySchema(i.KeySchema),
			Projection: &types.Projection{
				ProjectionType:   types.ProjectionType(i.Projection.Type),
				NonKeyAttributes: i.Projection.Attributes,
			},
		})
	}
	if p.Stream.ViewType != "" {
		input.StreamSpecification = &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewType(p.Stream.ViewType),
		}
	}
	return input
}

func keySchema(parts []keyPart) []types.KeySchemaElement {
	schema := make([]types.KeySchemaElement, 0, len(parts))
	for _, part := range parts {
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(part.Name), KeyType: types.KeyType(part.Type)})
	}
	return schema
}
