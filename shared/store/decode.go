package store

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes of an item bear the names that the json tags of the domain's structs give.

// decoder has options and no state, so that all requests share one.
var decoder = attributevalue.NewDecoder(func(o *attributevalue.DecoderOptions) { o.TagKey = "json" })

// decode reads an item into a struct; attributes that the struct does not have, such as keys and version, are ignored.
func decode(item Item, out any) error {
	return decoder.Decode(&types.AttributeValueMemberM{Value: item}, out)
}

// chainHint returns the namespaces that lay above an item's record when it was last written, the top-level one first.
func chainHint(item Item) []int64 {
	list, ok := item["chain"].(*types.AttributeValueMemberL)
	if !ok {
		return nil
	}
	var out []int64
	if err := attributevalue.UnmarshalList(list.Value, &out); err != nil {
		return nil // a hint only
	}
	return out
}
