package directory_test

import (
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

func TestRemoval(t *testing.T) {
	member := record.MemberRecord(&gitlab.Member{UserID: 2, NamespaceID: pointer(22)})
	token := record.PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: 1})
	agentToken := record.AgentTokenRecord(&gitlab.AgentToken{ID: 5})
	identity := record.SCIMIdentityRecord(&gitlab.SCIMIdentity{NamespaceID: pointer(20), ExternUID: "u-bob"})
	request := record.MergeRequestRecord(&gitlab.MergeRequest{ProjectID: 9, IID: 1})
	exclusion := record.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20})
	rules := record.RulesRecord(&record.Rules{ProjectID: pointer(9)})
	tests := []struct {
		name, document string
		gone, left     []*record.Record
		holds          map[*record.Record]string
	}{
		{
			"a user goes with keys, memberships, tokens, identities, snippets and own projects",
			`{"remove": {"users": [{"id": 2}]}}`,
			[]*record.Record{userRecord(2), keyRecord(11), member, token, identity, snippetRecord(31), projectRecord(8), request},
			[]*record.Record{userRecord(1), snippetRecord(32), projectRecord(7)},
			map[*record.Record]string{keyRecord(12): `{"user_id": null}`, agentRecord(3): `{"created_by_user_id": null}`},
		},
		{
			"a group goes with groups, projects and what belongs to them",
			`{"remove": {"namespaces": [{"id": 20}]}}`,
			[]*record.Record{
				groupRecord(20), groupRecord(21), projectRecord(7), snippetRecord(32), agentRecord(4), agentToken, identity,
				exclusion, linkRecord(12, 7),
			},
			[]*record.Record{groupRecord(22), keyRecord(12), userRecord(2), linkRecord(12, 9)},
			map[*record.Record]string{userRecord(1): `{"enterprise_group_id": null}`},
		},
		{
			"a project goes with its merge requests and links",
			`{"remove": {"projects": [{"id": 9}]}}`,
			[]*record.Record{projectRecord(9), request, agentRecord(3), linkRecord(12, 9), rules},
			[]*record.Record{keyRecord(12), linkRecord(12, 7)},
			map[*record.Record]string{projectRecord(8): `{"collaborations": null}`},
		},
		{
			"a deploy key goes with its links", `{"remove": {"deploy_keys": [{"id": 12}]}}`,
			[]*record.Record{keyRecord(12), linkRecord(12, 7), linkRecord(12, 9)},
			[]*record.Record{keyRecord(11)},
			nil,
		},
		{
			"an agent goes with its tokens", `{"remove": {"agents": [{"id": 4}]}}`,
			[]*record.Record{agentRecord(4), agentToken},
			[]*record.Record{agentRecord(3)},
			nil,
		},
		{
			"a merge request goes with its collaboration", `{"remove": {"merge_requests": [{"project_id": 9, "iid": 1}]}}`,
			[]*record.Record{request},
			nil,
			map[*record.Record]string{projectRecord(8): `{"collaborations": null}`},
		},
		{
			"a membership", `{"remove": {"members": [{"user_id": 2, "namespace_id": 22}]}}`,
			[]*record.Record{member},
			[]*record.Record{userRecord(2)},
			nil,
		},
		{
			"what does not exist", `{"remove": {"users": [{"id": 99}], "protected_tags": [{"project_id": 99, "name": "v"}]}}`,
			nil,
			[]*record.Record{userRecord(1)},
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
			text := tab.get(record.RulesRecord(&record.Rules{ProjectID: pointer(9)}))
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
