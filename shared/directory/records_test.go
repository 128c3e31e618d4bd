package directory_test

import (
	"strconv"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
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

func userRecord(id gitlab.ID) *record.Record { return record.UserRecord(&gitlab.User{ID: id}) }
func keyRecord(id gitlab.ID) *record.Record  { return record.KeyRecord(&gitlab.Key{ID: id}) }
func projectRecord(id gitlab.ID) *record.Record {
	return record.ProjectRecord(&record.PlacedProject{Project: gitlab.Project{ID: id}})
}

func groupRecord(id gitlab.ID) *record.Record {
	return record.NamespaceRecord(&record.PlacedNamespace{Namespace: gitlab.Namespace{ID: id}})
}

func snippetRecord(id gitlab.ID) *record.Record { return record.SnippetRecord(&gitlab.Snippet{ID: id}) }
func agentRecord(id gitlab.ID) *record.Record   { return record.AgentRecord(&gitlab.Agent{ID: id}) }
func linkRecord(key, project gitlab.ID) *record.Record {
	return record.DeployKeyLinkRecord(&gitlab.DeployKeyLink{KeyID: key, ProjectID: project})
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
	record := record.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20})
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
	rules := record.RulesRecord(&record.Rules{ProjectID: pointer(9)})
	if got := strings.Count(tab.get(rules), `"user_id"`); got != n+1 {
		t.Errorf("%d users are named", got)
	}
	tab.applied(`{"protected_tags": [{"project_id": 9, "name": "v", "create_access_levels": []}]}`)
	tab.applied(`{"remove": {"users": [` + numbered(n, `{"id": %d}`) + `], "deploy_keys": [{"id": 12}]}}`)
	if got := tab.get(rules); strings.Contains(got, `"deploy_key_id"`) || strings.Count(got, `"user_id"`) != 1 {
		t.Errorf("left: %s", got)
	}
}
