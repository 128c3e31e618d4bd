package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/store"
	"postern/shared/store/lookup"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

// throttling reads only the first key of each batch as long as there is more than one, or nothing at all.
type throttling struct {
	storetable.API
	nothing bool
	calls   int
}

func (f *throttling) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	f.calls++
	if f.nothing {
		return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, nil
	}
	for table, keys := range in.RequestItems {
		first, rest := keys, keys
		first.Keys, rest.Keys = keys.Keys[:1], keys.Keys[1:]
		in.RequestItems = map[string]types.KeysAndAttributes{table: first}
		out, err := f.API.BatchGetItem(ctx, in, o...)
		if err == nil && len(rest.Keys) > 0 {
			out.UnprocessedKeys = map[string]types.KeysAndAttributes{table: rest}
		}
		return out, err
	}
	return f.API.BatchGetItem(ctx, in, o...)
}

func TestUnprocessedKeysAreReadAgain(t *testing.T) {
	w := newWorld(t, small)
	api := &throttling{API: w.count.API}
	s := store.New(api, w.table, time.Now)
	loaded, err := s.LoadPushContext(t.Context(), lookup.PushQuery{Actor: byKey(11), Path: "acme/app"})
	if err != nil {
		t.Fatalf("LoadPushContext: %v", err)
	}
	if got := holds(loaded); got != "ann 30" {
		t.Errorf("holds %s, want ann 30", got)
	}
	if api.calls < 5 {
		t.Errorf("%d calls, want one for each item", api.calls)
	}
}

func TestThrottledReadIsUnavailableAndNotAbsent(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(&throttling{API: client, nothing: true}, table, time.Now)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.LoadPushContext(ctx, lookup.PushQuery{Actor: byKey(11), Path: "acme/app"})
	var unavailable interface{ Unavailable() bool }
	if !errors.As(err, &unavailable) || !unavailable.Unavailable() {
		t.Fatalf("error %v, want one that says unavailable", err)
	}
	if errors.Is(err, storetable.ErrNotFound) {
		t.Error("a throttled read looks like an absent record")
	}
}
