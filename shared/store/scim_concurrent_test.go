package store_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"postern/shared/store"
	"postern/shared/store/tenants"
)

// many creations at once, each through a process of its own, and how each of them ended.
func (w *world) createAtOnce(n int, a tenants.SCIMAccess, of func(int) tenants.NewSCIMUser) (made []tenants.SCIMUser, refused map[string]int) {
	w.t.Helper()
	var wg sync.WaitGroup
	users, errs := make([]tenants.SCIMUser, n), make([]error, n)
	shared := []*store.Store{store.New(w.count.API, w.table, time.Now), store.New(w.count.API, w.table, time.Now), store.New(w.count.API, w.table, time.Now)}
	for i := range n {
		wg.Go(func() { users[i], errs[i] = create(context.Background(), shared[i%len(shared)], a, of(i)) })
	}
	wg.Wait()
	refused = map[string]int{}
	for i, err := range errs {
		if err != nil {
			refused[known(err)]++
			continue
		}
		made = append(made, users[i])
	}
	return made, refused
}

func TestTwoHundredCreationsAtOnce(t *testing.T) {
	const n = 200
	rows := []struct {
		name       string
		of         func(int) tenants.NewSCIMUser
		made       int // answers that are not refusals
		users      int
		identities int
	}{
		{"of one external UID make one user, and every answer is that user", func(int) tenants.NewSCIMUser { return newcomer("one") }, n, 1, 1},
		{"of one user name and address make one user, and the others are refused", func(i int) tenants.NewSCIMUser {
			x := newcomer("one")
			x.ExternUID = "x-" + strconv.Itoa(i)
			return x
		}, 1, 1, 1},
		{"of one user name and many addresses make many users with names of their own", func(i int) tenants.NewSCIMUser {
			x := newcomer("one")
			x.ExternUID, x.Email = "x-"+strconv.Itoa(i), "x"+strconv.Itoa(i)+"@new.example"
			return x
		}, n, n, n},
		{"of different users make them all", func(i int) tenants.NewSCIMUser { return newcomer("x-" + strconv.Itoa(i)) }, n, n, n},
		{"for one user there is link one identity", func(i int) tenants.NewSCIMUser {
			x := newcomer("x-" + strconv.Itoa(i))
			x.Email = "gus@example.com"
			return x
		}, 1, 1, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, provisioned)
			made, refused := w.createAtOnce(n, acme, row.of)
			if len(made) != row.made || refused["taken"] != n-row.made || len(made)+refused["taken"] != n {
				t.Errorf("%d made, refused %v", len(made), refused)
			}
			users, names := map[int64]bool{}, map[string]bool{}
			for i := range made {
				users[made[i].User.ID], names[made[i].User.Username] = true, true
			}
			if len(users) != row.users || len(names) != row.users {
				t.Errorf("%d users with %d names, want %d", len(users), len(names), row.users)
			}
			page, err := w.reader.ListSCIMUsers(t.Context(), acme, 1, 0)
			if err != nil || page.Total != 3+row.identities {
				t.Errorf("%d identities, %v; want 3 more than %d", page.Total, err, row.identities)
			}
			w.sound("in the end")
		})
	}
}

// Of two owners who are deactivated at once, one stays, every time.
func TestTwoOwnersDoNotGoAtOnce(t *testing.T) {
	w := newWorld(t, provisioned)
	w.apply(`{"members":[{"user_id":14,"namespace_id":20,"access_level":50}]}`)
	for round := range 10 {
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, uid := range []string{"u-mia", "u-rita"} {
			s := store.New(w.count.API, w.table, time.Now)
			wg.Go(func() {
				for {
					if _, errs[i] = change(context.Background(), s, acme, uid, tenants.SCIMChange{Active: &no}); known(errs[i]) != "conflict" {
						return
					}
				}
			})
		}
		wg.Wait()
		left := map[string]int{}
		for _, err := range errs {
			left[known(err)]++
		}
		if left[""] != 1 || left["last owner"] != 1 {
			t.Fatalf("round %d: %v", round, errs)
		}
		w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-mia","active":true},{"namespace_id":20,"extern_uid":"u-rita","active":true}],
			"members":[{"user_id":14,"namespace_id":20,"access_level":50},{"user_id":15,"namespace_id":20,"access_level":50}]}`)
	}
	w.sound("in the end")
}

// Members who come and go at once, in several groups, are noted right in the end.
func TestGroupsAreChangedAtOnce(t *testing.T) {
	w := newWorld(t, provisioned)
	w.apply(links)
	ops, devs := w.group(acme, "Ops"), w.group(acme, "Devs")
	var wg sync.WaitGroup
	errs := make([]error, 24)
	for i := range errs {
		id, c := ops.ID, tenants.SCIMGroupChange{Add: []string{"u-rita", "u-dan"}}
		if i%2 == 1 {
			id = devs.ID
		}
		s := store.New(w.count.API, w.table, time.Now)
		wg.Go(func() {
			for {
				if errs[i] = changeGroup(context.Background(), s, id, c); known(errs[i]) != "conflict" {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Errorf("%v", err)
		}
	}
	for _, g := range []tenants.SCIMGroup{ops, devs} {
		if got := w.members(acme, g.ID); len(got) != 2 {
			t.Errorf("%s has %q", g.DisplayName, got)
		}
	}
	if level := w.level(14, "acme/app"); level != 40 {
		t.Errorf("rita holds %d", level)
	}
	w.sound("in the end")
}
