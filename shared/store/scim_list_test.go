package store_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

func TestListSCIMUsers(t *testing.T) {
	w := newWorld(t, provisioned)
	rows := []struct {
		name         string
		access       tenants.SCIMAccess
		start, count int
		want         []string
		total        int
	}{
		{"all", acme, 1, 20, []string{"u-dan", "u-rita", "u-mia"}, 3},
		{"from before the first", acme, -5, 20, []string{"u-dan", "u-rita", "u-mia"}, 3},
		{"the third only", acme, 3, 1, []string{"u-mia"}, 3},
		{"none wanted", acme, 1, 0, nil, 3},
		{"less than none", acme, 1, -1, nil, 3},
		{"behind the last", acme, 4, 20, nil, 3},
		{"far behind it", acme, 1 << 62, 20, nil, 3},
		{"of a tenant without any", beta, 1, 20, nil, 0},
		{"the instance's", instance, 1, 20, []string{"i-gus"}, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			page, err := w.reader.ListSCIMUsers(t.Context(), row.access, row.start, row.count)
			if err != nil || page.Total != row.total || !slices.Equal(uids(page.Users), row.want) {
				t.Errorf("%q of %d, %v; want %q of %d", uids(page.Users), page.Total, err, row.want, row.total)
			}
		})
	}
}

// The list is that of a model, whatever was created, deleted and changed before, in however many blocks.
func TestTheListIsThatOfAModel(t *testing.T) {
	w := newWorld(t, provisioned)
	ctx, s, round := t.Context(), w.reader, 0
	check := func(r *rapid.T, err error) {
		if err != nil {
			r.Fatalf("%v", err)
		}
	}
	anew := func() {
		w.apply(`{"remove":{"namespaces":[{"id":21}]}}`)
		w.apply(`{"namespaces":[{"id":21,"kind":"group","path":"beta","saml_sso_url":"https://idp.example.com"}],
			"scim_tokens":[{"namespace_id":21,"token":"scim-beta"}]}`)
	}
	rapid.Check(t, func(r *rapid.T) {
		round++
		anew()
		var order, present []string // as created; those that are not deleted
		keep := func() {
			present = present[:0]
			for _, uid := range order {
				if u, err := s.LoadSCIMUser(ctx, beta, uid); err == nil && !u.Identity.Deleted {
					present = append(present, uid)
				}
			}
		}
		one := func(list []string) string { return rapid.SampledFrom(list).Draw(r, "uid") }
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			switch step := rapid.IntRange(0, 5).Draw(r, "step"); {
			case step <= 2 || len(present) == 0:
				uid := fmt.Sprintf("r%d-%d", round, len(order))
				_, err := create(ctx, s, beta, newcomer(uid))
				check(r, err)
				order = append(order, uid)
			case step == 3:
				check(r, remove(ctx, s, beta, one(present)))
			case step == 4:
				_, err := change(ctx, s, beta, one(present), tenants.SCIMChange{Active: &no})
				check(r, err)
			default:
				_, err := change(ctx, s, beta, one(order), tenants.SCIMChange{Active: &yes})
				check(r, err)
			}
			keep()
		}
		start, count := rapid.IntRange(1, len(order)+1).Draw(r, "start"), rapid.IntRange(0, len(order)+1).Draw(r, "count")
		page, err := s.ListSCIMUsers(ctx, beta, start, count)
		check(r, err)
		from := min(start-1, len(present))
		want := present[from:min(from+count, len(present))]
		if page.Total != len(present) || !slices.Equal(uids(page.Users), want) {
			r.Fatalf("from %d at most %d: %q of %d, want %q of %d", start, count, uids(page.Users), page.Total, want, len(present))
		}
		all, err := s.WalkSCIMUsers(ctx, beta)
		check(r, err)
		if !slices.Equal(uids(all.Users), present) {
			r.Fatalf("all: %q, want %q", uids(all.Users), present)
		}
	})
	w.sound("after all rounds")
}

// many gives a tenant identities, with a user for every hundred of them so that it is quick.
func (w *world) many(namespace gitlab.ID, n int) {
	w.t.Helper()
	users := make(l, 0, n)
	identities := make(l, 0, n)
	for i := range n {
		name := "many" + strconv.Itoa(i)
		users = append(users, m{"id": 10_000 + i, "username": name, "name": name, "email": name + "@many.example"})
		identities = append(identities, m{"namespace_id": namespace, "extern_uid": "m-" + strconv.Itoa(i), "user_id": 10_000 + i})
	}
	mustApply(w.t, w.count.API, w.table, m{"users": users, "scim_identities": identities})
}

// Two documents of one moment do not take each other's places.
func TestDocumentsOfOneMomentListAllTheirIdentities(t *testing.T) {
	w := newWorld(t, provisioned)
	for _, identity := range []m{{"extern_uid": "u-gus", "user_id": 16}, {"extern_uid": "u-eve", "user_id": 19}, {"extern_uid": "u-robot", "user_id": 18}} {
		identity["namespace_id"] = 21
		mustApply(t, w.count.API, w.table, m{"scim_identities": l{identity}}) // at the same index, by a clock that stands still
	}
	page, err := w.reader.ListSCIMUsers(t.Context(), beta, 1, 20)
	if got := strings.Join(uids(page.Users), " "); err != nil || got != "u-gus u-robot u-eve" { // of one moment in the order of users
		t.Errorf("listed %q of %d, %v", got, page.Total, err)
	}
	w.sound("in the end")
}

// Pages over several blocks follow each other without a gap, in the order of the document, and cost the same wherever they
// begin.
func TestPagesOfALongList(t *testing.T) {
	w := newWorld(t, provisioned)
	const n = 700
	w.many(21, n)
	seen := 0
	for start := 1; start <= n; start += 90 {
		calls := called(t, func(ctx context.Context) error {
			page, err := w.reader.ListSCIMUsers(ctx, beta, start, 90)
			if err == nil && (page.Total != n || len(page.Users) != min(90, n-start+1)) {
				t.Errorf("from %d: %d of %d", start, len(page.Users), page.Total)
			}
			seen += len(page.Users)
			return err
		})
		if start > 1 && calls > 3 {
			t.Errorf("from %d: %d calls", start, calls)
		}
	}
	if seen != n {
		t.Errorf("%d on all pages", seen)
	}
	all, err := w.reader.WalkSCIMUsers(t.Context(), beta)
	if err != nil || all.Total != n {
		t.Fatalf("%d of %d, %v", all.Total, n, err)
	}
	for _, uid := range []string{"m-0", "m-300", "m-699"} {
		w.delete(beta, uid)
	}
	page, err := w.reader.ListSCIMUsers(t.Context(), beta, n-3, 20)
	if want := uids(all.Users)[n-2 : n]; err != nil || page.Total != n-3 || len(page.Users) != 1 || slices.Contains(want, "m-699") == (page.Users[0].Identity.ExternUID == "m-699") {
		t.Errorf("after deletions: %q of %d, %v", uids(page.Users), page.Total, err)
	}
	w.sound("after deletions")
}

func TestWalkSCIMUsersIsBounded(t *testing.T) {
	w := newWorld(t, provisioned)
	counts := countsOf("21", tenants.SCIMWalk+1)
	w.putItem(table.Text(counts, "pk"), table.Text(counts, "sk"), counts)
	if _, err := w.reader.WalkSCIMUsers(t.Context(), beta); known(err) != "too many" {
		t.Errorf("got %v", err)
	}
}

func TestSCIMBudgets(t *testing.T) {
	w := newWorld(t, provisioned)
	ctx, s := t.Context(), w.reader
	for _, a := range []tenants.SCIMAccess{acme, instance} { // ids are set aside with the first one
		if _, err := create(ctx, s, a, newcomer("first"+a.GroupPath)); err != nil {
			t.Fatal(err)
		}
	}
	rows := []struct {
		name       string
		do         func(context.Context, *store.Store, int) error
		cold, warm int
	}{
		{"get", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.LoadSCIMUser(ctx, acme, "u-dan")
			return err
		}, 3, 1},
		{"get of the instance", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.LoadSCIMUser(ctx, instance, "i-gus")
			return err
		}, 2, 1},
		{"list", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.ListSCIMUsers(ctx, acme, 1, 20)
			return err
		}, 4, 3},
		{"list of the instance", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.ListSCIMUsers(ctx, instance, 1, 20)
			return err
		}, 3, 3},
		{"how many", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.ListSCIMUsers(ctx, acme, 1, 0)
			return err
		}, 2, 1},
		{"find by external UID", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.FindSCIMUsers(ctx, acme, tenants.SCIMLookup{UID: "u-dan"})
			return err
		}, 3, 1},
		{"find by username", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.FindSCIMUsers(ctx, acme, tenants.SCIMLookup{UserName: "dan"})
			return err
		}, 3, 2},
		{"find nobody", func(ctx context.Context, s *store.Store, _ int) error {
			_, err := s.FindSCIMUsers(ctx, acme, tenants.SCIMLookup{UserName: "nobody"})
			return err
		}, 2, 1},
		{"create", func(ctx context.Context, s *store.Store, i int) error {
			_, err := create(ctx, s, acme, newcomer("c"+strconv.Itoa(i)))
			return err
		}, 4, 2},
		{"change of the instance", func(ctx context.Context, s *store.Store, i int) error {
			active := i%2 == 1
			_, err := change(ctx, s, instance, "i-gus", tenants.SCIMChange{Active: &active})
			return err
		}, 3, 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for i, most := range []int{row.cold, row.warm} {
				if calls := called(t, func(ctx context.Context) error { return row.do(ctx, w.reader, i) }); calls > most {
					t.Errorf("request %d: %d calls, want at most %d", i+1, calls, most)
				}
			}
		})
	}
}
