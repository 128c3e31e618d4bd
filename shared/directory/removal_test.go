package directory_test

import (
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store"
)

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
