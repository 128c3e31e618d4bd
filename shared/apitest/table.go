package apitest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is the table of an API, for tests of stored items.
type Table struct {
	Client *dynamodb.Client
	Name   string
}

// Text returns a string attribute of an item; found is false if it is missing.
func (tb Table) Text(t testing.TB, pk, sk, attribute string) (value string, found bool) {
	t.Helper()
	consistent := true
	out, err := tb.Client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &tb.Name,
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
		},
		ConsistentRead: &consistent,
	})
	if err != nil {
		t.Fatalf("read item %s/%s: %v", pk, sk, err)
	}
	text, found := out.Item[attribute].(*types.AttributeValueMemberS)
	if !found {
		return "", false
	}
	return text.Value, true
}

// Partition returns all items of a partition, in the order of their sort keys.
func (tb Table) Partition(t testing.TB, pk string) []map[string]types.AttributeValue {
	t.Helper()
	condition, consistent := "pk = :pk", true
	pages := dynamodb.NewQueryPaginator(tb.Client, &dynamodb.QueryInput{
		TableName: &tb.Name, KeyConditionExpression: &condition, ConsistentRead: &consistent,
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}},
	})
	var items []map[string]types.AttributeValue
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("read partition %s: %v", pk, err)
		}
		items = append(items, page.Items...)
	}
	return items
}

// All returns every item by "pk/sk", with values like those of encoding/json.
func (tb Table) All(t testing.TB) map[string]map[string]any {
	t.Helper()
	consistent := true
	pages := dynamodb.NewScanPaginator(tb.Client, &dynamodb.ScanInput{TableName: &tb.Name, ConsistentRead: &consistent})
	all := map[string]map[string]any{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("read table: %v", err)
		}
		for _, item := range page.Items {
			var values map[string]any
			if err := attributevalue.UnmarshalMap(item, &values); err != nil {
				t.Fatalf("read item: %v", err)
			}
			all[fmt.Sprint(values["pk"], "/", values["sk"])] = values
		}
	}
	return all
}
