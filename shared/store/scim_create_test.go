package store_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/store/tenants"
)

func TestCreateSCIMUserMakesAUser(t *testing.T) {
	rows := []struct {
		name      string
		access    tenants.SCIMAccess
		edit      func(*tenants.NewSCIMUser)
		username  string
		confirmed bool
		active    bool
		state     gitlab.UserState
		level     gitlab.AccessLevel // in acme or beta
	}{
		{"a member by the group's default role", acme, func(*tenants.NewSCIMUser) {}, "zoe", false, true, gitlab.UserActive, 30},
		{"confirmed in a verified domain", acme, func(n *tenants.NewSCIMUser) { n.Email = "zoe@VERIFIED.example" }, "zoe", true, true, gitlab.UserActive, 30},
		{"not in one that only ends like it", acme, func(n *tenants.NewSCIMUser) { n.Email = "zoe@not.verified.example" }, "zoe", false, true, gitlab.UserActive, 30},
		{"no member with an address that is not allowed", beta, func(*tenants.NewSCIMUser) {}, "zoe", false, true, gitlab.UserActive, 0},
		{"a guest without a default role", beta, func(n *tenants.NewSCIMUser) { n.Email = "zoe@beta.example" }, "zoe", false, true, gitlab.UserActive, 10},
		{"inactive", acme, func(n *tenants.NewSCIMUser) { n.Active = false }, "zoe", false, false, gitlab.UserActive, 0},
		{"a username that is taken", acme, func(n *tenants.NewSCIMUser) { n.Username = "dan" }, "dan1", false, true, gitlab.UserActive, 30},
		{"without regard to case", acme, func(n *tenants.NewSCIMUser) { n.Username = "DAN" }, "DAN1", false, true, gitlab.UserActive, 30},
		{"a username that is a group's path", acme, func(n *tenants.NewSCIMUser) { n.Username = "plain" }, "plain1", false, true, gitlab.UserActive, 30},
		{"an address as username", acme, func(n *tenants.NewSCIMUser) { n.Username = "zoe.x@new.example" }, "zoe.x", false, true, gitlab.UserActive, 30},
		{"nothing left of a username", acme, func(n *tenants.NewSCIMUser) { n.Username = "@" }, "blank", false, true, gitlab.UserActive, 30},
		{"with the instance", instance, func(*tenants.NewSCIMUser) {}, "zoe", false, true, gitlab.UserActive, 0},
		{"inactive with the instance", instance, func(n *tenants.NewSCIMUser) { n.Active = false }, "zoe", false, false, gitlab.UserBlocked, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			n := newcomer("zoe")
			row.edit(&n)
			u := w.create(row.access, n)
			if u.User.ID <= record.FirstID || u.User.Username != row.username || u.User.Email != n.Email || u.User.Name != n.Name {
				t.Errorf("made %+v", u.User)
			}
			if (u.User.ConfirmedAt != nil) != row.confirmed || u.Active() != row.active || u.User.State != row.state {
				t.Errorf("confirmed %v, active %t, %s", u.User.ConfirmedAt, u.Active(), u.User.State)
			}
			if group := row.access.GroupPath; group != "" && w.level(u.User.ID, group+"/fresh") != row.level {
				t.Errorf("level %d", w.level(u.User.ID, group+"/fresh"))
			}
			if by := u.User.ProvisionedByGroupID; (by == nil) != row.access.Instance {
				t.Errorf("provisioned by %v", by)
			}
			found := w.user(row.access, "zoe")
			if found.Version != u.Version || found.User.Username != u.User.Username || found.Active() != u.Active() {
				t.Errorf("loaded %+v, made %+v", found, u)
			}
			w.sound("created")
		})
	}
}

func TestCreateSCIMUserLinksAUser(t *testing.T) {
	rows := []struct {
		name   string
		before func(*world)
		access tenants.SCIMAccess
		edit   func(*tenants.NewSCIMUser)
		user   gitlab.ID
		want   string
		level  gitlab.AccessLevel // in acme
	}{
		{name: "a confirmed address", access: acme, edit: address("gus@example.com"), user: 16, level: 30},
		{name: "an address without regard to case", access: acme, edit: address("GUS@example.com"), user: 16, level: 30},
		{name: "a member keeps the role", before: func(w *world) {
			w.apply(`{"members":[{"user_id":16,"namespace_id":20,"access_level":40}]}`)
		}, access: acme, edit: address("gus@example.com"), user: 16, level: 40},
		{name: "an invitation becomes a membership", before: func(w *world) {
			w.apply(`{"members":[{"user_id":16,"namespace_id":20,"access_level":40,"awaiting":true}]}`)
		}, access: acme, edit: address("gus@example.com"), user: 16, level: 30},
		{name: "inactive", access: acme, edit: func(n *tenants.NewSCIMUser) { n.Email, n.Active = "gus@example.com", false }, user: 16},
		{name: "a user who is linked already", access: acme, edit: address("rita@example.com"), want: "taken"},
		{name: "a user of another tenant", access: beta, edit: address("rita@example.com"), user: 14},
		{name: "a user who is linked, and inactive", before: func(w *world) {
			w.change(acme, "u-rita", tenants.SCIMChange{Active: &no})
		}, access: acme, edit: address("rita@example.com"), want: "taken"},
		{name: "a user whose identity was deleted", before: func(w *world) { w.delete(acme, "u-rita") }, access: acme, edit: address("rita@example.com"), user: 14, level: 30},
		{name: "an address that is not confirmed", access: acme, edit: address("new@example.com"), want: "taken"},
		{name: "a bot", access: acme, edit: address("robot@example.com"), want: "taken"},
		{name: "somebody whom an administrator blocked", access: instance, edit: address("eve@example.com"), user: 19},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			if row.before != nil {
				row.before(w)
			}
			n := newcomer("other")
			row.edit(&n)
			u, err := create(t.Context(), w.reader, row.access, n)
			if known(err) != row.want {
				t.Fatalf("%v, want %q", err, row.want)
			}
			w.sound("linked")
			if err != nil {
				return
			}
			if u.User.ID != row.user || u.User.ProvisionedByGroupID != nil || u.Identity.ExternUID != "other" {
				t.Errorf("linked %+v of %+v", u.Identity, u.User)
			}
			if row.access.GroupPath == "acme" && w.level(row.user, "acme/app") != row.level {
				t.Errorf("level %d, want %d", w.level(row.user, "acme/app"), row.level)
			}
		})
	}
}

func address(email string) func(*tenants.NewSCIMUser) {
	return func(n *tenants.NewSCIMUser) { n.Email = email }
}

func TestCreateSCIMUserFindsAnIdentity(t *testing.T) {
	rows := []struct {
		name   string
		before func(*world)
		access tenants.SCIMAccess
		uid    string
		active bool // asked for
		user   gitlab.ID
		is     bool
		want   string
	}{
		{name: "active: it stays as it is", access: acme, uid: "u-dan", active: true, user: 13, is: true},
		{name: "active, to be made inactive: it stays as it is", access: acme, uid: "u-dan", user: 13, is: true},
		{name: "inactive: it comes back", before: func(w *world) { w.change(acme, "u-dan", tenants.SCIMChange{Active: &no}) }, access: acme, uid: "u-dan", active: true, user: 13, is: true},
		{name: "inactive, to be made so", before: func(w *world) { w.change(acme, "u-dan", tenants.SCIMChange{Active: &no}) }, access: acme, uid: "u-dan", user: 13},
		{name: "deleted: it comes back", before: func(w *world) { w.delete(acme, "u-dan") }, access: acme, uid: "u-dan", active: true, user: 13, is: true},
		{name: "deleted, to be made inactive", before: func(w *world) { w.delete(acme, "u-dan") }, access: acme, uid: "u-dan", user: 13},
		{name: "the instance's, blocked by SCIM", before: func(w *world) { w.change(instance, "i-gus", tenants.SCIMChange{Active: &no}) }, access: instance, uid: "i-gus", active: true, user: 16, is: true},
		{name: "the instance's, blocked by an administrator", before: func(w *world) { w.apply(`{"users":[{"id":16,"state":"blocked"}]}`) }, access: instance, uid: "i-gus", active: true, want: "blocked"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			if row.before != nil {
				row.before(w)
			}
			n := newcomer(row.uid)
			n.Active = row.active
			u, err := create(t.Context(), w.reader, row.access, n)
			if known(err) != row.want {
				t.Fatalf("%v, want %q", err, row.want)
			}
			w.sound("created again")
			if err != nil {
				return
			}
			if u.User.ID != row.user || u.Active() != row.is || u.Identity.Deleted {
				t.Errorf("%+v, active %t", u.Identity, u.Active())
			}
			if again := w.create(row.access, n); again.Version != u.Version {
				t.Errorf("created again, it is %s and was %s", again.Version, u.Version)
			}
		})
	}
}

// The ids in a directory that was moved here are beyond the counter of a new table.
func TestCreateSCIMUserPassesIDsThatAreThere(t *testing.T) {
	w := newWorld(t, provisioned)
	for id := range int64(40) {
		user := gitlab.DefaultUser()
		user.ID, user.Username, user.Email = record.FirstID+1+id, "u"+string(rune('a'+id%26))+string(rune('a'+id/26)), string(rune('a'+id%26))+string(rune('a'+id/26))+"@x"
		w.put(record.UserRecord(&user))
	}
	if u := w.create(acme, newcomer("zoe")); u.User.ID <= record.FirstID+40 {
		t.Errorf("made user %d", u.User.ID)
	}
}
