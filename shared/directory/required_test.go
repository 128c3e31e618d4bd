package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/shared/apitest"
)

// identities are records of every kind that have nothing but their identity, and what a new one lacks then.
var identities = []struct {
	array, identity string
	lacks           []string
}{
	{"storages", `{"name": "new"}`, []string{"address"}},
	{"users", `{"id": 1}`, []string{"username", "name", "email"}},
	{"namespaces", `{"id": 1}`, []string{"kind", "path"}},
	{"projects", `{"id": 1}`, []string{"namespace_id", "path"}},
	{"keys", `{"id": 1}`, []string{"user_id", "title", "key"}},
	{"deploy_keys", `{"id": 1}`, []string{"creator_id", "title", "key", "projects"}},
	{"members", `{"user_id": 1, "project_id": 1}`, []string{"access_level"}},
	{"refs", `{"project_id": 1, "ref": "refs/heads/main"}`, []string{"target"}},
	{"snippets", `{"id": 1}`, []string{"author_id"}},
	{"merge_requests", `{"project_id": 1, "iid": 1}`, []string{"source_branch", "target_branch"}},
	{"ssh_certificates", `{"namespace_id": 1, "fingerprint": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`, []string{"title"}},
	{"personal_access_tokens", `{"id": 1}`, []string{"user_id", "name", "scopes", "token"}},
	{"agents", `{"id": 1}`, []string{"name", "project_id"}},
	{"agent_tokens", `{"id": 1}`, []string{"agent_id", "token"}},
	{"security_policies", `{"project_id": 1, "name": "p"}`, []string{"type", "yaml"}},
	{"saml_group_links", `{"namespace_id": 1, "saml_group_name": "g"}`, []string{"access_level"}},
	{"scim_tokens", `{"namespace_id": 1}`, []string{"token"}},
	{"scim_identities", `{"namespace_id": 1, "extern_uid": "u"}`, []string{"user_id"}},
	{"storage_limit_exclusions", `{"namespace_id": 1}`, []string{"reason"}},
}

func TestANewRecordNeedsItsFields(t *testing.T) {
	tab := opened(t)
	for _, test := range identities {
		t.Run(test.array, func(t *testing.T) {
			var lacks []string
			for _, m := range tab.with(t).apply(`{"` + test.array + `": [` + test.identity + `]}`).Mistakes {
				if m.Message == "is required" {
					lacks = append(lacks, strings.TrimPrefix(m.Place, test.array+"[0]."))
				}
			}
			got, want := strings.Join(slices.Sorted(slices.Values(lacks)), " "), strings.Join(slices.Sorted(slices.Values(test.lacks)), " ")
			if got != want {
				t.Errorf("lacks %s, want %s", got, want)
			}
		})
	}
}

func TestEveryKindCanBeRemovedByItsIdentity(t *testing.T) {
	tab := opened(t)
	for _, test := range identities {
		t.Run(test.array, func(t *testing.T) {
			result := tab.with(t).apply(`{"remove": {"` + test.array + `": [` + test.identity + `]}}`)
			if len(result.Mistakes) > 0 || len(result.Counts) > 0 {
				t.Errorf("got %+v", result)
			}
		})
	}
	for _, rules := range []string{"protected_branches", "protected_tags"} {
		if result := tab.apply(`{"remove": {"` + rules + `": [{"project_id": 1, "name": "x"}]}}`); len(result.Mistakes) > 0 {
			t.Errorf("%s: %+v", rules, result)
		}
	}
}

func TestAnIdentityIsOneOnlyWhenItIsWhole(t *testing.T) {
	tests := []struct{ name, document, want string }{
		{"no ref", `{"refs": [{"project_id": 1, "target": "x"}]}`, "refs[0].ref: is required"},
		{"null name", `{"storages": [{"name": null}]}`, "storages[0].name: is required"},
		{"blank name", `{"storages": [{"name": " "}]}`, "storages[0].name: must not be blank"},
		{"no external uid", `{"scim_identities": [{"user_id": 1}]}`, "scim_identities[0].extern_uid: is required"},
		{"no iid", `{"merge_requests": [{"project_id": 1}]}`, "merge_requests[0].iid: is required"},
		{"iid zero", `{"merge_requests": [{"project_id": 1, "iid": 0}]}`, "merge_requests[0].iid: must be a positive integer"},
		{"nothing", `{"members": [{}]}`, "members[0].user_id: is required\nmembers[0]: must have either project_id or namespace_id"},
		{"nothing to remove", `{"remove": {"users": [{}]}}`, "remove.users[0].id: is required"},
		{"no object to remove", `{"remove": {"users": [1]}}`, "remove.users[0]: must be an object"},
		{"nothing is an object", `{"remove": [1]}`, "remove: must be an object"},
	}
	tab := opened(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			compare(t, tab.with(t).apply(test.document).Mistakes, strings.Split(test.want, "\n"))
		})
	}
}

func TestTheDocumentsOfTheRepositoryAreRight(t *testing.T) {
	demo, err := os.ReadFile(filepath.Join("..", "..", "local", "directory.json"))
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	for name, document := range map[string]string{"demo": string(demo), "fixture": string(apitest.Fixture())} {
		t.Run(name, func(t *testing.T) {
			counts := opened(t).applied(document)
			if counts["users"].Created == 0 || counts["projects"].Created == 0 {
				t.Errorf("counted %+v", counts)
			}
		})
	}
}

func TestDocumentsMayBePutInAnyOrder(t *testing.T) {
	tab := opened(t, `{
		"scim_identities": [{"namespace_id": 20, "extern_uid": "u", "user_id": 1}],
		"agent_tokens": [{"id": 5, "agent_id": 3, "token": "t"}],
		"agents": [{"id": 3, "name": "a", "project_id": 7}],
		"protected_branches": [{"project_id": 7, "name": "main", "push_access_levels": [{"deploy_key_id": 12}, {"group_id": 21}]}],
		"deploy_keys": [{"id": 12, "creator_id": 1, "title": "d", "key": "@key1@", "projects": [{"project_id": 7}]}],
		"members": [{"user_id": 1, "namespace_id": 21, "access_level": 30}],
		"projects": [{"id": 7, "namespace_id": 21, "path": "app", "storage": "nfs"}],
		"namespaces": [{"id": 21, "kind": "group", "path": "b", "parent_id": 20}, {"id": 20, "kind": "group", "path": "a"}],
		"users": [{"id": 1, "username": "ann", "name": "A", "email": "a@example.com", "enterprise_group_id": 20}],
		"storages": [{"name": "nfs", "address": "unix:/nfs"}]}`)
	if got, _ := tab.at("a/b/app"); got != 7 {
		t.Errorf("a/b/app leads to %d", got)
	}
}
