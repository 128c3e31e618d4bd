package store_test

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"postern/shared/table"
)

// unmarshal decodes an item into what JSON can show.
func unmarshal(item table.Item, out any) error { return attributevalue.UnmarshalMap(item, out) }
