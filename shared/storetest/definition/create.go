package definition

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// API is what creating a table asks of DynamoDB; *dynamodb.Client has it.
type API interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
}

// Create makes the table under the given name, with its stream and its TTL. It reports whether the table is new: one
// that exists is left alone. DynamoDB Local creates at once, so nothing is waited for.
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
		return true, fmt.Errorf("switch on TTL of table %s: %w", name, err)
	}
	return true, nil
}

// WithoutStream returns the definition of a table that keeps no stream of its changes. DynamoDB Local goes through all
// streams there ever were with each write, so hundreds of tables with one make it slow.
func (d Definition) WithoutStream() Definition {
	d.properties.Stream.ViewType = ""
	return d
}

// Input is the request that creates the table under the given name.
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
