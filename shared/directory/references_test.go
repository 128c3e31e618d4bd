package directory_test

import (
	"strings"
	"testing"
)

// naming are records that name another one in one field, # being its id.
var naming = []struct {
	place    string // of the field
	of       string // the kind that is named
	document string
	stays    bool // removing what is named leaves the record, without the field
}{
	{"users[0].enterprise_group_id", "namespace", `{"users": [{"id": 1, "enterprise_group_id": #}]}`, true},
	{"users[0].provisioned_by_group_id", "namespace", `{"users": [{"id": 1, "provisioned_by_group_id": #}]}`, true},
	{"namespaces[0].parent_id", "namespace", `{"namespaces": [{"id": 21, "parent_id": #}]}`, false},
	{"namespaces[0].owner_id", "user", `{"namespaces": [{"id": 90, "kind": "user", "path": "p", "owner_id": #}]}`, false},
	{"projects[0].namespace_id", "namespace", `{"projects": [{"id": 90, "namespace_id": #, "path": "p"}]}`, false},
	{"keys[0].user_id", "user", `{"keys": [{"id": 90, "user_id": #, "title": "t", "key": "@key3@"}]}`, false},
	{
		"deploy_keys[0].creator_id", "user",
		`{"deploy_keys": [{"id": 90, "creator_id": #, "title": "t", "key": "@key3@", "projects": []}]}`, true,
	},
	{
		"deploy_keys[0].projects[0].project_id", "project",
		`{"deploy_keys": [{"id": 90, "creator_id": null, "title": "t", "key": "@key3@", "projects": [{"project_id": #}]}]}`, false,
	},
	{"members[0].user_id", "user", `{"members": [{"user_id": #, "namespace_id": 21, "access_level": 30}]}`, false},
	{"members[0].project_id", "project", `{"members": [{"user_id": 1, "project_id": #, "access_level": 30}]}`, false},
	{"members[0].namespace_id", "namespace", `{"members": [{"user_id": 1, "namespace_id": #, "access_level": 30}]}`, false},
	{"protected_branches[0].project_id", "project", `{"protected_branches": [{"project_id": #, "name": "m"}]}`, false},
	{"protected_branches[0].namespace_id", "namespace", `{"protected_branches": [{"namespace_id": #, "name": "m"}]}`, false},
	{
		"protected_branches[0].push_access_levels[0].user_id", "user",
		`{"protected_branches": [{"namespace_id": 21, "name": "m", "push_access_levels": [{"user_id": #}]}]}`, true,
	},
	{
		"protected_branches[0].merge_access_levels[0].group_id", "namespace",
		`{"protected_branches": [{"namespace_id": 21, "name": "m", "merge_access_levels": [{"group_id": #}]}]}`, true,
	},
	{
		"protected_branches[0].push_access_levels[0].deploy_key_id", "key",
		`{"protected_branches": [{"namespace_id": 21, "name": "m", "push_access_levels": [{"deploy_key_id": #}]}]}`, true,
	},
	{"protected_tags[0].project_id", "project", `{"protected_tags": [{"project_id": #, "name": "v"}]}`, false},
	{
		"protected_tags[0].create_access_levels[0].user_id", "user",
		`{"protected_tags": [{"project_id": 8, "name": "v", "create_access_levels": [{"user_id": #}]}]}`, true,
	},
	{
		"refs[0].project_id", "project",
		`{"refs": [{"project_id": #, "ref": "refs/x", "target": "` + strings.Repeat("a", 40) + `"}]}`, false,
	},
	{"snippets[0].author_id", "user", `{"snippets": [{"id": 90, "author_id": #}]}`, false},
	{"snippets[0].project_id", "project", `{"snippets": [{"id": 90, "author_id": 1, "project_id": #}]}`, false},
	{
		"merge_requests[0].source_project_id", "project",
		`{"merge_requests": [{"project_id": 8, "iid": 9, "source_project_id": #, "source_branch": "a", "target_branch": "b"}]}`, false,
	},
	{
		"ssh_certificates[0].namespace_id", "namespace",
		`{"ssh_certificates": [{"namespace_id": #, "key": "@key3@", "title": "t"}]}`, false,
	},
	{
		"personal_access_tokens[0].user_id", "user",
		`{"personal_access_tokens": [{"id": 90, "user_id": #, "name": "n", "scopes": [], "token": "t"}]}`, false,
	},
	{"agents[0].project_id", "project", `{"agents": [{"id": 90, "name": "n", "project_id": #}]}`, false},
	{
		"agents[0].created_by_user_id", "user",
		`{"agents": [{"id": 90, "name": "n", "project_id": 8, "created_by_user_id": #}]}`, true,
	},
	{"agent_tokens[0].agent_id", "agent", `{"agent_tokens": [{"id": 90, "agent_id": #, "token": "t"}]}`, false},
	{
		"security_policies[0].project_id", "project",
		`{"security_policies": [{"project_id": #, "name": "p", "type": "scan_execution", "yaml": "name: y"}]}`, false,
	},
	{
		"security_policies[0].namespace_id", "namespace",
		`{"security_policies": [{"namespace_id": #, "name": "p", "type": "scan_execution", "yaml": "name: y"}]}`, false,
	},
	{
		"saml_group_links[0].namespace_id", "namespace",
		`{"saml_group_links": [{"namespace_id": #, "saml_group_name": "g", "access_level": 30}]}`, false,
	},
	{"scim_tokens[0].namespace_id", "namespace", `{"scim_tokens": [{"namespace_id": #, "token": "t"}]}`, false},
	{
		"scim_identities[0].namespace_id", "namespace",
		`{"scim_identities": [{"namespace_id": #, "extern_uid": "u", "user_id": 1}]}`, false,
	},
	{
		"scim_identities[0].user_id", "user",
		`{"scim_identities": [{"namespace_id": 21, "extern_uid": "u", "user_id": #}]}`, false,
	},
	{
		"storage_limit_exclusions[0].namespace_id", "namespace",
		`{"storage_limit_exclusions": [{"namespace_id": #, "reason": "r"}]}`, false,
	},
}

func TestEveryReferenceMustLeadSomewhere(t *testing.T) {
	tab := opened(t, ground)
	for _, test := range naming {
		t.Run(test.place, func(t *testing.T) {
			result := tab.with(t).apply(strings.ReplaceAll(test.document, "#", "4711"))
			found := false
			for _, m := range result.Mistakes {
				found = found || m.Place == test.place && m.Message == "names "+test.of+" 4711, which does not exist"
			}
			if !found {
				t.Errorf("got %+v", result.Mistakes)
			}
		})
	}
}

// named are what the references are made to lead to, and how that is removed again.
var named = map[string]struct{ id, made, array string }{
	"user":      {"70", `{"users": [{"id": 70, "username": "x", "name": "X", "email": "x@example.com"}]`, "users"},
	"namespace": {"71", `{"namespaces": [{"id": 71, "kind": "group", "path": "group-x"}]`, "namespaces"},
	"project":   {"72", `{"projects": [{"id": 72, "namespace_id": 20, "path": "x"}]`, "projects"},
	"key":       {"73", `{"deploy_keys": [{"id": 73, "creator_id": null, "title": "x", "key": "@key4@", "projects": []}]`, "deploy_keys"},
	"agent":     {"74", `{"agents": [{"id": 74, "name": "x", "project_id": 7}]`, "agents"},
}

func TestWhatIsRemovedMustNotBeNamed(t *testing.T) {
	tab := opened(t, ground)
	for _, made := range named {
		tab.applied(made.made + "}")
	}
	for _, test := range naming {
		t.Run(test.place, func(t *testing.T) {
			to := named[test.of]
			document := strings.TrimSuffix(strings.ReplaceAll(test.document, "#", to.id), "}") +
				`, "remove": {"` + to.array + `": [{"id": ` + to.id + `}]}}`
			found := false
			for _, m := range tab.with(t).apply(document).Mistakes {
				found = found || m.Place == test.place && strings.HasSuffix(m.Message, to.id+", which the document removes")
			}
			if !found {
				t.Error("it may be named")
			}
		})
	}
}

func TestARecordOfTheSameDocumentMayBeNamedAndTakesWhatNeedsItAlong(t *testing.T) {
	tab := opened(t, ground)
	for _, test := range naming {
		t.Run(test.place, func(t *testing.T) {
			tab := tab.with(t)
			to := named[test.of]
			record := strings.ReplaceAll(test.document, "#", to.id)
			if array := strings.TrimPrefix(record, "{"); strings.HasPrefix(array, `"`+to.array+`"`) {
				tab.applied(to.made + "}") // an array is given once
				tab.applied(record)
			} else {
				tab.applied(to.made + ", " + array)
			}
			result := tab.apply(`{"remove": {"` + to.array + `": [{"id": ` + to.id + `}]}}`)
			if result.Counts[to.array].Removed != 1 {
				t.Fatalf("got %+v", result)
			}
			array, _, _ := strings.Cut(test.place, "[")
			again := tab.apply(`{"remove": {"` + array + `": [` + identityIn(t, record, array) + `]}}`)
			// A deploy key stays without the link to the project.
			stays := test.stays || array == "deploy_keys"
			if left := again.Counts[array].Removed == 1; left != stays {
				t.Errorf("left over: %v, want %v", left, stays)
			}
			tab.applied(ground)
		})
	}
}
