package table

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one item of the table by its attributes, as the SDK has it.
type Item = map[string]Value

// Value is the value of an attribute.
type Value = types.AttributeValue

// String is a text as an attribute.
func String(s string) Value { return &types.AttributeValueMemberS{Value: s} }

// Number is a number as an attribute.
func Number(n int64) Value { return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)} }

// Bool is a flag as an attribute.
func Bool(b bool) Value { return &types.AttributeValueMemberBOOL{Value: b} }

// Bytes is binary data as an attribute.
func Bytes(b []byte) Value { return &types.AttributeValueMemberB{Value: b} }

// Set is a set of texts as an attribute. DynamoDB rejects an empty one.
func Set(texts ...string) Value { return &types.AttributeValueMemberSS{Value: texts} }

// Map is a map as an attribute.
func Map(entries Item) Value { return &types.AttributeValueMemberM{Value: entries} }

// List is a list as an attribute.
func List(values []Value) Value { return &types.AttributeValueMemberL{Value: values} }

// Strings is a list of texts as an attribute.
func Strings(list []string) Value {
	values := make([]Value, len(list))
	for i, s := range list {
		values[i] = String(s)
	}
	return List(values)
}

// Numbers is a list of numbers as an attribute.
func Numbers(list []int64) Value {
	values := make([]Value, len(list))
	for i, n := range list {
		values[i] = Number(n)
	}
	return List(values)
}

// Maps is a list of structs of the domain as an attribute.
func Maps[T any](list []T) Value {
	values := make([]Value, len(list))
	for i := range list {
		values[i] = Map(Encode(list[i]))
	}
	return List(values)
}

// Text returns a text attribute, "" when it is missing.
func Text(item Item, name string) string {
	if v, ok := item[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// Integer returns a number attribute, 0 when it is missing.
func Integer(item Item, name string) int64 {
	if v, ok := item[name].(*types.AttributeValueMemberN); ok {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		return n
	}
	return 0
}

// Flag returns a flag attribute; known is false when it is missing.
func Flag(item Item, name string) (flag, known bool) {
	if v, ok := item[name].(*types.AttributeValueMemberBOOL); ok {
		return v.Value, true
	}
	return false, false
}

// Binary returns an attribute of binary data; false when it is missing.
func Binary(item Item, name string) ([]byte, bool) {
	if v, ok := item[name].(*types.AttributeValueMemberB); ok {
		return v.Value, true
	}
	return nil, false
}

// Elements returns the elements of a list attribute, nil when it is missing.
func Elements(item Item, name string) []Value {
	if v, ok := item[name].(*types.AttributeValueMemberL); ok {
		return v.Value
	}
	return nil
}
