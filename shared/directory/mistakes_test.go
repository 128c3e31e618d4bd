package directory_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/shared/directory"
)

// base is what the documents with mistakes are applied to.
const base = `{
	"storages": [{"name": "default", "address": "unix:/a"}],
	"users": [
		{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"},
		{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}],
	"namespaces": [
		{"id": 20, "kind": "group", "path": "acme"},
		{"id": 21, "kind": "group", "path": "team", "parent_id": 20}],
	"projects": [{"id": 7, "namespace_id": 20, "path": "app"}],
	"keys": [{"id": 11, "user_id": 1, "title": "k", "key": "@key1@"}],
	"deploy_keys": [{"id": 12, "creator_id": 1, "title": "d", "key": "@key2@", "projects": []}],
	"agents": [{"id": 3, "name": "prod", "project_id": 7}],
	"agent_tokens": [{"id": 4, "agent_id": 3, "token": "taken-token"}]
}`

func TestMistakes(t *testing.T) {
	tab := opened(t, base)
	deep := `{"id": 1000, "kind": "group", "path": "g", "parent_id": 20}`
	for i := 1001; i < 1020; i++ {
		deep += fmt.Sprintf(`, {"id": %d, "kind": "group", "path": "g", "parent_id": %d}`, i, i-1)
	}
	tests := []struct {
		name, document string
		want           string // "place: message", one a line, as it begins
	}{
		{"not JSON", `{"users": [}`, ": is not valid JSON near byte"},
		{"cut off", `{"users": [{"id": 1`, ": is not valid JSON near byte"},
		{"empty", ``, ": is not valid JSON near byte"},
		{"no object", `[]`, ": must be an object"},
		{"more than one object", `{} {}`, ": must be one object and nothing more"},
		{"unknown array", `{"gadgets": []}`, "gadgets: is not known"},
		{"unknown array to remove", `{"remove": {"instance": {}}}`, "remove.instance: is not known"},
		{"array given twice", `{"users": [], "users": []}`, "users: is given twice"},
		{"no array", `{"users": {}}`, "users: must be an array"},
		{"no record", `{"users": [5]}`, "users[0]: must be an object"},
		{"null record", `{"users": [null]}`, "users[0]: must be an object"},
		{"unknown field", `{"users": [{"id": 1, "nick": "a"}]}`, "users[0].nick: is not known"},
		{"a field of the service", `{"users": [{"id": 1, "namespace_id": 5}]}`, "users[0].namespace_id: is not known"},
		{
			"a digest instead of a token", `{"agent_tokens": [{"id": 4, "token_digest": "ab"}]}`,
			"agent_tokens[0].token_digest: is not known",
		},
		{"field given twice", `{"users": [{"id": 1, "name": "a", "name": "b"}]}`, "users[0].name: is given twice"},
		{"id missing", `{"users": [{"username": "x"}]}`, "users[0].id: is required"},
		{"id as text", `{"users": [{"id": "1"}]}`, "users[0].id: must be an integer"},
		{"id zero", `{"users": [{"id": 0}]}`, "users[0].id: must be a positive integer"},
		{"id too large", `{"users": [{"id": 9007199254740993}]}`, "users[0].id: must be a positive integer"},
		{"id with a fraction", `{"users": [{"id": 1.5}]}`, "users[0].id: must be an integer"},
		{
			"new record without what it needs", `{"users": [{"id": 9}]}`,
			"users[0].username: is required\nusers[0].name: is required\nusers[0].email: is required",
		},
		{"required field null", `{"users": [{"id": 1, "name": null}]}`, "users[0].name: must not be null"},
		{"required field blank", `{"users": [{"id": 1, "name": "  "}]}`, "users[0].name: must not be blank"},
		{
			"wrong types", `{"users": [{"id": 1, "name": 5, "admin": "yes", "projects_limit": true, "confirmed_at": 7}]}`,
			"users[0].name: must be a string\nusers[0].admin: must be true or false\n" +
				"users[0].confirmed_at: must be a time\nusers[0].projects_limit: must be an integer",
		},
		{
			"not one of", `{"projects": [{"id": 7, "visibility": "secret"}]}`,
			"projects[0].visibility: must be one of private, internal, public",
		},
		{
			"not a level", `{"members": [{"user_id": 1, "project_id": 7, "access_level": 33}]}`,
			"members[0].access_level: must be one of 10, 15, 20, 30, 40, 50",
		},
		{"not in range", `{"instance": {"ssh_port": 70000}}`, "instance.ssh_port: must be from 1 to 65535"},
		{
			"not a protocol", `{"namespaces": [{"id": 20, "enabled_git_access_protocol": "ftp"}]}`,
			`namespaces[0].enabled_git_access_protocol: must be one of "", ssh, http`,
		},
		{"username", `{"users": [{"id": 1, "username": "-ann"}]}`, "users[0].username: can contain only"},
		{"path that ends in .git", `{"projects": [{"id": 7, "path": "app.git"}]}`, "projects[0].path: can contain only"},
		{"path of dots", `{"projects": [{"id": 7, "path": ".."}]}`, "projects[0].path: can contain only"},
		{"e-mail", `{"users": [{"id": 1, "email": "ann"}]}`, "users[0].email: must be an e-mail address"},
		{"time", `{"keys": [{"id": 11, "expires_at": "tomorrow"}]}`, "keys[0].expires_at: must be a time such as"},
		{"date", `{"personal_access_tokens": [{"id": 1, "user_id": 1, "name": "n", "scopes": ["api"], "token": "x",
			"expires_at": "2026-13-01"}]}`, "personal_access_tokens[0].expires_at: must be a date such as"},
		{
			"IP range", `{"namespaces": [{"id": 20, "ip_ranges": ["10.0.0.0/8", "office"]}]}`,
			"namespaces[0].ip_ranges[1]: must be an IP address or range",
		},
		{"list", `{"namespaces": [{"id": 20, "ip_ranges": "10.0.0.0/8"}]}`, "namespaces[0].ip_ranges: must be an array"},
		{
			"null in a list", `{"namespaces": [{"id": 20, "ip_ranges": [null]}]}`,
			"namespaces[0].ip_ranges[0]: must not be null",
		},
		{
			"storage features", `{"storages": [{"name": "default", "features": {"a": 1}}]}`,
			"storages[0].features: must be an object of strings",
		},
		{
			"storage address", `{"storages": [{"name": "default", "address": "http://x"}]}`,
			"storages[0].address: must be unix:",
		},
		{
			"ref", `{"refs": [{"project_id": 7, "ref": "main", "target": "abc"}]}`,
			"refs[0].ref: must be a full ref",
		},
		{
			"object id", `{"refs": [{"project_id": 7, "ref": "refs/heads/main", "target": "abc"}]}`,
			"refs[0].target: must be an object id",
		},
		{
			"nested record", `{"projects": [{"id": 7, "error_tracking_keys": [{"active": true, "x": 1}]}]}`,
			"projects[0].error_tracking_keys[0].public_key: is required\nprojects[0].error_tracking_keys[0].x: is not known",
		},
		{"key", `{"keys": [{"id": 11, "key": "ssh-rsa nonsense"}]}`, "keys[0].key: must be one public key"},
		{"key with options", `{"keys": [{"id": 11, "key": "no-pty @key3@"}]}`, "keys[0].key: must be one public key"},
		{"two keys", `{"keys": [{"id": 11, "key": "@key3@\n@key4@"}]}`, "keys[0].key: must be one public key"},
		{"token missing", `{"agent_tokens": [{"id": 9, "agent_id": 3}]}`, "agent_tokens[0].token: is required"},
		{"token blank", `{"agent_tokens": [{"id": 4, "token": " "}]}`, "agent_tokens[0].token: must not be blank"},

		{"same record twice", `{"users": [{"id": 1}, {"id": 1}]}`, "users[1]: is the same record as users[0]"},
		{
			"key and deploy key of one id", `{"keys": [{"id": 30, "user_id": 1, "title": "t", "key": "@key3@"}],
			"deploy_keys": [{"id": 30, "creator_id": 1, "title": "t", "key": "@key4@", "projects": []}]}`,
			"deploy_keys[0]: is the same record as keys[0]",
		},
		{"a deploy key's id for a key", `{"keys": [{"id": 12, "title": "t"}]}`, "keys[0].id: is that of a deploy key"},
		{
			"a key's id for a deploy key", `{"deploy_keys": [{"id": 11, "title": "t"}]}`,
			"deploy_keys[0].id: is that of a user's key",
		},
		{
			"same storage twice", `{"storages": [{"name": "default"}, {"name": "default"}]}`,
			"storages[1]: is the same record as storages[0]",
		},
		{
			"same username twice, whatever the case", `{"users": [{"id": 1, "username": "x"}, {"id": 2, "username": "X"}]}`,
			"users[1].username: is also that of users[0]",
		},
		{"same path of group and user", `{"users": [{"id": 9, "username": "new", "name": "N", "email": "n@example.com"}],
			"namespaces": [{"id": 29, "kind": "group", "path": "New"}]}`, "namespaces[0].path: is also that of users[0]"},
		{"username taken", `{"users": [{"id": 1, "username": "BOB"}]}`, "users[0].username: has already been taken"},
		{"e-mail taken", `{"users": [{"id": 1, "email": "Bob@example.com"}]}`, "users[0].email: has already been taken"},
		{
			"path taken", `{"projects": [{"id": 8, "namespace_id": 20, "path": "team"}]}`,
			"projects[0].path: has already been taken",
		},
		{
			"key taken", `{"keys": [{"id": 30, "user_id": 2, "title": "t", "key": "@key2@ other comment"}]}`,
			"keys[0].key: has already been taken",
		},
		{
			"token taken", `{"agent_tokens": [{"id": 9, "agent_id": 3, "token": "taken-token"}]}`,
			"agent_tokens[0].token: has already been taken",
		},
		{
			"second personal namespace", `{"namespaces": [{"id": 29, "kind": "user", "path": "annie", "owner_id": 1}]}`,
			"namespaces[0].owner_id: has already been taken",
		},

		{
			"unknown user", `{"keys": [{"id": 30, "user_id": 99, "title": "t", "key": "@key3@"}]}`,
			"keys[0].user_id: names user 99, which does not exist",
		},
		{
			"unknown namespace", `{"projects": [{"id": 8, "namespace_id": 99, "path": "x"}]}`,
			"projects[0].namespace_id: names namespace 99, which does not exist",
		},
		{
			"unknown project of a deploy key", `{"deploy_keys": [{"id": 12, "projects": [{"project_id": 7}, {"project_id": 99}]}]}`,
			"deploy_keys[0].projects[1].project_id: names project 99, which does not exist",
		},
		{
			"unknown storage", `{"projects": [{"id": 7, "storage": "nfs"}]}`,
			"projects[0].storage: names a storage that does not exist",
		},
		{
			"unknown default storage", `{"instance": {"default_storage": "nfs"}}`,
			"instance.default_storage: names a storage that does not exist",
		},
		{
			"unknown people in rules", `{"protected_branches": [{"project_id": 7, "name": "m", "push_access_levels":
			[{"user_id": 99}, {"group_id": 98}, {"deploy_key_id": 97}]}]}`,
			"protected_branches[0].push_access_levels[0].user_id: names user 99, which does not exist\n" +
				"protected_branches[0].push_access_levels[1].group_id: names namespace 98, which does not exist\n" +
				"protected_branches[0].push_access_levels[2].deploy_key_id: names key 97, which does not exist",
		},
		{"a record that is removed", `{"keys": [{"id": 30, "user_id": 2, "title": "t", "key": "@key3@"}],
			"remove": {"users": [{"id": 2}]}}`, "keys[0].user_id: names user 2, which the document removes"},
		{"a stored link to a record that is removed", `{"keys": [{"id": 11, "title": "t"}],
			"remove": {"users": [{"id": 1}]}}`, "keys[0].user_id: names user 1, which the document removes"},
		{
			"listed and removed", `{"users": [{"id": 1}], "remove": {"users": [{"id": 1}]}}`,
			"users[0]: is also removed, by remove.users[0]",
		},
		{
			"storage listed and removed", `{"storages": [{"name": "default"}], "remove": {"storages": [{"name": "default"}]}}`,
			"remove.storages[0]: is also listed by storages",
		},
		{
			"more than an identity to remove", `{"remove": {"users": [{"id": 1, "name": "x"}]}}`,
			"remove.users[0].name: is not part of the identity",
		},
		{
			"no identity to remove", `{"remove": {"members": [{"user_id": 1}]}}`,
			"remove.members[0]: must have either project_id or namespace_id",
		},

		{
			"member of nothing", `{"members": [{"user_id": 1, "access_level": 30}]}`,
			"members[0]: must have either project_id or namespace_id",
		},
		{
			"member of two", `{"members": [{"user_id": 1, "project_id": 7, "namespace_id": 20, "access_level": 30}]}`,
			"members[0]: must have either project_id or namespace_id",
		},
		{"kind changed", `{"namespaces": [{"id": 20, "kind": "user", "owner_id": 1}]}`, "namespaces[0].kind: can't be changed\nnamespaces[0].owner_id: has already been taken"},
		{
			"personal namespace without owner", `{"namespaces": [{"id": 29, "kind": "user", "path": "x"}]}`,
			"namespaces[0].owner_id: is required for a personal namespace",
		},
		{
			"group with owner", `{"namespaces": [{"id": 20, "owner_id": 1}]}`,
			"namespaces[0].owner_id: is for personal namespaces only",
		},
		{
			"personal namespace with parent", `{"users": [{"id": 9, "username": "n", "name": "N", "email": "n@example.com"}],
			"namespaces": [{"id": 29, "kind": "user", "path": "x", "owner_id": 9, "parent_id": 20}]}`,
			"namespaces[0].parent_id: is for groups only",
		},
		{
			"parent is no group", `{"namespaces": [{"id": 21, "parent_id": 1000000000001}]}`,
			"namespaces[0].parent_id: must be a group",
		},
		{
			"group below itself", `{"namespaces": [{"id": 20, "parent_id": 21}]}`,
			"namespaces[0].parent_id: must not lead back to the group itself",
		},
		{"groups too deep", `{"namespaces": [` + deep + `]}`, "namespaces[19].parent_id: must not lead back"},
		{
			"an id of the service", `{"namespaces": [{"id": 1000000000099, "kind": "group", "path": "x"}]}`,
			"namespaces[0].id: ids from 1000000000000 on are given out by the service",
		},
		{
			"a grant to nobody", `{"protected_tags": [{"project_id": 7, "name": "v", "create_access_levels": [{}]}]}`,
			"protected_tags[0].create_access_levels[0]: must have one of",
		},
		{"a grant to two", `{"protected_tags": [{"project_id": 7, "name": "v", "create_access_levels":
			[{"access_level": 40, "user_id": 1}]}]}`, "protected_tags[0].create_access_levels[0]: must have one of"},
		{"a deploy key that merges", `{"protected_branches": [{"project_id": 7, "name": "m", "merge_access_levels":
			[{"deploy_key_id": 12}]}]}`, "protected_branches[0].merge_access_levels[0].deploy_key_id: is for pushing only"},
		{
			"certificate without key", `{"ssh_certificates": [{"namespace_id": 20, "title": "t"}]}`,
			"ssh_certificates[0].fingerprint: or key is required",
		},
		{
			"certificate with another fingerprint", `{"ssh_certificates": [{"namespace_id": 20, "title": "t", "key": "@key3@",
			"fingerprint": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}`,
			"ssh_certificates[0].fingerprint: is not that of the key",
		},
		{
			"a project twice in a deploy key", `{"deploy_keys": [{"id": 12, "projects": [{"project_id": 7}, {"project_id": 7}]}]}`,
			"deploy_keys[0].projects[1].project_id: is given twice",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := table{tab.Store, t}
			result := tab.apply(test.document)
			compare(t, result.Mistakes, strings.Split(test.want, "\n"))
			if len(result.Counts) > 0 {
				t.Errorf("counted %v", result.Counts)
			}
		})
	}
	if counts := tab.applied(base); counts["users"].Unchanged != 2 || counts["projects"].Unchanged != 1 {
		t.Errorf("documents with mistakes changed something: %+v", counts)
	}
}

// compare holds mistakes against how they should begin.
func compare(t *testing.T, got []directory.Mistake, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d mistakes, want %d: %+v", len(got), len(want), got)
	}
	for i, m := range got {
		if line := m.Place + ": " + m.Message; !strings.HasPrefix(line, want[i]) {
			t.Errorf("got %q, want %q", line, want[i])
		}
	}
}

func TestMistakesAreListedUpToAThousand(t *testing.T) {
	document := `{"users": [` + strings.Repeat(`{"id": 0},`, 1200) + `{"id": 0}]}`
	mistakes := opened(t).apply(document).Mistakes
	if len(mistakes) != 1001 {
		t.Fatalf("got %d mistakes", len(mistakes))
	}
	if last := mistakes[1000]; last.Message != "and 201 more mistakes" {
		t.Errorf("got %+v at the end", last)
	}
}

func TestMistakesDoNotRepeatSecrets(t *testing.T) {
	const secret = "agt-very-secret"
	document := `{"agent_tokens": [
		{"id": 1, "agent_id": 99, "token": "` + secret + `"}, {"id": 2, "agent_id": 99, "token": "` + secret + `"},
		{"id": 3, "agent_id": "` + secret + `", "status": "` + secret + `", "token": ["` + secret + `"]}]}`
	mistakes := opened(t).apply(document).Mistakes
	if len(mistakes) == 0 {
		t.Fatal("no mistakes")
	}
	for _, m := range mistakes {
		if strings.Contains(m.Place+m.Message, secret) {
			t.Errorf("%+v", m)
		}
	}
}
