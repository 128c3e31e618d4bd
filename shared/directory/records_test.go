package directory_test

import (
	"strconv"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store"
)

// busy is a document in which records hang off each other.
const busy = `{
	"users": [
		{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com", "enterprise_group_id": 20},
		{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}],
	"namespaces": [
		{"id": 20, "kind": "group", "path": "acme"}, {"id": 21, "kind": "group", "path": "team", "parent_id": 20},
		{"id": 22, "kind": "group", "path": "friends"}],
	"projects": [
		{"id": 7, "namespace_id": 21, "path": "app"}, {"id": 8, "namespace_id": 1000000000002, "path": "fork"},
		{"id": 9, "namespace_id": 22, "path": "lib"}],
	"keys": [{"id": 11, "user_id": 2, "title": "k", "key": "@key1@"}],
	"deploy_keys": [{"id": 12, "creator_id": 2, "title": "d", "key": "@key2@",
		"projects": [{"project_id": 7}, {"project_id": 9, "can_push": true}]}],
	"members": [{"user_id": 2, "namespace_id": 22, "access_level": 50}, {"user_id": 2, "project_id": 7, "access_level": 30}],
	"protected_branches": [
		{"project_id": 9, "name": "main", "push_access_levels":
			[{"user_id": 2}, {"group_id": 21}, {"deploy_key_id": 12}, {"access_level": 40}]},
		{"project_id": 9, "name": "a", "push_access_levels": [{"access_level": 0}]}],
	"snippets": [{"id": 31, "author_id": 2}, {"id": 32, "author_id": 1, "project_id": 7}],
	"merge_requests": [{"project_id": 9, "iid": 1, "source_project_id": 8, "source_branch": "fix", "target_branch": "main",
		"allow_collaboration": true}],
	"personal_access_tokens": [{"id": 1, "user_id": 2, "name": "t", "scopes": ["api"], "token": "secret"}],
	"agents": [{"id": 3, "name": "prod", "project_id": 9, "created_by_user_id": 2}, {"id": 4, "name": "edge", "project_id": 7}],
	"agent_tokens": [{"id": 5, "agent_id": 4, "token": "agt"}],
	"scim_tokens": [{"namespace_id": 20, "token": "scim"}],
	"scim_identities": [{"namespace_id": 20, "extern_uid": "u-bob", "user_id": 2}],
	"ssh_certificates": [{"namespace_id": 20, "key": "@key3@", "title": "ca"}],
	"storage_limit_exclusions": [{"namespace_id": 20, "reason": "big"}]
}`

// The records of busy, by identity alone.

func userRecord(id gitlab.ID) *store.Record { return store.UserRecord(&gitlab.User{ID: id}) }
func keyRecord(id gitlab.ID) *store.Record  { return store.KeyRecord(&gitlab.Key{ID: id}) }
func projectRecord(id gitlab.ID) *store.Record {
	return store.ProjectRecord(&store.PlacedProject{Project: gitlab.Project{ID: id}})
}

func groupRecord(id gitlab.ID) *store.Record {
	return store.NamespaceRecord(&store.PlacedNamespace{Namespace: gitlab.Namespace{ID: id}})
}

func snippetRecord(id gitlab.ID) *store.Record { return store.SnippetRecord(&gitlab.Snippet{ID: id}) }
func agentRecord(id gitlab.ID) *store.Record   { return store.AgentRecord(&gitlab.Agent{ID: id}) }
func linkRecord(key, project gitlab.ID) *store.Record {
	return store.DeployKeyLinkRecord(&gitlab.DeployKeyLink{KeyID: key, ProjectID: project})
}

func TestRemoval(t *testing.T) {
	member := store.MemberRecord(&gitlab.Member{UserID: 2, NamespaceID: pointer(22)})
	token := store.PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: 1})
	agentToken := store.AgentTokenRecord(&gitlab.AgentToken{ID: 5})
	identity := store.SCIMIdentityRecord(&gitlab.SCIMIdentity{NamespaceID: pointer(20), ExternUID: "u-bob"})
	request := store.MergeRequestRecord(&gitlab.MergeRequest{ProjectID: 9, IID: 1})
	exclusion := store.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20})
	rules := store.RulesRecord(&store.Rules{ProjectID: pointer(9)})
	tests := []struct {
		name, document string
		gone, left     []*store.Record
		holds          map[*store.Record]string
	}{
		{
			"a user goes with keys, memberships, tokens, identities, snippets and own projects",
			`{"remove": {"users": [{"id": 2}]}}`,
			[]*store.Record{userRecord(2), keyRecord(11), member, token, identity, snippetRecord(31), projectRecord(8), request},
			[]*store.Record{userRecord(1), snippetRecord(32), projectRecord(7)},
			map[*store.Record]string{keyRecord(12): `{"user_id": null}`, agentRecord(3): `{"created_by_user_id": null}`},
		},
		{
			"a group goes with groups, projects and what belongs to them",
			`{"remove": {"namespaces": [{"id": 20}]}}`,
			[]*store.Record{
				groupRecord(20), groupRecord(21), projectRecord(7), snippetRecord(32), agentRecord(4), agentToken, identity,
				exclusion, linkRecord(12, 7),
			},
			[]*store.Record{groupRecord(22), keyRecord(12), userRecord(2), linkRecord(12, 9)},
			map[*store.Record]string{userRecord(1): `{"enterprise_group_id": null}`},
		},
		{
			"a project goes with its merge requests and links",
			`{"remove": {"projects": [{"id": 9}]}}`,
			[]*store.Record{projectRecord(9), request, agentRecord(3), linkRecord(12, 9), rules},
			[]*store.Record{keyRecord(12), linkRecord(12, 7)},
			map[*store.Record]string{projectRecord(8): `{"collaborations": null}`},
		},
		{
			"a deploy key goes with its links", `{"remove": {"deploy_keys": [{"id": 12}]}}`,
			[]*store.Record{keyRecord(12), linkRecord(12, 7), linkRecord(12, 9)},
			[]*store.Record{keyRecord(11)},
			nil,
		},
		{
			"an agent goes with its tokens", `{"remove": {"agents": [{"id": 4}]}}`,
			[]*store.Record{agentRecord(4), agentToken},
			[]*store.Record{agentRecord(3)},
			nil,
		},
		{
			"a merge request goes with its collaboration", `{"remove": {"merge_requests": [{"project_id": 9, "iid": 1}]}}`,
			[]*store.Record{request},
			nil,
			map[*store.Record]string{projectRecord(8): `{"collaborations": null}`},
		},
		{
			"a membership", `{"remove": {"members": [{"user_id": 2, "namespace_id": 22}]}}`,
			[]*store.Record{member},
			[]*store.Record{userRecord(2)},
			nil,
		},
		{
			"what does not exist", `{"remove": {"users": [{"id": 99}], "protected_tags": [{"project_id": 99, "name": "v"}]}}`,
			nil,
			[]*store.Record{userRecord(1)},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, busy, test.document)
			for _, r := range test.gone {
				if got := tab.get(r); got != "" {
					t.Errorf("%s is there: %s", r.Key(), got)
				}
			}
			for _, r := range test.left {
				if tab.get(r) == "" {
					t.Errorf("%s is gone", r.Key())
				}
			}
			for r, want := range test.holds {
				holds(t, tab.get(r), want)
			}
		})
	}
}

func TestRemovalOfWhomARuleNamesRemovesTheGrant(t *testing.T) {
	for name, document := range map[string]string{
		"user": `{"remove": {"users": [{"id": 2}]}}`, "group": `{"remove": {"namespaces": [{"id": 21}]}}`,
		"deploy key": `{"remove": {"deploy_keys": [{"id": 12}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			tab := opened(t, busy, document)
			text := tab.get(store.RulesRecord(&store.Rules{ProjectID: pointer(9)}))
			field := map[string]string{"user": "user_id", "group": "group_id", "deploy key": "deploy_key_id"}[name]
			if strings.Contains(text, `"`+field+`"`) {
				t.Errorf("the grant is there: %s", text)
			}
			if n := strings.Count(text, `_id":`) - strings.Count(text, `project_id":`); n != 2 {
				t.Errorf("other grants are gone: %s", text)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	tab := opened(t, busy)
	counts := tab.applied(`{
		"users": [{"id": 1, "name": "Ann B"}, {"id": 2, "name": "Bob"}, {"id": 3, "username": "c", "name": "C", "email": "c@example.com"}],
		"remove": {"keys": [{"id": 11}, {"id": 99}], "protected_branches": [{"project_id": 9, "name": "a"}, {"project_id": 9, "name": "b"}]}}`)
	if c := counts["users"]; c.Created != 1 || c.Updated != 1 || c.Unchanged != 1 || c.Removed != 0 {
		t.Errorf("users: %+v", c)
	}
	if counts["keys"].Removed != 1 || counts["protected_branches"].Removed != 1 {
		t.Errorf("counted %+v", counts)
	}
}

func TestRules(t *testing.T) {
	tab := opened(t, busy, `{"protected_branches": [{"project_id": 9, "name": "main", "allow_force_push": true},
		{"project_id": 9, "name": "new"}], "protected_tags": [{"project_id": 9, "name": "v*"}]}`)
	got := tab.get(store.RulesRecord(&store.Rules{ProjectID: pointer(9)}))
	for _, want := range []string{
		`"name":"a"`, `"name":"main","push_access_levels":[{"user_id":2}`, `"allow_force_push":true`, `"name":"new"`, `"name":"v*"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
}

func TestRulesThatOutgrowOneItem(t *testing.T) {
	var rules strings.Builder
	for i := range 900 {
		if i > 0 {
			rules.WriteString(",")
		}
		rules.WriteString(`{"project_id": 9, "name": "` + strings.Repeat("x", 900) + strconv.Itoa(i) +
			`", "push_access_levels": [{"access_level": 40}]}`)
	}
	tab := opened(t, busy, `{"protected_branches": [`+rules.String()+`]}`)
	found, err := tab.Records(t.Context(), []store.Key{store.RulesRecord(&store.Rules{ProjectID: pointer(9)}).Key()})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	for _, r := range found {
		if n := len(r.Value().(*store.Rules).Branches); n != 902 {
			t.Errorf("%d rules are kept", n)
		}
	}
}

func TestDeployKeyProjectsAreReplaced(t *testing.T) {
	tab := opened(t, busy, `{"deploy_keys": [{"id": 12, "projects": [{"project_id": 9}, {"project_id": 8, "can_push": true}]}]}`)
	if tab.get(linkRecord(12, 7)) != "" {
		t.Error("the link that is not given any more is there")
	}
	holds(t, tab.get(linkRecord(12, 9)), `{"can_push": null}`)
	holds(t, tab.get(linkRecord(12, 8)), `{"can_push": true}`)
	tab.applied(`{"deploy_keys": [{"id": 12, "title": "new"}]}`)
	if tab.get(linkRecord(12, 8)) == "" {
		t.Error("links are gone though none were given")
	}
}

func TestCollaborationFollowsTheMergeRequest(t *testing.T) {
	tab := opened(t, busy)
	source := func() string { return tab.get(projectRecord(8)) }
	holds(t, source(), `{"collaborations": {"9:1": "fix"}}`)
	for _, step := range []struct{ document, want string }{
		{`{"merge_requests": [{"project_id": 9, "iid": 1, "source_branch": "fix2"}]}`, `{"collaborations": {"9:1": "fix2"}}`},
		{`{"merge_requests": [{"project_id": 9, "iid": 1, "state": "closed"}]}`, `{"collaborations": null}`},
		{`{"merge_requests": [{"project_id": 9, "iid": 1, "state": "opened"}]}`, `{"collaborations": {"9:1": "fix2"}}`},
		{`{"merge_requests": [{"project_id": 9, "iid": 1, "allow_collaboration": false}]}`, `{"collaborations": null}`},
	} {
		tab.applied(step.document)
		holds(t, source(), step.want)
	}
}

func TestAKeyOfARemovedUserCanBeGivenToAnother(t *testing.T) {
	tab := opened(t, busy, `{"keys": [{"id": 90, "user_id": 1, "title": "k", "key": "@key1@"}], "remove": {"users": [{"id": 2}]}}`)
	if tab.get(keyRecord(11)) != "" || tab.get(keyRecord(90)) == "" {
		t.Error("the key did not change hands")
	}
}

func TestSameTokenAgainChangesNothing(t *testing.T) {
	tab := opened(t, busy)
	counts := tab.applied(`{"personal_access_tokens": [{"id": 1, "token": "secret"}], "agent_tokens": [{"id": 5, "token": "new"}]}`)
	if counts["personal_access_tokens"].Unchanged != 1 || counts["agent_tokens"].Updated != 1 {
		t.Errorf("counted %+v", counts)
	}
}

func TestUsersMayNameGroupsOfTheSameDocument(t *testing.T) {
	tab := opened(t, `{"users": [{"id": 1, "username": "a", "name": "A", "email": "a@example.com", "provisioned_by_group_id": 20}],
		"namespaces": [{"id": 20, "kind": "group", "path": "acme"}]}`)
	holds(t, tab.get(userRecord(1)), `{"provisioned_by_group_id": 20}`)
}

func TestExclusionsGetIDsOnce(t *testing.T) {
	tab := opened(t, busy)
	record := store.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20})
	holds(t, tab.get(record), `{"id": 1}`)
	tab.applied(`{"remove": {"storage_limit_exclusions": [{"namespace_id": 20}]}}`)
	tab.applied(`{"storage_limit_exclusions": [{"namespace_id": 20, "reason": "again"}, {"namespace_id": 21, "reason": "x"}]}`)
	if first := fields(t, tab.get(record))["id"]; first != 2.0 && first != 3.0 {
		t.Errorf("the new exclusion has id %v", first)
	}
}

// numbered repeats a text for the numbers 100 up to, but without, 100+n; %d is the number.
func numbered(n int, text string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(text, "%d", strconv.Itoa(100+i))
	}
	return strings.Join(parts, ",")
}

func TestMoreThanATransactionHolds(t *testing.T) {
	const n = 130
	tab := opened(t, busy, `{
		"users": [`+numbered(n, `{"id": %d, "username": "u%d", "name": "N", "email": "u%d@example.com"}`)+`],
		"projects": [`+numbered(n, `{"id": %d, "namespace_id": 22, "path": "p%d"}`)+`],
		"deploy_keys": [{"id": 12, "projects": [`+numbered(n, `{"project_id": %d}`)+`]}],
		"protected_tags": [{"project_id": 9, "name": "v", "create_access_levels": [`+numbered(n, `{"user_id": %d}`)+`]}]}`)
	if tab.get(linkRecord(12, 100+n-1)) == "" || tab.get(linkRecord(12, 7)) != "" {
		t.Error("the deploy key's links were not replaced")
	}
	rules := store.RulesRecord(&store.Rules{ProjectID: pointer(9)})
	if got := strings.Count(tab.get(rules), `"user_id"`); got != n+1 {
		t.Errorf("%d users are named", got)
	}
	tab.applied(`{"protected_tags": [{"project_id": 9, "name": "v", "create_access_levels": []}]}`)
	tab.applied(`{"remove": {"users": [` + numbered(n, `{"id": %d}`) + `], "deploy_keys": [{"id": 12}]}}`)
	if got := tab.get(rules); strings.Contains(got, `"deploy_key_id"`) || strings.Count(got, `"user_id"`) != 1 {
		t.Errorf("left: %s", got)
	}
}
