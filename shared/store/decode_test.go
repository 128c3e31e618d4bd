package store_test

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"postern/shared/store"
)

// unmarshal decodes an item into what JSON can show.
func unmarshal(item store.Item, out any) error { return attributevalue.UnmarshalMap(item, out) }
