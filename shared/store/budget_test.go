package store_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/requestlog"
	"postern/shared/store/lookup"
)

// GetItem is counted, too.
func (c *counting) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	c.count(1)
	return c.API.GetItem(ctx, in, o...)
}

// budget is what a lookup may cost: calls for a process that remembers nothing and for one that has asked before, and the
// items that the latter reads.
type budget struct {
	name              string
	look              func() error
	cold, warm, items int
}

// keeps looks twice for each row, from no hints on.
func (w *world) keeps(t *testing.T, rows []budget) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for i, most := range []int{row.cold, row.warm} {
				w.count.reset()
				if err := row.look(); err != nil {
					t.Fatal(err)
				}
				if w.count.calls > most {
					t.Errorf("request %d: %d calls, want at most %d", i+1, w.count.calls, most)
				}
			}
			if w.count.items > row.items {
				t.Errorf("%d items when warm, want at most %d", w.count.items, row.items)
			}
		})
	}
}

func TestLookupBudgets(t *testing.T) {
	w := newWorld(t, small)
	actor, err := w.reader.LoadActor(t.Context(), byKey(11))
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := actor.Key.Fingerprint
	rows := []budget{
		{"authorized_keys", func() error {
			_, err := w.reader.LoadKeyByFingerprint(t.Context(), fingerprint)
			return err
		}, 2, 1, 3},
		{"discover", func() error { _, err := w.reader.LoadActor(t.Context(), byKey(11)); return err }, 2, 1, 2},
		{"check", func() error { _, err := w.reader.LoadSettings(t.Context()); return err }, 1, 1, 1},
	}
	w.keeps(t, rows)
}

// Below a group that was renamed or moved, and whose projects' path items still tell the old path, a process that
// remembers nothing needs three calls, however deep the project lies.
func TestRenamedGroupBudget(t *testing.T) {
	rows := []struct {
		name, change, path string
	}{
		{"top group renamed", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/app"},
		{"top group renamed, far below", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/web/api/deep"},
		{"middle group renamed", `{"namespaces":[{"id":21,"path":"w"}]}`, "acme/w/api/deep"},
		{"lowest group renamed", `{"namespaces":[{"id":22,"path":"a"}]}`, "acme/web/a/deep"},
		{"middle group moved", `{"namespaces":[{"id":21,"parent_id":30}]}`, "beta/web/api/deep"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.apply(row.change)
			for i, most := range []int{3, 1} {
				if got := place(w.load(lookup.PushQuery{Actor: byKey(11), Path: row.path})); got != row.path {
					t.Fatalf("led to %s, want %s", got, row.path)
				}
				if w.count.calls > most {
					t.Errorf("request %d: %d calls, want at most %d", i+1, w.count.calls, most)
				}
			}
		})
	}
}

// The log's units are those that DynamoDB bills: one for each item up to 4 KB that is read strongly consistent.
func TestUnitsAreReported(t *testing.T) {
	w := newWorld(t, small)
	w.apply(`{"instance":{"url":"https://gitlab.example.com"}}`) // items that are not there are not counted here
	q := lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}
	w.load(q)
	line := &requestlog.Record{}
	if _, err := w.reader.LoadPushContext(requestlog.With(t.Context(), line), q); err != nil {
		t.Fatal(err)
	}
	if read, write := line.Units(); line.Calls() != 1 || read != 7 || write != 0 {
		t.Errorf("%d calls, %v read and %v write units; want 1 call, 7 and 0", line.Calls(), read, write)
	}
}
