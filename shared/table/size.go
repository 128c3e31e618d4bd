package table

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// MaxItemSize is DynamoDB's limit on the size of an item, with room for the key and a version.
const MaxItemSize = 400<<10 - 1024

// Size estimates the size of an item as DynamoDB counts it.
func Size(item Item) int {
	size := 0
	for name, v := range item {
		size += len(name) + ValueSize(v)
	}
	return size
}

// ValueSize estimates the size of a value as DynamoDB counts it: text by its bytes, numbers by their digits.
func ValueSize(v Value) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 2
	case *types.AttributeValueMemberL:
		size := 3
		for _, e := range v.Value {
			size += 1 + ValueSize(e)
		}
		return size
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + Size(v.Value)
	}
	return 1
}
