package directory_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

func TestOtherUniqueValuesChangeHands(t *testing.T) {
	tests := []struct {
		name, document string
		want           map[*record.Record]string
	}{
		{
			"the path of a project goes to another one", `{"projects": [{"id": 7, "path": "other"},
			{"id": 8, "namespace_id": 20, "path": "app"}]}`,
			map[*record.Record]string{projectRecord(7): `{"path": "other"}`, projectRecord(8): `{"path": "app", "namespace_id": 20}`},
		},
		{
			"paths of two groups are swapped", `{"namespaces": [{"id": 20, "path": "friends"}, {"id": 23, "path": "acme"}]}`,
			map[*record.Record]string{groupRecord(20): `{"path": "friends"}`, groupRecord(23): `{"path": "acme"}`},
		},
		{
			"keys of two users are swapped", `{"keys": [{"id": 11, "key": "@key4@"}, {"id": 13, "key": "@key1@"}]}`,
			map[*record.Record]string{keyRecord(13): `{"fingerprint_sha256": "+7Mp32er4lydoNiApNjjbYQK0PA6q+yZEYhxADwBN3M"}`},
		},
		{
			"a deploy key takes a key of a user", `{"keys": [{"id": 11, "key": "@key5@"}],
			"deploy_keys": [{"id": 12, "key": "@key1@"}]}`,
			map[*record.Record]string{keyRecord(12): `{"fingerprint_sha256": "+7Mp32er4lydoNiApNjjbYQK0PA6q+yZEYhxADwBN3M"}`},
		},
		{
			"a key takes that of a removed deploy key", `{"keys": [{"id": 11, "key": "@key2@"}], "remove": {"deploy_keys": [{"id": 12}]}}`,
			map[*record.Record]string{keyRecord(12): ``, linkRecord(12, 7): ``},
		},
		{
			"tokens of people are swapped", `{"personal_access_tokens": [{"id": 41, "token": "two"}, {"id": 42, "token": "one"}]}`,
			map[*record.Record]string{
				tokenRecord(41): `{"token_digest": "` + gitlab.TokenDigest("two") + `"}`,
				tokenRecord(42): `{"token_digest": "` + gitlab.TokenDigest("one") + `"}`,
			},
		},
		{
			"an agent takes a person's token", `{"personal_access_tokens": [{"id": 41, "token": "new"}],
			"agent_tokens": [{"id": 61, "token": "one"}]}`,
			map[*record.Record]string{agentTokenRecord(61): `{"token_digest": "` + gitlab.TokenDigest("one") + `"}`},
		},
		{
			"a token goes on after its agent is removed", `{"agent_tokens": [{"id": 62, "token": "three"}], "remove": {"agents": [{"id": 51}]}}`,
			map[*record.Record]string{agentTokenRecord(62): `{"token_digest": "` + gitlab.TokenDigest("three") + `"}`, agentTokenRecord(61): ``},
		},
		{
			"a token goes on after its user is removed", `{"personal_access_tokens": [{"id": 42, "token": "one"}],
			"remove": {"users": [{"id": 2}]}}`,
			map[*record.Record]string{tokenRecord(42): `{"token_digest": "` + gitlab.TokenDigest("one") + `"}`, tokenRecord(41): ``},
		},
		{
			"the instance takes a removed group's SCIM token", `{"scim_tokens": [{"token": "five"}], "remove": {"namespaces": [{"id": 20}]}}`,
			map[*record.Record]string{
				record.SCIMTokenRecord(&gitlab.SCIMToken{}): `{"token_digest": "` + gitlab.TokenDigest("five") + `"}`,
			},
		},
		{
			"an identity takes another external uid's user", `{"scim_identities": [
			{"namespace_id": 20, "extern_uid": "ann", "user_id": 2}, {"namespace_id": 20, "extern_uid": "bob", "user_id": 1}]}`,
			map[*record.Record]string{
				identityRecord(pointer(20), "ann"): `{"user_id": 2}`, identityRecord(pointer(20), "bob"): `{"user_id": 1}`,
			},
		},
		{
			"a new identity takes the user of a removed one", `{"scim_identities": [{"namespace_id": 20, "extern_uid": "bob2", "user_id": 2}],
			"remove": {"scim_identities": [{"namespace_id": 20, "extern_uid": "bob"}]}}`,
			map[*record.Record]string{identityRecord(pointer(20), "bob2"): `{"user_id": 2}`, identityRecord(pointer(20), "bob"): ``},
		},
		{
			"a group takes the path of a removed one", `{"namespaces": [{"id": 23, "path": "acme"}], "remove": {"namespaces": [{"id": 20}]}}`,
			map[*record.Record]string{groupRecord(23): `{"path": "acme"}`, groupRecord(20): ``, projectRecord(8): ``},
		},
		{
			"a project takes the path of a removed one", `{"projects": [{"id": 10, "namespace_id": 20, "path": "app"}],
			"remove": {"projects": [{"id": 7}]}}`,
			map[*record.Record]string{projectRecord(10): `{"path": "app", "namespace_id": 20}`, projectRecord(7): ``},
		},
		{
			"a project takes the path of a removed group", `{"projects": [{"id": 7, "path": "team"}],
			"remove": {"namespaces": [{"id": 21}]}}`,
			map[*record.Record]string{projectRecord(7): `{"path": "team"}`, groupRecord(21): ``, projectRecord(8): ``},
		},
		{
			"a group takes a removed user's name", `{"namespaces": [{"id": 23, "path": "bob"}], "remove": {"users": [{"id": 2}]}}`,
			map[*record.Record]string{groupRecord(23): `{"path": "bob"}`, userRecord(2): ``, projectRecord(9): ``},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tab := opened(t, crowded, test.document)
			for r, want := range test.want {
				if got := tab.get(r); want == "" && got != "" {
					t.Errorf("%s is there: %s", r.Key(), got)
				} else if want != "" {
					holds(t, got, want)
				}
			}
		})
	}
}
