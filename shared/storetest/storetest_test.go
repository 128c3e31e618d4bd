package storetest_test

import (
	"crypto/rand"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"postern/shared/storetest"
)

func TestOpenCreatesTableWithoutStream(t *testing.T) {
	client, name := storetest.Open(t)
	described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	table := described.Table
	if table.StreamSpecification != nil {
		t.Errorf("stream = %+v, want none", table.StreamSpecification)
	}
	if got := len(table.KeySchema); got != 2 {
		t.Errorf("%d key attributes, want pk and sk", got)
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(ttl.TimeToLiveDescription.AttributeName); got != "expires" {
		t.Errorf("TTL attribute = %q, want expires", got)
	}
}

func TestOpenSeparatesTestsAndDeletesTables(t *testing.T) {
	outer, outerName := storetest.Open(t)
	var innerName string
	t.Run("inner test", func(t *testing.T) {
		_, innerName = storetest.Open(t)
	})
	if innerName == outerName {
		t.Fatal("two tests share one table")
	}
	for name, want := range map[string]bool{outerName: true, innerName: false} {
		_, err := outer.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(name)})
		if (err == nil) != want {
			t.Errorf("table %s: exists = %v, want %v", name, err == nil, want)
		}
	}
}

func TestRenewEmptiesTable(t *testing.T) {
	t.Setenv(storetest.Named, "elsewhere-"+rand.Text())
	client, name := storetest.Renew(t)
	item := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item}); err != nil {
		t.Fatal(err)
	}
	again, same := storetest.Renew(t)
	found, err := again.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &same, Key: item})
	if err != nil || same != name || len(found.Item) != 0 {
		t.Errorf("%s, then %s with %v, %v", name, same, found, err)
	}
	if _, err := client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
		t.Error(err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
