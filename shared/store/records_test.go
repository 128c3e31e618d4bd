package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	s, records, all := written(t)
	keys := make([]storetable.Key, len(records))
	for i, r := range records {
		keys[i] = r.Key()
	}
	found, err := s.Records(t.Context(), append(keys, keys[0], layout.OwnKey(layout.KindUser, 99)))
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if len(found) != len(records) {
		t.Errorf("%d of %d records are read", len(found), len(records))
	}
	for _, r := range records {
		got := found[r.Key()]
		switch {
		case got == nil:
			t.Errorf("%s is not there", r.Key())
		case !reflect.DeepEqual(got.Value(), r.Value()):
			t.Errorf("%s is %+v, want %+v", r.Key(), got.Value(), r.Value())
		case !record.Change{Old: got, New: r}.Empty():
			t.Errorf("%s would be written again", r.Key())
		}
	}
	wrong, err := unsound(t.Context(), s, all())
	if err != nil || len(wrong) > 0 {
		t.Errorf("%v %v", err, wrong)
	}
}

func TestHoldersOfUniqueValues(t *testing.T) {
	s, records, _ := written(t)
	for _, r := range records {
		holders, err := s.Holders(t.Context(), r.Held())
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		for _, k := range r.Held() {
			if holders[k].Own != r.Key() {
				t.Errorf("%s leads to %s, not to %s", k, holders[k].Own, r.Key())
			}
		}
	}
	nobody, err := s.Holders(t.Context(), []storetable.Key{{PK: "username#nobody", SK: "username"}})
	if err != nil || len(nobody) != 0 {
		t.Errorf("got %v, %v", nobody, err)
	}
}

func TestRecordsThatAreRemovedLeaveNothing(t *testing.T) {
	s, records, all := written(t)
	for i := len(records) - 1; i > 0; i-- {
		was, err := s.Remove(t.Context(), records[i].Key())
		if err != nil || !was {
			t.Fatalf("remove %s: %v %v", records[i].Key(), was, err)
		}
		wrong, err := unsound(t.Context(), s, all())
		if err != nil || len(wrong) > 0 {
			t.Fatalf("without %s: %v %v", records[i].Key(), err, wrong)
		}
	}
	for _, item := range all() {
		pk, sk := item["pk"].(*types.AttributeValueMemberS).Value, item["sk"].(*types.AttributeValueMemberS).Value
		if !strings.HasPrefix(pk, "instance#") && sk != "counts" { // which are all 0 now
			t.Errorf("left: %v", item)
		}
	}
	if was, err := s.Remove(t.Context(), records[1].Key()); was || err != nil {
		t.Errorf("removed again: %v %v", was, err)
	}
}

func TestApplyRefusesWhatHasChangedMeanwhile(t *testing.T) {
	user := func(name string) *record.Record {
		return record.UserRecord(&gitlab.User{ID: 1, Username: "ann", Email: "ann@example.com", Name: name})
	}
	stored := func(t *testing.T, s *store.Store) *record.Record {
		t.Helper()
		found, err := s.Records(t.Context(), []storetable.Key{user("").Key()})
		if err != nil || len(found) != 1 {
			t.Fatalf("read: %v %v", found, err)
		}
		return found[user("").Key()]
	}
	tests := []struct {
		name   string
		change func(*record.Record) record.Change
		want   record.ConflictReason
	}{
		{"created twice", func(*record.Record) record.Change { return record.Change{New: user("B")} }, record.ConflictChanged},
		{"updated from an old version", func(old *record.Record) record.Change {
			return record.Change{Old: old, New: user("B")}
		}, record.ConflictChanged},
		{"removed from an old version", func(old *record.Record) record.Change { return record.Change{Old: old} }, record.ConflictChanged},
		{"a name that is taken", func(*record.Record) record.Change {
			return record.Change{New: record.UserRecord(&gitlab.User{ID: 2, Username: "ANN", Email: "b"})}
		}, record.ConflictTaken},
		{"a reference to nobody", func(*record.Record) record.Change {
			return record.Change{New: record.KeyRecord(&gitlab.Key{ID: 11, UserID: pointer(int64(9)), Fingerprint: "f"})}
		}, record.ConflictGone},
		{"while something stays that did not", func(old *record.Record) record.Change {
			return record.Change{
				New: record.UserRecord(&gitlab.User{ID: 2, Username: "bea", Email: "b"}), While: []*record.Record{old},
			}
		}, record.ConflictChanged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, table := storetest.Open(t)
			s := store.New(client, table, time.Now)
			if err := s.Apply(t.Context(), record.Change{New: user("A")}); err != nil {
				t.Fatalf("create: %v", err)
			}
			old := stored(t, s)
			if err := s.Apply(t.Context(), record.Change{Old: old, New: user("changed")}); err != nil {
				t.Fatalf("update: %v", err)
			}
			before := image(t, client, table)
			var conflict *record.ConflictError
			if err := s.Apply(t.Context(), test.change(old)); !errors.As(err, &conflict) || conflict.Reason != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if image(t, client, table) != before {
				t.Error("something was written")
			}
		})
	}
}

func TestAnUpdateLeavesWhatOthersKeepInTheRecord(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	key := func(title string) *record.Record {
		return record.KeyRecord(&gitlab.Key{ID: 11, Fingerprint: "f", Title: title})
	}
	if err := s.Apply(t.Context(), record.Change{New: key("A")}); err != nil {
		t.Fatalf("create: %v", err)
	}
	read := func() *record.Record {
		found, err := s.Records(t.Context(), []storetable.Key{key("").Key()})
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		return found[key("").Key()]
	}
	old := read()
	if err := s.TouchKey(t.Context(), old.Value().(*gitlab.Key)); err != nil {
		t.Fatalf("touch: %v", err)
	}
	if err := s.Apply(t.Context(), record.Change{Old: old, New: key("B")}); err != nil {
		t.Fatalf("update: %v", err)
	}
	if got := read().Value().(*gitlab.Key); got.Title != "B" || got.LastUsedAt == nil {
		t.Errorf("got %+v", got)
	}
}

func TestNextIDIsGivenOutOnce(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	for want := gitlab.ID(1); want < 4; want++ {
		if got, err := s.NextID(t.Context(), "thing"); got != want || err != nil {
			t.Errorf("got %d %v, want %d", got, err, want)
		}
	}
	if got, err := s.NextID(t.Context(), "other"); got != 1 || err != nil {
		t.Errorf("another kind begins with %d %v", got, err)
	}
}

func TestPlaceMoved(t *testing.T) {
	tests := []struct {
		name string
		was  []string
		path string
		want []string
	}{
		{"new", nil, "a/b", []string{"a/b"}},
		{"moved", []string{"a/b"}, "c/b", []string{"c/b", "a/b"}},
		{"moved back", []string{"c/b", "a/b"}, "a/b", []string{"a/b", "c/b"}},
		{"only the case", []string{"a/b"}, "A/b", []string{"A/b"}},
		{
			"many times",
			[]string{"1", "2", "3", "4", "5", "6", "7", "8"},
			"0",
			[]string{"0", "1", "2", "3", "4", "5", "6", "7"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := record.Place{Chain: []gitlab.ID{1}, Paths: test.was}.Moved([]gitlab.ID{2}, test.path)
			if !reflect.DeepEqual(got.Paths, test.want) || !reflect.DeepEqual(got.Chain, []gitlab.ID{2}) {
				t.Errorf("got %+v, want %v", got, test.want)
			}
		})
	}
}
