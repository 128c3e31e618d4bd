package directory_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"postern/shared/directory"
)

// What a preview counts is held against what is then done whenever a test applies a document (table.apply).

const previewed = `{
	"instance": {"lfs_token_ttl": 60, "error_tracking_access_token": "first-secret"},
	"storages": [{"name": "default", "address": "tcp://a:1", "token": "first-secret"}, {"name": "old", "address": "tcp://b:1"}],
	"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com", "otp_secret": "ABCDABCDABCDABCD"}],
	"namespaces": [{"id": 20, "kind": "group", "path": "acme"}],
	"projects": [{"id": 7, "namespace_id": 20, "path": "app"}, {"id": 8, "namespace_id": 20, "path": "lib"}],
	"deploy_keys": [{"id": 5, "creator_id": null, "title": "ci", "key": "@key1@", "projects": [{"project_id": 7}]}],
	"protected_branches": [{"project_id": 7, "name": "main", "push_access_levels": [{"access_level": 40}]}, {"project_id": 7, "name": "rel"}],
	"personal_access_tokens": [{"id": 3, "user_id": 1, "name": "t", "scopes": ["api"], "token": "first-secret"}]
}`

func TestAPreviewTellsWhatWouldChange(t *testing.T) {
	tab := opened(t, previewed)
	rows := []struct{ name, document, want string }{
		{"nothing", previewed, `[]`},
		{
			"a field", `{"users": [{"id": 1, "state": "blocked"}]}`,
			`[{"place":"users[0]","kind":"users","identity":{"id":1},"outcome":"updated","fields":{"state":{"from":"active","to":"blocked"}}}]`,
		},
		{
			"a field that is cleared", `{"namespaces": [{"id": 20, "saml_enabled": false, "name": null}]}`,
			`[{"place":"namespaces[0]","kind":"namespaces","identity":{"id":20},"outcome":"updated","fields":{"saml_enabled":{"from":true,"to":false}}}]`,
		},
		{
			"a new user, with a namespace", `{"users": [{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}]}`,
			`[{"place":"users[0]","kind":"users","identity":{"id":2},"outcome":"created"},
			  {"place":"users[0]","kind":"namespaces","identity":{"id":1000000000002},"outcome":"created"}]`,
		},
		{
			"a new name, which the namespace follows", `{"users": [{"id": 1, "username": "anna"}]}`,
			`[{"place":"users[0]","kind":"users","identity":{"id":1},"outcome":"updated","fields":{"username":{"from":"ann","to":"anna"}}},
			  {"place":"users[0]","kind":"namespaces","identity":{"id":1000000000001},"outcome":"updated",
			   "fields":{"path":{"from":"ann","to":"anna"},"name":{"from":"ann","to":"anna"}}}]`,
		},
		{
			"secrets", `{"instance": {"error_tracking_access_token": "other-secret"}, "storages": [{"name": "default", "token": "other-secret"}],
			"users": [{"id": 1, "otp_secret": "BCDABCDABCDABCDA"}], "personal_access_tokens": [{"id": 3, "token": "other-secret"}]}`,
			`[{"place":"instance","kind":"instance","outcome":"updated","fields":{"error_tracking_access_token":{"from":"(secret)","to":"(secret)"}}},
			  {"place":"storages","kind":"storages","identity":{"name":"default"},"outcome":"updated","fields":{"token":{"from":"(secret)","to":"(secret)"}}},
			  {"place":"users[0]","kind":"users","identity":{"id":1},"outcome":"updated","fields":{"otp_secret":{"from":"(secret)","to":"(secret)"}}},
			  {"place":"personal_access_tokens[0]","kind":"personal_access_tokens","identity":{"id":3},"outcome":"updated","fields":{"token":{"from":"(secret)","to":"(secret)"}}}]`,
		},
		{
			"rules", `{"protected_branches": [{"project_id": 7, "name": "main", "allow_force_push": true}, {"project_id": 7, "name": "dev"}]}`,
			`[{"place":"protected_branches[0]","kind":"protected_branches","identity":{"project_id":7,"name":"main"},"outcome":"updated","fields":{"allow_force_push":{"from":false,"to":true}}},
			  {"place":"protected_branches[1]","kind":"protected_branches","identity":{"project_id":7,"name":"dev"},"outcome":"created"}]`,
		},
		{
			"the projects of a deploy key", `{"deploy_keys": [{"id": 5, "projects": [{"project_id": 8, "can_push": true}]}]}`,
			`[{"place":"deploy_keys[0]","kind":"deploy_keys","identity":{"id":5},"outcome":"updated","fields":{"projects":
				{"from":[{"deploy_key_id":5,"project_id":7}],"to":[{"deploy_key_id":5,"project_id":8,"can_push":true}]}}}]`,
		},
		{
			"what is removed", `{"remove": {"users": [{"id": 1}, {"id": 99}], "storages": [{"name": "old"}, {"name": "none"}],
			"protected_branches": [{"project_id": 7, "name": "rel"}, {"project_id": 7, "name": "none"}]}}`,
			`[{"place":"remove.storages[0]","kind":"storages","identity":{"name":"old"},"outcome":"removed"},
			  {"place":"remove.protected_branches[0]","kind":"protected_branches","identity":{"project_id":7,"name":"rel"},"outcome":"removed"},
			  {"place":"remove.users[0]","kind":"users","identity":{"id":1},"outcome":"removed"}]`,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := tab.with(t).preview(row.document)
			raw, err := json.Marshal(append([]directory.Change{}, got.Changes...))
			if err != nil {
				t.Fatal(err)
			}
			var have, want any
			_ = json.Unmarshal(raw, &have)
			if err := json.Unmarshal([]byte(row.want), &want); err != nil {
				t.Fatal(err)
			}
			if !got.DryRun || !reflect.DeepEqual(have, want) {
				t.Errorf("got  %s\nwant %s", raw, row.want)
			}
			for _, secret := range []string{"-secret", "ABCDABCD"} {
				if strings.Contains(string(raw), secret) {
					t.Errorf("a secret is told: %s", raw)
				}
			}
		})
	}
}

func TestADocumentMaySayThatItIsAPreview(t *testing.T) {
	tab := opened(t)
	rows := []struct {
		name, dryRun, mistake string
		told, kept            bool
	}{
		{"true", `"dry_run": true,`, "", true, false},
		{"something else", `"dry_run": "yes",`, "dry_run: must be true or false", false, false},
		{"twice", `"dry_run": false, "dry_run": true,`, "dry_run: is given twice", false, false},
		{"null", `"dry_run": null,`, "", false, true},
		{"false", `"dry_run": false,`, "", false, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			document := `{` + row.dryRun + `"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}]}`
			result, err := directory.Load(t.Context(), tab.Store, []byte(document))
			if err != nil {
				t.Fatal(err)
			}
			var mistakes []string
			for _, m := range result.Mistakes {
				mistakes = append(mistakes, m.Place+": "+m.Message)
			}
			if got := strings.Join(mistakes, "\n"); got != row.mistake || result.DryRun != row.told || (len(result.Changes) > 0) != row.told {
				t.Errorf("got %+v", result)
			}
			if kept := tab.userNamed("ann") != 0; kept != row.kept {
				t.Errorf("kept: %t, want %t", kept, row.kept)
			}
		})
	}
}

func TestALongPreviewIsCutOff(t *testing.T) {
	tab := opened(t)
	const users = 700 // with a namespace each
	listed := make([]string, users)
	for i := range listed {
		listed[i] = fmt.Sprintf(`{"id": %d, "username": "u%[1]d", "name": "U", "email": "u%[1]d@example.com"}`, i+1)
	}
	got := tab.preview(`{"users": [` + strings.Join(listed, ",") + `]}`)
	if len(got.Changes) != 1000 || got.MoreChanges != 2*users-1000 || got.Counts["users"].Created != users {
		t.Errorf("%d changes, %d more, %+v", len(got.Changes), got.MoreChanges, got.Counts)
	}
}
