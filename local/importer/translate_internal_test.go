package importer

import (
	"encoding/json"
	"reflect"
	"testing"

	api "gitlab.com/gitlab-org/api/client-go"
	"pgregory.net/rapid"
)

func TestStates(t *testing.T) {
	for given, want := range map[string]string{
		"active": "active", "blocked": "blocked", "banned": "banned", "deactivated": "deactivated",
		"blocked_pending_approval": "blocked_pending_approval", "ldap_blocked": "blocked", "": "blocked", "new": "blocked",
	} {
		if got := state(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestUserTypes(t *testing.T) {
	rows := []struct {
		user api.User
		want string
	}{
		{api.User{Username: "ada"}, "human"},
		{api.User{Username: "service_account_of_ada"}, "human"},
		{api.User{Username: "project_1_bot", Bot: true}, "project_bot"},
		{api.User{Username: "service_account_0a", Bot: true}, "service_account"},
	}
	for _, row := range rows {
		if got := (&person{User: row.user}).userType(); got != row.want {
			t.Errorf("%s: %s, want %s", row.user.Username, got, row.want)
		}
	}
}

func TestProtectionOfNewProjects(t *testing.T) {
	rows := []struct {
		name, group string
		want        int64 // -1: nil
	}{
		{"the number", `{"default_branch_protection":0}`, 0},
		{"the number has precedence", `{"default_branch_protection":3,"default_branch_protection_defaults":{"allow_force_push":true}}`, 3},
		{"neither", `{}`, -1},
		{"full push access", `{"default_branch_protection_defaults":{"allowed_to_push":[{"access_level":30}],"allowed_to_merge":[{"access_level":30}],"allow_force_push":true}}`, 0},
		{"no force pushes", `{"default_branch_protection_defaults":{"allowed_to_push":[{"access_level":30}],"allowed_to_merge":[{"access_level":40}]}}`, 1},
		{"maintainers", `{"default_branch_protection_defaults":{"allowed_to_push":[{"access_level":40}],"allowed_to_merge":[{"access_level":40}]}}`, 2},
		{"developers merge", `{"default_branch_protection_defaults":{"allowed_to_push":[{"access_level":40}],"allowed_to_merge":[{"access_level":30}]}}`, 3},
		{"developers make the first push", `{"default_branch_protection_defaults":{"allowed_to_push":[{"access_level":40}],"developer_can_initial_push":true}}`, 4},
		{"no pushes", `{"default_branch_protection_defaults":{"allowed_to_push":[{"access_level":0}],"allowed_to_merge":[]}}`, 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var g group
			if err := json.Unmarshal([]byte(row.group), &g); err != nil {
				t.Fatal(err)
			}
			got := int64(-1)
			if p := g.protection(); p != nil {
				got = *p
			}
			if got != row.want {
				t.Errorf("%d, want %d", got, row.want)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	for given, want := range map[int64]int64{0: 0, 5: 0, 10: 10, 15: 15, 17: 15, 20: 20, 30: 30, 40: 40, 50: 50, 99: 50} {
		if got := level(given); got != want {
			t.Errorf("membership %d: %d, want %d", given, got, want)
		}
	}
	for given, want := range map[int64]int64{0: 0, 20: 30, 30: 30, 35: 40, 40: 40, 50: 60, 60: 60} {
		if got := *ruleLevel(given); got != want {
			t.Errorf("rule %d: %d, want %d", given, got, want)
		}
	}
}

func TestUnknownGrantsAdmitNoUser(t *testing.T) {
	var given []grantee
	if err := json.Unmarshal([]byte(`[{"id":1,"member_role_id":7},{"access_level":40,"user_id":3},{"access_level":40}]`), &given); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(grants(given))
	if err != nil || string(got) != `[{"user_id":3},{"access_level":40}]` {
		t.Errorf("%s, %v", got, err)
	}
}

func TestFeatures(t *testing.T) {
	for given, want := range map[api.AccessControlValue]string{"public": "enabled", "enabled": "enabled", "private": "private", "disabled": "disabled", "": ""} {
		if got := feature(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestProtocols(t *testing.T) {
	for given, want := range map[string]string{"all": "", "ssh": "ssh", "http": "http"} {
		if got := (&group{EnabledGitAccessProtocol: &given}).protocol(); *got != want {
			t.Errorf("%q: %q", given, *got)
		}
	}
	if got := (&group{}).protocol(); got != nil {
		t.Errorf("want nil, got %q", *got)
	}
}

func TestLists(t *testing.T) {
	if got := listed("10.0.0.0/8, 192.168.0.0/16,\n127.0.0.1"); !reflect.DeepEqual(got, []string{"10.0.0.0/8", "192.168.0.0/16", "127.0.0.1"}) {
		t.Errorf("%q", got)
	}
	if got := listed(""); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// A share gives at most the share's level and at most the level of the invited group's membership.
func TestSharesGiveTheLowerLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids, levelsOf := rapid.Int64Range(1, 4), rapid.SampledFrom(levels)
		x := &index{
			users: map[int64]bool{1: true, 2: true, 3: true}, namespaces: map[int64]bool{1: true, 2: true, 3: true},
			projects: map[int64]bool{1: true, 2: true}, parents: map[int64]int64{1: 0, 2: 1, 3: 2}, members: map[int64][]memberRecord{},
		}
		given := map[int64]int64{} // the highest level by user
		for range rapid.IntRange(0, 8).Draw(t, "members") {
			m := memberRecord{UserID: ids.Draw(t, "user"), AccessLevel: levelsOf.Draw(t, "level"), Awaiting: rapid.Bool().Draw(t, "awaiting")}
			group := ids.Draw(t, "group")
			x.members[group] = append(x.members[group], m)
			if !m.Awaiting {
				given[m.UserID] = max(given[m.UserID], m.AccessLevel)
			}
		}
		most := int64(0)
		for range rapid.IntRange(0, 3).Draw(t, "shares") {
			project := ids.Draw(t, "project")
			s := shareRecord{GroupID: ids.Draw(t, "invited"), ProjectID: &project, AccessLevel: levelsOf.Draw(t, "share")}
			x.shares, most = append(x.shares, s), max(most, s.AccessLevel)
		}
		for place, m := range x.shared() {
			if m.AccessLevel > min(most, given[m.UserID]) || m.Awaiting || !x.users[place.user] || !x.projects[place.project] {
				t.Fatalf("%+v by shares of at most %d, members %v", m, most, x.members)
			}
		}
	})
}

func TestHigherMembershipWins(t *testing.T) {
	may, june := "2026-05-01", "2026-06-01"
	of := func(level int64, ends *string, awaiting bool) memberRecord {
		return memberRecord{UserID: 1, AccessLevel: level, ExpiresAt: ends, Awaiting: awaiting}
	}
	rows := []struct {
		name       string
		a, b, want memberRecord
	}{
		{"the higher one, although it ends", of(30, nil, false), of(40, &may, false), of(40, &may, false)},
		{"at equal levels the one without an end", of(30, &may, false), of(30, nil, false), of(30, nil, false)},
		{"at equal levels the longer one", of(30, &june, false), of(30, &may, false), of(30, &june, false)},
		{"the accepted one", of(50, nil, true), of(10, nil, false), of(10, nil, false)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := higher(row.a, row.b); got != row.want {
				t.Errorf("%+v", got)
			}
			if got := higher(row.b, row.a); got != row.want {
				t.Errorf("in the other order: %+v", got)
			}
		})
	}
}
