package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/directory"
	storedocument "postern/shared/directory/document"
	"postern/shared/store"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

// failing lets a number of writes through and fails every further one, as if the process had been killed.
type failing struct {
	storetable.API
	mu   sync.Mutex
	left int
}

var errKilled = errors.New("killed")

func (f *failing) spend() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left < 0 {
		return errKilled
	}
	return nil
}

func (f *failing) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := f.spend(); err != nil {
		return nil, err
	}
	return f.API.TransactWriteItems(ctx, in, o...)
}

func (f *failing) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if err := f.spend(); err != nil {
		return nil, err
	}
	return f.API.DeleteItem(ctx, in, o...)
}

// contents reads a whole table.
func contents(t testing.TB, client *dynamodb.Client, table string) []storetable.Item {
	t.Helper()
	var items []storetable.Item
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("scan: %v", err)
		}
		items = append(items, page.Items...)
	}
	return items
}

// sound fails the test when a record is half there.
func sound(t testing.TB, client *dynamodb.Client, table, when string) {
	t.Helper()
	wrong, err := unsound(t.Context(), store.New(client, table, time.Now), contents(t, client, table))
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	for _, w := range wrong {
		t.Errorf("%s: %s", when, w)
	}
}

// image shows the items of a table without versions and ids that depend on how often something was tried.
func image(t testing.TB, client *dynamodb.Client, table string) string {
	t.Helper()
	var lines []string
	for _, item := range contents(t, client, table) {
		if pk := item["pk"].(*types.AttributeValueMemberS).Value; strings.HasPrefix(pk, "counter#") {
			continue
		} else if pk == "exclusions" {
			delete(item, "id")
			if sk := item["sk"].(*types.AttributeValueMemberS); strings.HasPrefix(sk.Value, "id#") {
				sk.Value = "id"
			}
		}
		delete(item, "v")
		var value any
		if err := unmarshal(item, &value); err != nil {
			t.Fatalf("decode: %v", err)
		}
		line, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		lines = append(lines, string(line))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func apply(t testing.TB, api storetable.API, table string, document m) (directory.Result, error) {
	t.Helper()
	raw, err := json.Marshal(document)
	if err != nil {
		t.Fatalf("encode document: %v", err)
	}
	now := func() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }
	return directory.Apply(t.Context(), store.New(api, table, now), storedocument.Bytes(raw), directory.Options{Now: now, Workers: 2})
}

func mustApply(t testing.TB, api storetable.API, table string, document m) directory.Result {
	t.Helper()
	result, err := apply(t, api, table, document)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	for _, mistake := range result.Mistakes {
		t.Fatalf("mistake: %s: %s", mistake.Place, mistake.Message)
	}
	return result
}

func TestDocumentsLeaveTheTableSound(t *testing.T) {
	client, table := storetest.Open(t)
	for i, document := range []m{full(t), full(t), moved(t), moved(t), gone(t), gone(t)} {
		result := mustApply(t, client, table, document)
		when := fmt.Sprintf("document %d", i)
		t.Log(when, result.Counts)
		sound(t, client, table, when)
		if i%2 == 0 {
			continue
		}
		for kind, c := range result.Counts {
			if c.Created+c.Updated+c.Removed > 0 {
				t.Errorf("%s: %s: applied again, but %+v", when, kind, c)
			}
		}
	}
}

// fill puts items into an empty table.
func fill(t testing.TB, client *dynamodb.Client, table string, items []storetable.Item) {
	t.Helper()
	for chunk := range slices.Chunk(items, 25) {
		requests := make([]types.WriteRequest, len(chunk))
		for i, item := range chunk {
			requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
		}
		_, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: requests},
		})
		if err != nil {
			t.Fatalf("fill table: %v", err)
		}
	}
}

// everyWrite is the variable that makes the test kill after each single write instead of every third.
const everyWrite = "POSTERN_EVERY_WRITE"

func TestKilledAnywhereAndRunAgainEndsTheSame(t *testing.T) {
	step := 3
	if os.Getenv(everyWrite) != "" {
		step = 1
	}
	client, table := storetest.Open(t)
	for i, document := range []m{full(t), moved(t), gone(t)} {
		before := contents(t, client, table)
		mustApply(t, client, table, document)
		want := image(t, client, table)
		t.Run(fmt.Sprintf("document %d", i), func(t *testing.T) {
			for writes := 0; killed(t, before, document, writes, want) && !t.Failed(); writes += step {
			}
		})
	}
}

// killed applies a document to a table, is killed after a number of writes, and applies it again. It reports whether
// it was killed before the end.
func killed(t *testing.T, before []storetable.Item, document m, writes int, want string) bool {
	t.Helper()
	client, table := storetest.Open(t)
	fill(t, client, table, before)
	_, err := apply(t, &failing{API: client, left: writes}, table, document)
	if err != nil && !errors.Is(err, errKilled) {
		t.Fatalf("killed after %d writes: %v", writes, err)
	}
	sound(t, client, table, fmt.Sprintf("killed after %d writes", writes))
	mustApply(t, client, table, document)
	sound(t, client, table, fmt.Sprintf("killed after %d writes and run again", writes))
	if got := image(t, client, table); got != want {
		t.Fatalf("killed after %d writes and run again:\n%s\n\nwant:\n%s", writes, got, want)
	}
	return err != nil
}
