package store_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

// Rules that fill several items are one record all the same: read whole, shrunk and removed without a rest.
func TestLargeRulesAreOneRecord(t *testing.T) {
	w := newWorld(t, small)
	rules := &record.Rules{ProjectID: pointer(gitlab.ID(7))}
	for i := range 60 {
		rules.Branches = append(rules.Branches, gitlab.ProtectedBranch{
			ProjectID: pointer(gitlab.ID(7)), Name: fmt.Sprint(i, strings.Repeat("b", 10_000)),
		})
		rules.Tags = append(rules.Tags, gitlab.ProtectedTag{ProjectID: 7, Name: fmt.Sprint(i, strings.Repeat("t", 1_000))})
	}
	w.put(record.RulesRecord(rules))
	own := record.RulesRecord(rules).Key()
	found, err := w.writer.Records(t.Context(), []storetable.Key{own})
	if err != nil || found[own] == nil {
		t.Fatalf("read: %v", err)
	}
	if got := found[own].Value(); !reflect.DeepEqual(got, rules) {
		t.Errorf("%d branches and %d tags are read", len(got.(*record.Rules).Branches), len(got.(*record.Rules).Tags))
	}
	few := &record.Rules{ProjectID: rules.ProjectID, Branches: rules.Branches[:1]}
	if err := w.writer.Apply(t.Context(), record.Change{Old: found[own], New: record.RulesRecord(few)}); err != nil {
		t.Fatalf("shrink: %v", err)
	}
	if was, err := w.writer.Remove(t.Context(), own); !was || err != nil {
		t.Fatalf("remove: %t %v", was, err)
	}
	if found, err = w.writer.Records(t.Context(), []storetable.Key{own, {PK: own.PK, SK: "rules#1"}}); err != nil || len(found) != 0 {
		t.Errorf("left: %v %v", found, err)
	}
}

func TestMoreRecordsThanOneBatchAreRead(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	sets := make([][]record.Change, 230)
	keys := make([]storetable.Key, len(sets))
	for i := range sets {
		r := record.KeyRecord(&gitlab.Key{ID: gitlab.ID(i + 1), Fingerprint: fmt.Sprint("fp", i)})
		sets[i], keys[i] = []record.Change{{New: r}}, r.Key()
	}
	for i, err := range s.ApplyEach(t.Context(), sets) {
		if err != nil {
			t.Fatalf("set %d: %v", i, err)
		}
	}
	found, err := s.Records(t.Context(), keys)
	if err != nil || len(found) != len(keys) {
		t.Errorf("%d of %d records, %v", len(found), len(keys), err)
	}
}

// An item that lists what is not there, as an interruption may leave it, goes with the record it lies with.
func TestRemoveClearsStaleListings(t *testing.T) {
	rows := []struct{ name, pk, sk string }{
		{"a key that is not there", "user#2", "back#key#999"},
		{"a membership that is not there", "user#2", "back#member#ns#20"},
		{"rules that are not there", "user#2", "back#rules#project#7"},
		{"an identity that is not there", "user#2", "back#scim#20"},
		{"a kind that is not known", "user#2", "back#thing#1"},
		{"a key that is another user's", "user#2", "back#key#11"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.putItem(row.pk, row.sk, map[string]types.AttributeValue{})
			if was, err := w.writer.Remove(t.Context(), layout.OwnKey(layout.KindUser, 2)); !was || err != nil {
				t.Fatalf("remove: %t %v", was, err)
			}
			if was, err := w.writer.Remove(t.Context(), layout.OwnKey(layout.KindUser, 2)); was || err != nil {
				t.Errorf("removed again: %t %v", was, err)
			}
			if left := keyWith(t.Context(), w.reader, "none"); left != "none" {
				t.Error(left)
			}
			if got := place(w.load(lookup.PushQuery{Actor: byKey(11), Path: "acme/app"})); got != "acme/app" {
				t.Errorf("what is somebody else's is gone: %s", got)
			}
			if c := w.load(lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}); c.Actor.User == nil {
				t.Error("another user's key is gone")
			}
		})
	}
}

// Records that lead in a circle, and items that are no records, end a request with an error and never with an answer.
func TestBrokenItemsAreErrors(t *testing.T) {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	n := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	rows := []struct {
		name       string
		pk, sk     string
		attributes map[string]types.AttributeValue
	}{
		{"a group below itself", "ns#20", "namespace", map[string]types.AttributeValue{"id": n("20"), "path": text("acme"), "parent_id": n("20")}},
		{"a group below its own child", "ns#20", "namespace", map[string]types.AttributeValue{"id": n("20"), "path": text("acme"), "parent_id": n("21")}},
		{"an id that is text", "project#8", "project", map[string]types.AttributeValue{"id": text("8")}},
		{"a key that is none", "key#11", "key", map[string]types.AttributeValue{"id": text("x")}},
		{"settings that are none", "", "settings", map[string]types.AttributeValue{"storages": text("x")}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			for copied := range layout.Copies { // the reader has one of them
				pk := row.pk
				if pk == "" {
					pk = fmt.Sprint("instance#", copied)
				}
				w.putItem(pk, row.sk, row.attributes)
			}
			c, err := w.reader.LoadPushContext(t.Context(), lookup.PushQuery{Actor: byKey(11), Path: "acme/web/api/deep"})
			if err == nil {
				t.Errorf("answered: %s", place(c))
			}
		})
	}
}
