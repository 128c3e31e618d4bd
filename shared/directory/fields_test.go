package directory_test

import (
	"encoding/json"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

func pointer(id gitlab.ID) *gitlab.ID { return &id }

// fields decodes JSON for comparison.
func fields(t testing.TB, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
	return m
}

// holds fails unless a stored record has these fields with these values (as JSON); null means absent.
func holds(t testing.TB, got, want string) {
	t.Helper()
	stored := fields(t, got)
	for name, value := range fields(t, want) {
		a, _ := json.Marshal(stored[name])
		b, _ := json.Marshal(value)
		if string(a) != string(b) {
			t.Errorf("%s is %s, want %s", name, a, b)
		}
	}
}

func TestFields(t *testing.T) {
	user := record.UserRecord(&gitlab.User{ID: 1})
	project := record.ProjectRecord(&record.PlacedProject{Project: gitlab.Project{ID: 7}})
	group := record.NamespaceRecord(&record.PlacedNamespace{Namespace: gitlab.Namespace{ID: 20}})
	key := record.KeyRecord(&gitlab.Key{ID: 11})
	token := record.AgentTokenRecord(&gitlab.AgentToken{ID: 4})
	request := record.MergeRequestRecord(&gitlab.MergeRequest{ProjectID: 7, IID: 1})
	tests := []struct {
		name, document string
		record         *record.Record
		want           string
	}{
		{
			"a new user has the defaults", `{}`, user,
			`{"state": "active", "user_type": "human", "confirmed_at": "2026-05-01T12:00:00Z", "can_create_project": true,
			  "projects_limit": 100000, "namespace_id": 1000000000001, "admin": null}`,
		},
		{
			"a new project has the defaults", `{}`, project,
			`{"name": "app", "visibility": "private", "default_branch": "main", "repository_exists": true,
			  "lfs_enabled": true, "wiki_access_level": "enabled", "printing_merge_request_link_enabled": true,
			  "chain": [20], "paths": ["acme/app"]}`,
		},
		{
			"a new group has the defaults", `{}`, group,
			`{"name": "acme", "visibility": "private", "project_creation_level": "developer",
			  "default_branch_protection": null, "saml_enabled": true, "saml_default_membership_role": 10}`,
		},
		{
			"a new key has the defaults and its fingerprint", `{}`, key,
			`{"type": "key", "usage_type": "auth_and_signing", "created_at": "2026-05-01T12:00:00Z",
			  "fingerprint_sha256": "+7Mp32er4lydoNiApNjjbYQK0PA6q+yZEYhxADwBN3M"}`,
		},
		{"a merge request's source is its own project", `{}`, request, `{"source_project_id": 7, "state": "opened"}`},
		{
			"a token is kept as its digest", `{}`, token,
			`{"token_digest": "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", "status": "active"}`,
		},

		{"what is left out stays", `{"users": [{"id": 1, "admin": true}]}`, user, `{"admin": true, "name": "Ann"}`},
		{
			"false is kept against a default of true", `{"users": [{"id": 1, "can_create_project": false}]}`, user,
			`{"can_create_project": null}`,
		},
		{"0 is kept against another default", `{"users": [{"id": 1, "projects_limit": 0}]}`, user, `{"projects_limit": null}`},
		{
			"null clears to the default", `{"users": [{"id": 1, "projects_limit": null, "state": null}]}`, user,
			`{"projects_limit": 100000, "state": "active"}`,
		},
		{"null clears to none", `{"users": [{"id": 1, "confirmed_at": null}]}`, user, `{"confirmed_at": null}`},
		{"null clears a list", `{"projects": [{"id": 7, "redirects": null}]}`, project, `{"redirects": null}`},
		{
			"a list replaces the one before", `{"projects": [{"id": 7, "redirects": ["x/y"]}]}`, project,
			`{"redirects": ["x/y"]}`,
		},
		{"an empty list is none", `{"projects": [{"id": 7, "redirects": []}]}`, project, `{"redirects": null}`},
		{
			"records in a list have their defaults", `{"projects": [{"id": 7, "error_tracking_keys": [{"public_key": "a"},
			{"public_key": "b", "active": false}]}]}`, project,
			`{"error_tracking_keys": [{"public_key": "a", "active": true}, {"public_key": "b"}]}`,
		},
		{
			"a time of another zone is kept in UTC", `{"keys": [{"id": 11, "expires_at": "2027-01-01T02:00:00+02:00"}]}`, key,
			`{"expires_at": "2027-01-01T00:00:00Z"}`,
		},
		{
			"a new path moves the project", `{"projects": [{"id": 7, "path": "web"}]}`, project,
			`{"path": "web", "name": "app", "paths": ["acme/web", "acme/app"]}`,
		},
		{
			"created_at stays when it is cleared", `{"keys": [{"id": 11, "created_at": null}]}`, key,
			`{"created_at": "2026-05-01T12:00:00Z"}`,
		},
	}
	const document = `{
		"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}],
		"namespaces": [{"id": 20, "kind": "group", "path": "acme"}],
		"projects": [{"id": 7, "namespace_id": 20, "path": "app", "redirects": ["old/app"]}],
		"keys": [{"id": 11, "user_id": 1, "title": "k", "key": "@key1@"}],
		"merge_requests": [{"project_id": 7, "iid": 1, "source_branch": "a", "target_branch": "main"}],
		"agents": [{"id": 3, "name": "prod", "project_id": 7}],
		"agent_tokens": [{"id": 4, "agent_id": 3, "token": "secret"}]}`
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, document, test.document)
			holds(t, tab.get(test.record), test.want)
		})
	}
}

func TestSettingsAndStoragesAreMerged(t *testing.T) {
	tab := opened(t, `{"instance": {"url": "https://gitlab.example.com", "broadcast_messages": [
		{"message": "m", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}]},
		"storages": [{"name": "default", "address": "unix:/a", "token": "t"}, {"name": "b", "address": "unix:/b"}]}`)
	settings := func() record.Settings {
		s, err := tab.LoadSettings(t.Context())
		if err != nil {
			t.Fatalf("load settings: %v", err)
		}
		return s
	}
	if s := settings(); s.URL != "https://gitlab.example.com" || s.LFSTokenTTL != 1800 || *s.Storage("").Token != "t" {
		t.Errorf("new settings: %+v", s)
	}
	tab.applied(`{"instance": {"lfs_token_ttl": 60, "default_storage": "b"}, "storages": [{"name": "default", "token": null}]}`)
	if s := settings(); s.URL != "https://gitlab.example.com" || s.LFSTokenTTL != 60 || s.Storage("").Address != "unix:/b" ||
		s.Storage("default").Token != nil || s.Storage("default").Address != "unix:/a" {
		t.Errorf("changed settings: %+v", s)
	}
	counts := tab.applied(`{"instance": {"lfs_token_ttl": null, "default_storage": null}, "remove": {"storages": [{"name": "b"}, {"name": "c"}]}}`)
	if s := settings(); s.LFSTokenTTL != 1800 || len(s.Storages) != 1 {
		t.Errorf("cleared settings: %+v", s)
	}
	if counts["storages"].Removed != 1 || counts["instance"].Updated != 1 {
		t.Errorf("counted %+v", counts)
	}
}
