package store_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"postern/shared/store"
	"postern/shared/store/tenants"
)

// scimOperations are the operations of an identity provider.
func scimOperations() map[string]func(context.Context, *store.Store) error {
	d := "d-2"
	return map[string]func(context.Context, *store.Store) error{
		"create": func(ctx context.Context, s *store.Store) error {
			_, err := create(ctx, s, acme, newcomer("zoe"))
			return err
		},
		"create by a taken name": func(ctx context.Context, s *store.Store) error {
			n := newcomer("zoe")
			n.Username = "dan"
			_, err := create(ctx, s, acme, n)
			return err
		},
		"link": func(ctx context.Context, s *store.Store) error {
			n := newcomer("zoe")
			n.Email = "gus@example.com"
			_, err := create(ctx, s, acme, n)
			return err
		},
		"deactivate": func(ctx context.Context, s *store.Store) error {
			_, err := change(ctx, s, acme, "u-dan", tenants.SCIMChange{Active: &no})
			return err
		},
		"deactivate and rename": func(ctx context.Context, s *store.Store) error {
			_, err := change(ctx, s, acme, "u-dan", tenants.SCIMChange{Active: &no, ExternUID: &d})
			return err
		},
		"block": func(ctx context.Context, s *store.Store) error {
			_, err := change(ctx, s, instance, "i-gus", tenants.SCIMChange{Active: &no})
			return err
		},
		"delete":                   func(ctx context.Context, s *store.Store) error { return remove(ctx, s, acme, "u-dan") },
		"delete of the instance's": func(ctx context.Context, s *store.Store) error { return remove(ctx, s, instance, "i-gus") },
		"one of two owners goes":   func(ctx context.Context, s *store.Store) error { return remove(ctx, s, acme, "u-rita") },
	}
}

// owners makes rita an owner beside mia and dan a member of a group.
func owners(w *world) {
	w.apply(`{"members":[{"user_id":14,"namespace_id":20,"access_level":50}]}`)
	w.group(acme, "Ops", "u-dan")
}

// Whichever call fails, the request says that the table does not answer, and nothing is half there: what it was to do is
// either not done at all or done whole.
func TestAnIdentityIsChangedWholeOrNotAtAll(t *testing.T) {
	for name, do := range scimOperations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			owners(w)
			before := image(t, w.dynamodb(), w.table)
			for calls := 0; ; calls++ {
				cut := store.New(&broken{API: w.count.API, left: calls, err: errors.New("connection reset")}, w.table, time.Now)
				err := do(t.Context(), cut)
				if err == nil {
					break
				}
				if known(err) != "unavailable" {
					t.Fatalf("after %d calls: %v", calls, err)
				}
				w.sound("after " + strconv.Itoa(calls) + " calls")
				if image(t, w.dynamodb(), w.table) != before {
					t.Fatalf("after %d calls something is done", calls)
				}
			}
			w.sound("done")
			if image(t, w.dynamodb(), w.table) == before {
				t.Error("nothing is done")
			}
		})
	}
}

// A creation whose answer is lost has happened; the request again finds what it made.
func TestAnAnswerThatIsLostIsNoSecondUser(t *testing.T) {
	w := newWorld(t, provisioned)
	lossy := &lost{API: w.count.API}
	if _, err := create(t.Context(), store.New(lossy, w.table, time.Now), acme, newcomer("zoe")); known(err) != "unavailable" {
		t.Fatalf("the answer was lost: %v", err)
	}
	u := w.create(acme, newcomer("zoe"))
	if u.User.Username != "zoe" {
		t.Errorf("made %s", u.User.Username)
	}
	w.sound("created again")
}

func TestSCIMReadsSayThatTheTableDoesNotAnswer(t *testing.T) {
	w := newWorld(t, provisioned)
	g := w.group(acme, "Ops", "u-dan")
	reads := map[string]func(context.Context, *store.Store) error{
		"LoadSCIMTenant": func(ctx context.Context, s *store.Store) error { _, err := s.LoadSCIMTenant(ctx, acme); return err },
		"LoadSCIMUser": func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadSCIMUser(ctx, acme, "u-dan")
			return err
		},
		"ListSCIMUsers": func(ctx context.Context, s *store.Store) error {
			_, err := s.ListSCIMUsers(ctx, acme, 1, 20)
			return err
		},
		"WalkSCIMUsers": func(ctx context.Context, s *store.Store) error { _, err := s.WalkSCIMUsers(ctx, acme); return err },
		"FindSCIMUsers": func(ctx context.Context, s *store.Store) error {
			_, err := s.FindSCIMUsers(ctx, acme, tenants.SCIMLookup{UserName: "dan"})
			return err
		},
		"LoadSCIMGroup": func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadSCIMGroup(ctx, acme, g.ID, tenants.SCIMMembers{UIDs: []string{"u-dan"}})
			return err
		},
		"ListSCIMGroups": func(ctx context.Context, s *store.Store) error {
			_, err := s.ListSCIMGroups(ctx, acme, 1, 20, tenants.SCIMMembers{All: true})
			return err
		},
		"FindSCIMGroups": func(ctx context.Context, s *store.Store) error {
			_, err := s.FindSCIMGroups(ctx, acme, tenants.SCIMGroupLookup{DisplayName: "Ops"}, tenants.SCIMMembers{})
			return err
		},
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			calls := 0
			for ; calls < 20; calls++ {
				api := &broken{API: w.count.API, left: calls, err: errors.New("connection reset")}
				err := read(t.Context(), store.New(api, w.table, time.Now))
				if err == nil {
					break
				}
				if known(err) != "unavailable" {
					t.Fatalf("after %d calls: %v", calls, err)
				}
			}
			if calls == 0 || calls == 20 {
				t.Errorf("answered after %d calls", calls)
			}
		})
	}
}
