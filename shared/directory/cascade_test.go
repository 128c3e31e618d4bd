package directory_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// crowded is a document in which a user, a group and a project each have one of everything that can hang off them.
const crowded = `{
	"users": [
		{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com", "provisioned_by_group_id": 20},
		{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}],
	"namespaces": [
		{"id": 20, "kind": "group", "path": "acme", "redirects": ["old"]},
		{"id": 21, "kind": "group", "path": "team", "parent_id": 20}, {"id": 22, "kind": "group", "path": "deep", "parent_id": 21},
		{"id": 23, "kind": "group", "path": "friends"}],
	"projects": [
		{"id": 7, "namespace_id": 20, "path": "app"}, {"id": 8, "namespace_id": 22, "path": "lib"},
		{"id": 9, "namespace_id": 1000000000002, "path": "own"}, {"id": 10, "namespace_id": 23, "path": "theirs"}],
	"keys": [{"id": 11, "user_id": 2, "title": "k", "key": "@key1@"}, {"id": 13, "user_id": null, "title": "n", "key": "@key4@"}],
	"deploy_keys": [{"id": 12, "creator_id": 2, "title": "d", "key": "@key2@", "projects": [{"project_id": 7}, {"project_id": 10}]}],
	"members": [
		{"user_id": 2, "namespace_id": 20, "access_level": 30}, {"user_id": 2, "project_id": 10, "access_level": 30},
		{"user_id": 1, "project_id": 7, "access_level": 40}, {"user_id": 1, "project_id": 10, "access_level": 40}],
	"protected_branches": [
		{"project_id": 7, "name": "main"}, {"namespace_id": 20, "name": "main"},
		{"project_id": 10, "name": "main", "push_access_levels": [{"user_id": 2}, {"group_id": 20}, {"access_level": 40}]}],
	"protected_tags": [{"project_id": 10, "name": "v", "create_access_levels": [{"user_id": 2}, {"group_id": 20}]}],
	"refs": [{"project_id": 7, "ref": "refs/heads/main", "target": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}],
	"snippets": [{"id": 31, "author_id": 2}, {"id": 32, "author_id": 1, "project_id": 7}, {"id": 33, "author_id": 1}],
	"merge_requests": [
		{"project_id": 7, "iid": 1, "source_branch": "a", "target_branch": "main"},
		{"project_id": 10, "iid": 1, "source_project_id": 7, "source_branch": "b", "target_branch": "main"},
		{"project_id": 10, "iid": 2, "source_branch": "c", "target_branch": "main"}],
	"ssh_certificates": [{"namespace_id": 20, "fingerprint": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "title": "ca"}],
	"personal_access_tokens": [
		{"id": 41, "user_id": 2, "name": "t", "scopes": ["api"], "token": "one"},
		{"id": 42, "user_id": 1, "name": "t", "scopes": ["api"], "token": "two"}],
	"agents": [
		{"id": 51, "name": "a", "project_id": 7, "created_by_user_id": 1}, {"id": 52, "name": "b", "project_id": 10, "created_by_user_id": 2}],
	"agent_tokens": [{"id": 61, "agent_id": 51, "token": "three"}, {"id": 62, "agent_id": 52, "token": "four"}],
	"security_policies": [
		{"project_id": 7, "name": "p", "type": "scan_execution", "yaml": "name: y"},
		{"namespace_id": 20, "name": "p", "type": "scan_execution", "yaml": "name: y"}],
	"saml_group_links": [{"namespace_id": 20, "saml_group_name": "g", "access_level": 30}],
	"scim_tokens": [{"namespace_id": 20, "token": "five"}, {"token": "six"}],
	"scim_identities": [
		{"namespace_id": 20, "extern_uid": "ann", "user_id": 1}, {"namespace_id": 20, "extern_uid": "bob", "user_id": 2},
		{"namespace_id": null, "extern_uid": "bob", "user_id": 2}, {"namespace_id": null, "extern_uid": "ann", "user_id": 1}],
	"storage_limit_exclusions": [{"namespace_id": 20, "reason": "r"}, {"namespace_id": 23, "reason": "r"}]
}`

// The records of crowded that are found by more than an id.

func memberRecord(user gitlab.ID, project, namespace *gitlab.ID) *record.Record {
	return record.MemberRecord(&gitlab.Member{UserID: user, ProjectID: project, NamespaceID: namespace})
}

func rulesRecord(project, namespace *gitlab.ID) *record.Record {
	return record.RulesRecord(&record.Rules{ProjectID: project, NamespaceID: namespace})
}

func policyRecord(project, namespace *gitlab.ID) *record.Record {
	return record.SecurityPolicyRecord(&gitlab.SecurityPolicy{ProjectID: project, NamespaceID: namespace, Name: "p"})
}

func identityRecord(namespace *gitlab.ID, uid string) *record.Record {
	return record.SCIMIdentityRecord(&gitlab.SCIMIdentity{NamespaceID: namespace, ExternUID: uid})
}

func requestRecord(project, iid gitlab.ID) *record.Record {
	return record.MergeRequestRecord(&gitlab.MergeRequest{ProjectID: project, IID: iid})
}

func exclusionRecord(namespace gitlab.ID) *record.Record {
	return record.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: namespace})
}

func tokenRecord(id gitlab.ID) *record.Record {
	return record.PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: id})
}

func agentTokenRecord(id gitlab.ID) *record.Record {
	return record.AgentTokenRecord(&gitlab.AgentToken{ID: id})
}

// fate is what becomes of a record: gone, or left, with some of its fields.
type fate struct {
	name   string
	record *record.Record
	left   bool
	holds  string
}

// checkFates loads crowded, applies a document and looks at what became of its records.
func checkFates(t *testing.T, document string, fates []fate) {
	t.Helper()
	tab := opened(t, crowded, document)
	for _, f := range fates {
		t.Run(f.name, func(t *testing.T) {
			got := tab.with(t).get(f.record)
			if (got != "") != f.left {
				t.Fatalf("it is there: %v, want %v: %s", got != "", f.left, got)
			}
			if f.holds != "" {
				holds(t, got, f.holds)
			}
		})
	}
}

func TestWhatBecomesOfTheRecordsOfARemovedUser(t *testing.T) {
	checkFates(t, `{"remove": {"users": [{"id": 2}]}}`, []fate{
		{"the user goes", userRecord(2), false, ""},
		{"the personal namespace goes", groupRecord(1_000_000_000_002), false, ""},
		{"a project in it goes", projectRecord(9), false, ""},
		{"a key goes", keyRecord(11), false, ""},
		{"a key of nobody stays", keyRecord(13), true, ""},
		{"a deploy key stays, without creator", keyRecord(12), true, `{"user_id": null, "title": "d"}`},
		{"a membership in a group goes", memberRecord(2, nil, pointer(20)), false, ""},
		{"a membership in a project goes", memberRecord(2, pointer(10), nil), false, ""},
		{"another one's membership stays", memberRecord(1, pointer(7), nil), true, ""},
		{"a personal snippet goes", snippetRecord(31), false, ""},
		{"another one's snippet stays", snippetRecord(33), true, ""},
		{"a token goes", tokenRecord(41), false, ""},
		{"another one's token stays", tokenRecord(42), true, ""},
		{"an agent stays, without who made it", agentRecord(52), true, `{"created_by_user_id": null, "name": "b"}`},
		{"an agent's token stays", agentTokenRecord(62), true, ""},
		{"an identity with a group goes", identityRecord(pointer(20), "bob"), false, ""},
		{"an identity with the instance goes", identityRecord(nil, "bob"), false, ""},
		{"another one's identity stays", identityRecord(nil, "ann"), true, ""},
		{"a rule stays", rulesRecord(pointer(10), nil), true, ""},
		{"a merge request stays", requestRecord(10, 2), true, ""},
	})
}

func TestWhatBecomesOfTheRecordsOfARemovedGroup(t *testing.T) {
	checkFates(t, `{"remove": {"namespaces": [{"id": 20}]}}`, []fate{
		{"the group goes", groupRecord(20), false, ""},
		{"a group in it goes", groupRecord(21), false, ""},
		{"a group in that goes", groupRecord(22), false, ""},
		{"another group stays", groupRecord(23), true, ""},
		{"a project in it goes", projectRecord(7), false, ""},
		{"a project further down goes", projectRecord(8), false, ""},
		{"another project stays", projectRecord(10), true, `{"collaborations": null}`},
		{"who was provisioned by it stays", userRecord(1), true, `{"provisioned_by_group_id": null}`},
		{"a membership goes", memberRecord(2, nil, pointer(20)), false, ""},
		{"a membership in its project goes", memberRecord(1, pointer(7), nil), false, ""},
		{"its rules go", rulesRecord(nil, pointer(20)), false, ""},
		{"the rules of its project go", rulesRecord(pointer(7), nil), false, ""},
		{"a rule that lets it in stays", rulesRecord(pointer(10), nil), true, ""},
		{
			"a certificate goes", record.SSHCertificateRecord(&gitlab.SSHCertificate{
				NamespaceID: 20, Fingerprint: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
			}),
			false, "",
		},
		{"a policy goes", policyRecord(nil, pointer(20)), false, ""},
		{"a link goes", record.SAMLGroupLinkRecord(&gitlab.SAMLGroupLink{NamespaceID: 20, SAMLGroupName: "g"}), false, ""},
		{"its SCIM token goes", record.SCIMTokenRecord(&gitlab.SCIMToken{NamespaceID: pointer(20)}), false, ""},
		{"the instance's SCIM token stays", record.SCIMTokenRecord(&gitlab.SCIMToken{}), true, ""},
		{"an identity goes", identityRecord(pointer(20), "ann"), false, ""},
		{"an identity with the instance stays", identityRecord(nil, "bob"), true, ""},
		{"its exclusion goes", exclusionRecord(20), false, ""},
		{"another exclusion stays", exclusionRecord(23), true, ""},
		{"an agent of its project goes", agentRecord(51), false, ""},
		{"that agent's token goes", agentTokenRecord(61), false, ""},
		{"a deploy key stays", keyRecord(12), true, ""},
		{"a deploy key's link goes", linkRecord(12, 7), false, ""},
	})
}

func TestWhatBecomesOfTheRecordsOfARemovedProject(t *testing.T) {
	checkFates(t, `{"remove": {"projects": [{"id": 7}]}}`, []fate{
		{"the project goes", projectRecord(7), false, ""},
		{"its namespace stays", groupRecord(20), true, ""},
		{"its rules go", rulesRecord(pointer(7), nil), false, ""},
		{"the rules of its group stay", rulesRecord(nil, pointer(20)), true, ""},
		{"a membership goes", memberRecord(1, pointer(7), nil), false, ""},
		{"a membership in its group stays", memberRecord(2, nil, pointer(20)), true, ""},
		{"a ref goes", record.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/main"}), false, ""},
		{"a snippet goes", snippetRecord(32), false, ""},
		{"its author's other snippet stays", snippetRecord(33), true, ""},
		{"a merge request into it goes", requestRecord(7, 1), false, ""},
		{"a merge request from it goes", requestRecord(10, 1), false, ""},
		{"another merge request there stays", requestRecord(10, 2), true, ""},
		{"a policy goes", policyRecord(pointer(7), nil), false, ""},
		{"an agent goes", agentRecord(51), false, ""},
		{"its token goes", agentTokenRecord(61), false, ""},
		{"another agent's token stays", agentTokenRecord(62), true, ""},
		{"a deploy key stays", keyRecord(12), true, ""},
		{"its link goes", linkRecord(12, 7), false, ""},
		{"the key's other link stays", linkRecord(12, 10), true, ""},
	})
}
