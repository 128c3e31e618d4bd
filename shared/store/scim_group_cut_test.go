package store_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

// A thousand members come and go in one request; a request that is cut off anywhere is finished by the same again.
func TestAThousandMembers(t *testing.T) {
	const n = 1000
	w := newWorld(t, provisioned)
	w.many(20, n)
	all := make([]string, n)
	for i := range all {
		all[i] = "m-" + strconv.Itoa(i)
	}
	g := w.group(acme, "Ops", all...)
	if got := w.members(acme, g.ID); len(got) != n {
		t.Errorf("%d members", len(got))
	}
	w.must(w.changeGroup(acme, g.ID, tenants.SCIMGroupChange{Remove: all[:n-1]}))
	if got := w.members(acme, g.ID); !slices.Equal(got, all[n-1:]) {
		t.Errorf("left: %d members", len(got))
	}
	w.sound("in the end")
}

func TestAGroupsRequestThatIsCutOffIsFinishedByTheSameAgain(t *testing.T) {
	ops, devs := "Ops", "Devs"
	uids := []string{"u-dan", "u-rita", "u-mia"}
	rows := []struct {
		name   string
		before []string
		do     func(context.Context, *store.Store, string) error
		want   []string
	}{
		{"create", nil, func(ctx context.Context, s *store.Store, _ string) error {
			_, err := s.CreateSCIMGroup(ctx, acme, tenants.NewSCIMGroup{DisplayName: devs, Members: uids})
			return err
		}, uids},
		{"let in", nil, func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, tenants.SCIMGroupChange{Add: uids})
		}, uids},
		{"let out", uids, func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, tenants.SCIMGroupChange{Clear: true})
		}, nil},
		{"rename", uids, func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, tenants.SCIMGroupChange{DisplayName: &devs})
		}, uids},
		{"delete", uids, func(ctx context.Context, s *store.Store, id string) error {
			if err := deleteGroup(ctx, s, id); !errors.Is(err, table.ErrNotFound) {
				return err
			}
			return nil
		}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for writes := 0; ; writes++ {
				w := newWorld(t, provisioned)
				w.apply(links)
				g := w.group(acme, ops, row.before...)
				cut := store.New(&failing{API: w.count.API, left: writes}, w.table, time.Now)
				first := row.do(t.Context(), cut, g.ID)
				w.sound("cut off after " + strconv.Itoa(writes))
				if again := row.do(t.Context(), w.reader, g.ID); first == nil && row.name == "create" {
					if known(again) != "taken" {
						t.Fatalf("a second group of that name: %v", again)
					}
				} else {
					w.must(again)
				}
				w.sound("done again")
				page, err := w.reader.FindSCIMGroups(t.Context(), acme, tenants.SCIMGroupLookup{DisplayName: devs}, tenants.SCIMMembers{All: true})
				if renamed := row.name == "rename" || row.name == "create"; err != nil || renamed != (page.Total == 1) {
					t.Fatalf("after %d writes: %d groups, %v", writes, page.Total, err)
				}
				if want := map[bool]gitlab.AccessLevel{true: 40, false: 10}[row.name == "let in"]; row.name != "rename" && row.name != "create" && w.level(14, "acme/app") != want {
					t.Fatalf("after %d writes: rita holds %d, want %d", writes, w.level(14, "acme/app"), want)
				}
				if row.want != nil && page.Total == 1 && len(page.Groups[0].Members) != len(row.want) {
					t.Fatalf("after %d writes: %d members", writes, len(page.Groups[0].Members))
				}
				if page.Total == 1 && w.level(14, "acme/app") != 30 {
					t.Fatalf("after %d writes: rita holds %d by the group's new name", writes, w.level(14, "acme/app"))
				}
				if first == nil {
					return
				}
			}
		})
	}
}
