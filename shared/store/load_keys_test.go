package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// edit changes a key behind the reader's back.
func (w *world) edit(key gitlab.ID, change func(*gitlab.Key)) {
	w.t.Helper()
	own := layout.OwnKey(layout.KindKey, key)
	found, err := w.writer.Records(w.t.Context(), []table.Key{own})
	if err != nil || found[own] == nil {
		w.t.Fatalf("read key %d: %v", key, err)
	}
	changed := *found[own].Value().(*gitlab.Key)
	change(&changed)
	if err := w.writer.Apply(w.t.Context(), record.Change{Old: found[own], New: record.KeyRecord(&changed)}); err != nil {
		w.t.Fatalf("edit key %d: %v", key, err)
	}
}

// keyWith shows which key a fingerprint leads to and whose it is.
func keyWith(ctx context.Context, s *store.Store, fingerprint string) string {
	found, err := s.LoadKeyByFingerprint(ctx, fingerprint)
	switch {
	case errors.Is(err, table.ErrNotFound):
		return "none"
	case err != nil:
		return err.Error()
	case found.Owner == nil:
		return fmt.Sprintf("%d of nobody", found.Key.ID)
	}
	return fmt.Sprintf("%d of %s", found.Key.ID, found.Owner.Username)
}

// What an earlier request found out about a fingerprint never answers a later one.
func TestLoadKeyByFingerprintSeesChangesAtOnce(t *testing.T) {
	set := func(fingerprint string) func(*gitlab.Key) {
		return func(k *gitlab.Key) { k.Fingerprint = fingerprint }
	}
	rows := []struct {
		name   string
		change func(*world)
		want   string
	}{
		{"nothing changed", func(*world) {}, "11 of ann"},
		{"the fingerprint is another key's now", func(w *world) { w.edit(11, set("old")); w.edit(12, set("fp")) }, "12 of bob"},
		{"the key has another fingerprint now", func(w *world) { w.edit(11, set("old")) }, "none"},
		{"the key has another owner", func(w *world) { w.edit(11, func(k *gitlab.Key) { k.UserID = pointer(gitlab.ID(2)) }) }, "11 of bob"},
		{"the key has no owner any more", func(w *world) { w.edit(11, func(k *gitlab.Key) { k.UserID = nil }) }, "11 of nobody"},
		{"the key is for signing only", func(w *world) { w.edit(11, func(k *gitlab.Key) { k.UsageType = gitlab.UsageSigning }) }, "none"},
		{"the key is removed", func(w *world) { w.apply(`{"remove":{"keys":[{"id":11}]}}`) }, "none"},
		{"the owner is removed", func(w *world) { w.apply(`{"remove":{"users":[{"id":1}]}}`) }, "none"},
		{"the owner has another name", func(w *world) { w.apply(`{"users":[{"id":1,"username":"anna"}]}`) }, "11 of anna"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.edit(11, set("fp"))
			for range 2 {
				if got := keyWith(t.Context(), w.reader, "fp"); got != "11 of ann" {
					t.Fatalf("before: %s", got)
				}
			}
			row.change(w)
			for range 2 {
				if got := keyWith(t.Context(), w.reader, "fp"); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
			}
			w.forget()
			if got := keyWith(t.Context(), w.reader, "fp"); got != row.want {
				t.Errorf("without hints: got %s, want %s", got, row.want)
			}
		})
	}
}

func TestLoadKeyByFingerprintFinds(t *testing.T) {
	w := newWorld(t, small)
	w.put(
		record.KeyRecord(&gitlab.Key{ID: 50, Type: gitlab.DeployKey, Fingerprint: "orphan"}),
		record.KeyRecord(&gitlab.Key{ID: 51, Type: gitlab.DeployKey, Fingerprint: "deploy", UserID: pointer(gitlab.ID(2))}),
		record.KeyRecord(&gitlab.Key{ID: 52, Type: gitlab.PersonalKey, Fingerprint: "nobody's"}),
		record.KeyRecord(&gitlab.Key{ID: 53, Type: gitlab.PersonalKey, Fingerprint: "signs", UserID: pointer(gitlab.ID(2)), UsageType: gitlab.UsageSigning}),
	)
	rows := []struct{ name, fingerprint, want string }{
		{"a deploy key's creator", "deploy", "51 of bob"},
		{"nobody for a deploy key without creator while there is no ghost user", "orphan", "50 of nobody"},
		{"nobody for a personal key without owner", "nobody's", "52 of nobody"},
		{"no key that is for signing only", "signs", "none"},
		{"no key with an unknown fingerprint", "unknown", "none"},
		{"fingerprints as they are spelled only", "DEPLOY", "none"},
		{"no key without fingerprint", "", "none"},
		{"no key with a fingerprint longer than any", strings.Repeat("f", 3000), "none"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for range 2 { // cold and warm
				if got := keyWith(t.Context(), w.reader, row.fingerprint); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
			}
		})
	}
}
