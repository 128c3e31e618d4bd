package table

import (
	"errors"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// errStreamValue reports a value in an event that DynamoDB does not have.
var errStreamValue = errors.New("store: unknown value in a stream record")

// StreamKey is the key of the item of a record of the table's stream.
func StreamKey(record *events.DynamoDBEventRecord) Key {
	// The table has no keys of other types than text; such a key reads as empty.
	part := func(name string) string {
		if v, ok := record.Change.Keys[name]; ok && v.DataType() == events.DataTypeString {
			return v.String()
		}
		return ""
	}
	return Key{PK: part("pk"), SK: part("sk")}
}

// StreamItem decodes an image of an item as a Lambda receives it from the table's stream. A value of an unknown type is an error.
func StreamItem(image map[string]events.DynamoDBAttributeValue) (Item, error) {
	item := make(Item, len(image))
	for name, value := range image {
		v, err := streamValue(value)
		if err != nil {
			return nil, err
		}
		item[name] = v
	}
	return item, nil
}

// streamValue turns a value of Lambda's event into the SDK's: the same JSON, but two types without a common one.
func streamValue(v events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	switch v.DataType() {
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: v.String()}, nil
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}, nil
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}, nil
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: v.Boolean()}, nil
	case events.DataTypeNull:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case events.DataTypeMap:
		m, err := StreamItem(v.Map())
		return &types.AttributeValueMemberM{Value: m}, err
	case events.DataTypeList:
		return streamList(v.List())
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: v.StringSet()}, nil
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: v.NumberSet()}, nil
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: v.BinarySet()}, nil
	}
	return nil, errStreamValue
}

// streamList turns the values of a list.
func streamList(list []events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	values := make([]types.AttributeValue, len(list))
	for i := range list {
		v, err := streamValue(list[i])
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return &types.AttributeValueMemberL{Value: values}, nil
}
