package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

// meanwhile lets somebody else do something right before a transaction is written: so many are written before.
type meanwhile struct {
	table.API
	left int
	do   func()
}

func (m *meanwhile) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	if m.left--; m.left == -1 {
		m.do()
	}
	return m.API.TransactWriteItems(ctx, in, o...)
}

// crowd is one more than come into a group in one transaction.
const crowd = 16

// crowded are as many users, and then rita and gus.
func crowded() []string {
	all := make([]string, 0, crowd+2)
	for i := range crowd {
		all = append(all, fmt.Sprint("m-", i))
	}
	return append(all, "u-rita", "u-gus")
}

// groupRequests are what an identity provider asks of the group Ops, in which rita is.
func groupRequests() map[string]func(ctx context.Context, s *store.Store, id string) error {
	devs := "Devs"
	asked := func(c tenants.SCIMGroupChange) func(context.Context, *store.Store, string) error {
		return func(ctx context.Context, s *store.Store, id string) error { return changeGroup(ctx, s, id, c) }
	}
	return map[string]func(context.Context, *store.Store, string) error{
		"two come":     asked(tenants.SCIMGroupChange{Add: []string{"u-rita", "u-gus"}}),
		"many come":    asked(tenants.SCIMGroupChange{Add: crowded()}),
		"others come":  asked(tenants.SCIMGroupChange{Clear: true, Add: []string{"u-dan"}}),
		"another name": asked(tenants.SCIMGroupChange{DisplayName: &devs}),
		"a second group is made with many": func(ctx context.Context, s *store.Store, _ string) error {
			return createGroup(ctx, s, "Devs", crowded()...)
		},
		"the group goes": deleteGroup,
	}
}

// happenings are what somebody else does to rita, who is a member of acme, to gus, who is none otherwise, or to the group Ops.
func happenings() map[string]func(ctx context.Context, s *store.Store, id string) error {
	renamed, web := "r-2", "Web"
	changed := func(uid string, c tenants.SCIMChange) func(context.Context, *store.Store, string) error {
		return func(ctx context.Context, s *store.Store, _ string) error {
			_, err := change(ctx, s, acme, uid, c)
			return err
		}
	}
	return map[string]func(context.Context, *store.Store, string) error{
		"rita is deactivated":           changed("u-rita", tenants.SCIMChange{Active: &no}),
		"gus is deactivated":            changed("u-gus", tenants.SCIMChange{Active: &no}),
		"rita has another external UID": changed("u-rita", tenants.SCIMChange{ExternUID: &renamed}),
		"rita is deleted":               func(ctx context.Context, s *store.Store, _ string) error { return remove(ctx, s, acme, "u-rita") },
		"gus is deleted":                func(ctx context.Context, s *store.Store, _ string) error { return remove(ctx, s, acme, "u-gus") },
		"all leave": func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, tenants.SCIMGroupChange{Clear: true})
		},
		"the group has another name": func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, tenants.SCIMGroupChange{DisplayName: &web})
		},
		"the group is deleted": deleteGroup,
	}
}

// Whatever happens right before a request writes, whoever is deactivated, deleted or taken out of a group has nothing by it
// afterwards, and everybody else has what the group's name gives.
func TestSomethingHappensWhileAGroupIsChanged(t *testing.T) {
	for name, request := range groupRequests() {
		for happening, happens := range happenings() {
			if !strings.HasSuffix(name, "come") && !strings.HasSuffix(name, "many") && strings.HasPrefix(happening, "gus") {
				continue // whom they do not name
			}
			t.Run(name+", "+happening, func(t *testing.T) {
				t.Parallel()
				for writes, happened := 0, true; happened; writes++ {
					w := newWorld(t, provisioned)
					w.apply(links)
					w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-gus","user_id":16}]}`)
					if strings.Contains(name, "many") {
						w.many(20, crowd)
					}
					happened = w.interleave(writes, request, happens)
					w.sound(fmt.Sprintf("after %d writes", writes))
					for user, gone := range map[gitlab.ID]string{14: "rita is de", 16: "gus is de"} {
						if level := w.level(user, "acme/app"); happened && strings.HasPrefix(happening, gone) && level > gitlab.NoAccess {
							t.Errorf("after %d writes %d holds %d", writes, user, level)
						}
					}
				}
			})
		}
	}
}

// The other way round: somebody comes into a group, or the group has another name, while rita or gus is changed.
func TestAGroupIsChangedWhileSomethingHappens(t *testing.T) {
	requests := groupRequests()
	for happening, happens := range happenings() {
		if !strings.HasPrefix(happening, "rita") && !strings.HasPrefix(happening, "gus") {
			continue
		}
		for _, name := range []string{"two come", "another name"} {
			t.Run(happening+", "+name, func(t *testing.T) {
				t.Parallel()
				for writes, happened := 0, true; happened; writes++ {
					w := newWorld(t, provisioned)
					w.apply(links)
					w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-gus","user_id":16}]}`)
					happened = w.interleave(writes, happens, requests[name])
					w.sound(fmt.Sprintf("after %d writes", writes))
				}
			})
		}
	}
}

// interleave plays a request about a group of rita, during which something happens, and the request again as long as it is a
// conflict. It reports whether it did happen.
func (w *world) interleave(writes int, request, happens func(context.Context, *store.Store, string) error) (happened bool) {
	w.t.Helper()
	g := w.group(acme, "Ops", "u-rita")
	api := &meanwhile{API: w.count.API, left: writes, do: func() {
		happened = true
		if err := happens(w.t.Context(), w.writer, g.ID); err != nil && known(err) != "not found" { // the group may be gone
			w.t.Errorf("what happens: %v", err)
		}
	}}
	s := store.New(api, w.table, time.Now)
	err := request(w.t.Context(), s, g.ID)
	for tries := 0; known(err) == "conflict" && tries < 5; tries++ {
		err = request(w.t.Context(), s, g.ID)
	}
	switch known(err) {
	case "", "not found", "unknown members", "taken":
	default:
		w.t.Errorf("after %d writes: %v", writes, err)
	}
	return happened
}
