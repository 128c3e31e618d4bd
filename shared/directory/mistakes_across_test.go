package directory_test

import (
	"fmt"
	"testing"
)

func TestMistakesAcrossRecords(t *testing.T) {
	deep := `{"id": 1000, "kind": "group", "path": "g", "parent_id": 20}`
	for i := 1001; i < 1020; i++ {
		deep += fmt.Sprintf(`, {"id": %d, "kind": "group", "path": "g", "parent_id": %d}`, i, i-1)
	}
	checkMistakes(t, []mistaken{
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
		{
			"two open merge requests with one pair", `{"merge_requests": [
				{"project_id": 7, "iid": 1, "source_branch": "a", "target_branch": "main"},
				{"project_id": 7, "iid": 2, "source_branch": "a", "target_branch": "main"}]}`,
			"merge_requests[1].source_branch: is also that of merge_requests[0]",
		},
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
	})
}
