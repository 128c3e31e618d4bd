package directory_test

import (
	"strings"
	"testing"

	"postern/shared/directory/document"
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

// mistaken is a document and its mistakes, one a line, as they begin: "place: message".
type mistaken struct {
	name, document, want string
}

// checkMistakes applies documents with mistakes to base, and makes sure that nothing came of them.
func checkMistakes(t *testing.T, tests []mistaken) {
	t.Helper()
	tab := opened(t, base)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := tab.with(t).apply(test.document)
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

func TestMistakesInTheFieldsOfARecord(t *testing.T) {
	checkMistakes(t, []mistaken{
		{"not JSON", `{"users": [}`, ": is not valid JSON near byte"},
		{"cut off", `{"users": [{"id": 1`, ": is not valid JSON near byte"},
		{"empty", ``, ": is not valid JSON near byte"},
		{"no object", `[]`, ": must be an object"},
		{"more than one object", `{} {}`, ": must be one object and nothing more"},
		{"unknown array", `{"gadgets": []}`, "gadgets: is not known"},
		{"unknown array to remove", `{"remove": {"instance": {}}}`, "remove.instance: is not known"},
		{"remove given twice", `{"remove": {}, "remove": {}}`, "remove: is given twice"},
		{"array given twice, once as null", `{"users": null, "users": []}`, "users: is given twice"},
		{
			"certificate to remove by a key that is none", `{"remove": {"ssh_certificates": [{"namespace_id": 20, "key": "x"}]}}`,
			"remove.ssh_certificates[0].fingerprint: is required",
		},
		{"array given twice", `{"users": [], "users": []}`, "users: is given twice"},
		{"no array", `{"users": {}}`, "users: must be an array"},
		{"no record", `{"users": [5]}`, "users[0]: must be an object"},
		{"null record", `{"users": [null]}`, "users[0]: must be an object"},
		{"unknown field", `{"users": [{"id": 1, "nick": "a"}]}`, "users[0].nick: is not known"},
		{"a field of the service", `{"users": [{"id": 1, "namespace_id": 5}]}`, "users[0].namespace_id: is not known"},
		{
			"a digest instead of a token", `{"agent_tokens": [{"id": 4, "token_digest": "ab"}]}`,
			"agent_tokens[0].token_digest: must be a SHA-256 in 64 hexadecimal digits, in lower case",
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
	})
}

// compare holds mistakes against how they should begin.
func compare(t *testing.T, got []document.Mistake, want []string) {
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
