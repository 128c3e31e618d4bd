package stream

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// errValue says that a record holds a value that DynamoDB does not have.
var errValue = errors.New("stream: unknown value")

// eventRecord is a record of the stream as a Lambda gets it.
func eventRecord(r *types.Record) (events.DynamoDBEventRecord, error) {
	out := events.DynamoDBEventRecord{EventName: string(r.EventName), EventSource: "aws:dynamodb"}
	if r.EventID != nil {
		out.EventID = *r.EventID
	}
	change := events.DynamoDBStreamRecord{StreamViewType: string(r.Dynamodb.StreamViewType)}
	if r.Dynamodb.SequenceNumber != nil {
		change.SequenceNumber = *r.Dynamodb.SequenceNumber
	}
	var err error
	for _, part := range []struct {
		from map[string]types.AttributeValue
		into *map[string]events.DynamoDBAttributeValue
	}{
		{r.Dynamodb.Keys, &change.Keys}, {r.Dynamodb.NewImage, &change.NewImage}, {r.Dynamodb.OldImage, &change.OldImage},
	} {
		if *part.into, err = image(part.from); err != nil {
			return out, err
		}
	}
	out.Change = change
	return out, nil
}

// image converts attributes by way of the JSON that Lambda sends.
func image(from map[string]types.AttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
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

// plainMap does it for the attributes of an item, or of a map within one.
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

// plain is a value as DynamoDB's JSON has it: its type's letters and what it holds.
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
