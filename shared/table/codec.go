package table

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes of an item have the names in the json tags of the domain's structs.

// decoder has options and no state, so all requests share one.
var decoder = attributevalue.NewDecoder(func(o *attributevalue.DecoderOptions) { o.TagKey = "json" })

// Decode reads an item into a struct. It ignores attributes that the struct lacks, such as keys and version.
func Decode(item Item, out any) error {
	return decoder.Decode(&types.AttributeValueMemberM{Value: item}, out)
}

// DecodeValue reads one attribute.
func DecodeValue(v Value, out any) error { return decoder.Decode(v, out) }

// Encode returns the attributes of a struct of the domain. These structs hold nothing that cannot be encoded.
func Encode(value any) Item {
	item, err := attributevalue.MarshalMapWithOptions(value, func(o *attributevalue.EncoderOptions) { o.TagKey = "json" })
	if err != nil {
		return Item{}
	}
	return item
}
