package restore_test

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/local/restore"
	"postern/shared/apitest"
	"postern/shared/directory"
	"postern/shared/store"
	"postern/shared/storetest"
)

// loaded returns a table with the directory of the behavior cases, as an export.
func loaded(t *testing.T) (items map[string]restore.Item, list []restore.Item) {
	t.Helper()
	d := apitest.NewDeps(t, apitest.Fixture())
	items = everything(t, d.Table.Client, d.Table.Name)
	for _, item := range items {
		list = append(list, item)
	}
	if len(list) < 100 {
		t.Fatalf("%d items", len(list))
	}
	return items, list
}

// A lost table is restored from its export with equal items. The store finds no change in it.
func TestPutRestoresATable(t *testing.T) {
	items, list := loaded(t)
	client, table := storetest.Open(t)
	counts, err := restore.Put(t.Context(), client, table, exported(t, list, 3))
	if err != nil || counts != (restore.Counts{Written: int64(len(list))}) {
		t.Fatalf("%+v, %v", counts, err)
	}
	if got := everything(t, client, table); !reflect.DeepEqual(got, items) {
		t.Errorf("%d items, which differ from the former %d", len(got), len(items))
	}
	result, err := directory.Load(t.Context(), store.New(client, table, time.Now), apitest.Fixture())
	if err != nil || len(result.Mistakes) > 0 {
		t.Fatalf("%v %v", err, result.Mistakes)
	}
	for kind, n := range result.Counts {
		if n.Created+n.Removed > 0 || n.Unchanged == 0 && n.Updated == 0 {
			t.Errorf("%s: %+v", kind, n)
		}
	}
}

func TestPutKeepsExistingItems(t *testing.T) {
	_, list := loaded(t)
	client, table := storetest.Open(t)
	newer := restore.Item{"pk": list[0]["pk"], "sk": list[0]["sk"], "written": &types.AttributeValueMemberS{Value: "since"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: newer}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []restore.Counts{{Written: int64(len(list)) - 1, Existing: 1}, {Existing: int64(len(list))}} {
		if counts, err := restore.Put(t.Context(), client, table, exported(t, list, 2)); err != nil || counts != want {
			t.Errorf("%+v, %v; want %+v", counts, err, want)
		}
	}
	if got := everything(t, client, table)[text(newer, "pk")+" "+text(newer, "sk")]; !reflect.DeepEqual(got, newer) {
		t.Errorf("the existing item is %v", got)
	}
}

// failing rejects all writes after the first ones.
type failing struct {
	restore.API
	left atomic.Int64
}

var errFailing = errors.New("no more writes")

func (f *failing) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if f.left.Add(-1) < 0 {
		return nil, errFailing
	}
	return f.API.PutItem(ctx, in, o...)
}

func TestPutContinuesAfterAnError(t *testing.T) {
	items, list := loaded(t)
	client, table := storetest.Open(t)
	cut := &failing{API: client}
	cut.left.Store(40)
	first, err := restore.Put(t.Context(), cut, table, exported(t, list, 2))
	if !errors.Is(err, errFailing) || first.Written > 40 {
		t.Fatalf("%+v, %v; want 40 at most and the cause", first, err)
	}
	second, err := restore.Put(t.Context(), client, table, exported(t, list, 2))
	// A write that was in progress during the failure may have succeeded without being counted.
	if err != nil || second.Written+second.Existing != int64(len(list)) || second.Existing < first.Written {
		t.Errorf("%+v and then %+v, %v", first, second, err)
	}
	if got := everything(t, client, table); !reflect.DeepEqual(got, items) {
		t.Errorf("%d items, want %d", len(got), len(items))
	}
}
