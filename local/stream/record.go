package stream

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// errValue reports a value of a type that DynamoDB does not have. DynamoDB Local writes some empty maps and lists like that.
var errValue = errors.New("stream: unknown value")

// header returns a record without its images, as far as it can be read.
func header(r *streamtypes.Record) events.DynamoDBEventRecord {
	out := events.DynamoDBEventRecord{EventName: string(r.EventName), EventSource: "aws:dynamodb"}
	if r.EventID != nil {
		out.EventID = *r.EventID
	}
	if r.Dynamodb == nil {
		return out
	}
	out.Change.StreamViewType = string(r.Dynamodb.StreamViewType)
	if r.Dynamodb.SequenceNumber != nil {
		out.Change.SequenceNumber = *r.Dynamodb.SequenceNumber
	}
	out.Change.Keys, _ = streamed(r.Dynamodb.Keys) // keys that are no texts are keys of no item here
	return out
}

// addImages adds the images of a stream's record.
func addImages(out *events.DynamoDBEventRecord, r *streamtypes.Record) error {
	if r.Dynamodb == nil {
		return errValue
	}
	var err error
	if out.Change.NewImage, err = streamed(r.Dynamodb.NewImage); err != nil {
		return err
	}
	out.Change.OldImage, err = streamed(r.Dynamodb.OldImage)
	return err
}

// streamed converts the attributes of a stream's record.
func streamed(from map[string]streamtypes.AttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
	item, err := attributevalue.FromDynamoDBStreamsMap(from)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errValue, err)
	}
	return Image(item)
}

// Image returns an item as Lambda's events have it, by way of their JSON.
func Image(from map[string]types.AttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
	plain, err := plainMap(from)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("stream: encode record: %w", err)
	}
	var to map[string]events.DynamoDBAttributeValue
	if err := json.Unmarshal(raw, &to); err != nil {
		return nil, fmt.Errorf("stream: decode record: %w", err)
	}
	return to, nil
}

// plainMap returns the attributes of an item, or of a map in it, as DynamoDB's JSON has them.
func plainMap(from map[string]types.AttributeValue) (map[string]any, error) {
	to := make(map[string]any, len(from))
	for name, value := range from {
		v, err := plain(value)
		if err != nil {
			return nil, err
		}
		to[name] = v
	}
	return to, nil
}

// plain returns a value as DynamoDB's JSON has it, by the letters of its type.
func plain(value types.AttributeValue) (any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": true}, nil
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}, nil
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}, nil
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}, nil
	case *types.AttributeValueMemberM:
		m, err := plainMap(v.Value)
		return map[string]any{"M": m}, err
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i := range v.Value {
			one, err := plain(v.Value[i])
			if err != nil {
				return nil, err
			}
			list[i] = one
		}
		return map[string]any{"L": list}, nil
	}
	return nil, errValue
}
