package store_test

import (
	"slices"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
	"postern/shared/store/tenants"
)

func TestDeactivatingAGroupsIdentity(t *testing.T) {
	w := newWorld(t, provisioned)
	before := w.user(acme, "u-dan")
	changed := w.change(acme, "u-dan", tenants.SCIMChange{Active: &no})
	if changed.Active() || changed.Version == before.Version || changed.User.State != gitlab.UserActive {
		t.Errorf("active %t, %s; version %s was %s", changed.Active(), changed.User.State, changed.Version, before.Version)
	}
	if now := w.user(acme, "u-dan"); now.Version != changed.Version || now.Active() {
		t.Errorf("loaded %+v, changed to %+v", now, changed)
	}
	for _, path := range []string{"acme/app", "acme/web/deep"} {
		if level := w.level(13, path); level != gitlab.NoAccess {
			t.Errorf("holds %d in %s", level, path)
		}
	}
	if level := w.level(13, "plain/other"); level != gitlab.Developer {
		t.Errorf("holds %d in another group", level)
	}
	c, err := w.writer.LoadPushContext(t.Context(), lookup.PushQuery{Actor: byKey(101), Path: "acme/app"})
	if err != nil || c.SSOSession {
		t.Errorf("still signed in through the group's provider: %t, %v", c.SSOSession, err)
	}
	w.sound("deactivated")
	if back := w.change(acme, "u-dan", tenants.SCIMChange{Active: &yes}); !back.Active() || w.level(13, "acme/app") != 30 || w.level(13, "acme/web/deep") != 30 {
		t.Errorf("active %t with %d and %d", back.Active(), w.level(13, "acme/app"), w.level(13, "acme/web/deep"))
	}
	w.sound("reactivated")
}

func TestBlockingAnInstancesUser(t *testing.T) {
	w := newWorld(t, provisioned)
	blocked := w.change(instance, "i-gus", tenants.SCIMChange{Active: &no})
	if blocked.Active() || blocked.User.State != gitlab.UserBlocked || !blocked.Identity.Active {
		t.Errorf("active %t, %s, linked %t", blocked.Active(), blocked.User.State, blocked.Identity.Active)
	}
	if actor, err := w.writer.LoadActor(t.Context(), byUser(16)); err != nil || actor.User.State != gitlab.UserBlocked {
		t.Errorf("the next request sees %+v, %v", actor.User, err)
	}
	if back := w.change(instance, "i-gus", tenants.SCIMChange{Active: &yes}); !back.Active() || back.User.State != gitlab.UserActive {
		t.Errorf("active %t, %s", back.Active(), back.User.State)
	}
	w.sound("back")
}

func TestChangeSCIMUser(t *testing.T) {
	text := func(s string) *string { return &s }
	state := func(s string) func(*world) {
		return func(w *world) { w.apply(`{"users":[{"id":16,"state":"` + s + `"}]}`) }
	}
	rows := []struct {
		name   string
		before func(*world)
		access tenants.SCIMAccess
		uid    string
		change tenants.SCIMChange
		want   string
		active bool
	}{
		{name: "nothing", access: acme, uid: "u-dan", active: true},
		{name: "active already", access: acme, uid: "u-dan", change: tenants.SCIMChange{Active: &yes}, active: true},
		{name: "another external UID", access: acme, uid: "u-dan", change: tenants.SCIMChange{ExternUID: text("1234abcd")}, active: true},
		{name: "the same external UID", access: acme, uid: "u-dan", change: tenants.SCIMChange{ExternUID: text("u-dan")}, active: true},
		{name: "another and inactive at once", access: acme, uid: "u-dan", change: tenants.SCIMChange{Active: &no, ExternUID: text("x")}},
		{name: "an external UID that is another's", access: acme, uid: "u-dan", change: tenants.SCIMChange{ExternUID: text("u-rita")}, want: "taken"},
		{name: "that of one which was deleted", before: func(w *world) { w.delete(acme, "u-rita") }, access: acme, uid: "u-dan", change: tenants.SCIMChange{ExternUID: text("u-rita")}, want: "taken"},
		{name: "that of another tenant", access: acme, uid: "u-dan", change: tenants.SCIMChange{ExternUID: text("i-gus")}, active: true},
		{name: "the last owner", access: acme, uid: "u-mia", change: tenants.SCIMChange{Active: &no}, want: "last owner"},
		{name: "one of two owners", before: func(w *world) {
			w.apply(`{"members":[{"user_id":16,"namespace_id":20,"access_level":50}]}`)
		}, access: acme, uid: "u-mia", change: tenants.SCIMChange{Active: &no}},
		{name: "an owner beside one who is blocked", before: func(w *world) {
			w.apply(`{"members":[{"user_id":19,"namespace_id":20,"access_level":50}]}`)
		}, access: acme, uid: "u-mia", change: tenants.SCIMChange{Active: &no}, want: "last owner"},
		{name: "an owner beside one who is only invited", before: func(w *world) {
			w.apply(`{"members":[{"user_id":16,"namespace_id":20,"access_level":50,"awaiting":true}]}`)
		}, access: acme, uid: "u-mia", change: tenants.SCIMChange{Active: &no}, want: "last owner"},
		{name: "one that is deleted", before: func(w *world) { w.delete(acme, "u-dan") }, access: acme, uid: "u-dan", change: tenants.SCIMChange{Active: &no}, want: "not found"},
		{name: "one that is deleted, another external UID", before: func(w *world) { w.delete(acme, "u-dan") }, access: acme, uid: "u-dan", change: tenants.SCIMChange{ExternUID: text("x")}, want: "not found"},
		{name: "one that is deleted comes back", before: func(w *world) { w.delete(acme, "u-dan") }, access: acme, uid: "u-dan", change: tenants.SCIMChange{Active: &yes}, active: true},
		{name: "blocked by an administrator", before: state("blocked"), access: instance, uid: "i-gus", change: tenants.SCIMChange{Active: &yes}, want: "blocked"},
		{name: "blocked by SCIM and then by an administrator", before: func(w *world) {
			w.change(instance, "i-gus", tenants.SCIMChange{Active: &no})
			state("blocked")(w)
		}, access: instance, uid: "i-gus", change: tenants.SCIMChange{Active: &yes}, want: "blocked"},
		{name: "banned", before: state("banned"), access: instance, uid: "i-gus", change: tenants.SCIMChange{Active: &yes}, want: "blocked"},
		{name: "blocked by SCIM and freed by an administrator", before: func(w *world) {
			w.change(instance, "i-gus", tenants.SCIMChange{Active: &no})
			state("active")(w)
		}, access: instance, uid: "i-gus", active: true},
		{name: "the instance's last owner of a group", access: instance, uid: "i-gus", change: tenants.SCIMChange{Active: &no}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			if row.before != nil {
				row.before(w)
			}
			u := w.user(row.access, row.uid)
			changed, err := w.reader.ChangeSCIMUser(t.Context(), row.access, u, row.change)
			if known(err) != row.want {
				t.Fatalf("%v, want %q", err, row.want)
			}
			w.sound("changed")
			uid := row.uid
			if err == nil && row.change.ExternUID != nil {
				uid = *row.change.ExternUID
			}
			now := w.user(row.access, uid)
			switch {
			case err != nil && now.Version != u.Version:
				t.Errorf("refused, and it changed: %+v", now)
			case err == nil && (now.Version != changed.Version || now.Active() != row.active || now.User.ID != u.User.ID):
				t.Errorf("it is %+v of %d, version %s; changed to %s", now.Identity, now.User.ID, now.Version, changed.Version)
			}
		})
	}
}

func TestAnIdentityThatChangedSinceIsAConflict(t *testing.T) {
	rows := []struct {
		name    string
		between func(*world)
		access  tenants.SCIMAccess
		uid     string
	}{
		{"by SCIM", func(w *world) { w.change(acme, "u-dan", tenants.SCIMChange{Active: &no}) }, acme, "u-dan"},
		{"by a document", func(w *world) {
			w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-dan","active":false}]}`)
		}, acme, "u-dan"},
		{"the membership", func(w *world) { w.apply(`{"members":[{"user_id":13,"namespace_id":20,"access_level":40}]}`) }, acme, "u-dan"},
		{"the user", func(w *world) { w.apply(`{"users":[{"id":16,"state":"blocked"}]}`) }, instance, "i-gus"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			u := w.user(row.access, row.uid)
			row.between(w)
			if _, err := w.reader.ChangeSCIMUser(t.Context(), row.access, u, tenants.SCIMChange{Active: &no}); known(err) != "conflict" {
				t.Errorf("changed: %v", err)
			}
			if err := w.reader.DeleteSCIMUser(t.Context(), row.access, u); known(err) != "conflict" {
				t.Errorf("deleted: %v", err)
			}
			w.sound("refused")
		})
	}
}

func TestDeleteSCIMUser(t *testing.T) {
	rows := []struct {
		name   string
		access tenants.SCIMAccess
		uid    string
		want   string
		state  gitlab.UserState
	}{
		{"a group's", acme, "u-rita", "", gitlab.UserActive},
		{"the last owner", acme, "u-mia", "last owner", gitlab.UserActive},
		{"the instance's", instance, "i-gus", "", gitlab.UserBlocked},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			before := w.user(row.access, row.uid)
			if err := remove(t.Context(), w.reader, row.access, row.uid); known(err) != row.want {
				t.Fatalf("%v, want %q", err, row.want)
			}
			w.sound("deleted")
			u := w.user(row.access, row.uid)
			page, err := w.reader.ListSCIMUsers(t.Context(), row.access, 1, 20)
			if listed := slices.Contains(uids(page.Users), row.uid); err != nil || u.Identity.Deleted == listed || u.User.State != row.state {
				t.Errorf("deleted %t, listed %t, %s, %v", u.Identity.Deleted, listed, u.User.State, err)
			}
			if row.want != "" {
				return
			}
			if err := w.reader.DeleteSCIMUser(t.Context(), row.access, u); known(err) != "not found" {
				t.Errorf("deleted again: %v", err)
			}
			if back := w.create(row.access, newcomer(row.uid)); back.User.ID != before.User.ID || !back.Active() {
				t.Errorf("created again, it is %+v", back)
			}
			w.sound("created again")
		})
	}
}

// Somebody with more memberships than fit one transaction loses them all, the identity last.
func TestDeactivatingSomebodyWithManyMemberships(t *testing.T) {
	w := newWorld(t, provisioned)
	var projects, members l
	for i := range 70 {
		projects = append(projects, m{"id": 1000 + i, "namespace_id": 23, "path": "p" + string(rune('a'+i%26)) + string(rune('a'+i/26))})
		members = append(members, m{"user_id": 13, "project_id": 1000 + i, "access_level": 30})
	}
	mustApply(t, w.count.API, w.table, m{"projects": projects, "members": members})
	w.change(acme, "u-dan", tenants.SCIMChange{Active: &no})
	w.sound("deactivated")
	for _, path := range []string{"acme/web/paa", "acme/web/prc"} {
		if level := w.level(13, path); level != gitlab.NoAccess {
			t.Errorf("holds %d in %s", level, path)
		}
	}
}
