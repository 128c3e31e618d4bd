package directory

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
)

// judged returns the mistakes of one field, as JSON, in a record that is not new.
func judged(value any, field, data string) []document.Mistake {
	var m document.Mistakes
	v := reflect.New(reflect.TypeOf(value))
	fields := document.Object{field: json.RawMessage(data)}
	document.SchemaOf(v.Elem().Type()).Merge(v.Elem(), reflect.New(v.Elem().Type()).Elem(), fields, "x", false, &m)
	return m.List
}

func TestEnumerations(t *testing.T) {
	tests := []struct {
		name  string
		value any
		field string
		right string // JSON values, with spaces between them
		wrong string
	}{
		{"edition", gitlab.Instance{}, "edition", `"ee" "ce"`, `"EE" "" 1`},
		{"git access of the instance", gitlab.Instance{}, "enabled_git_access_protocol", `"" "ssh" "http"`, `"https" "all" false`},
		{"git access of a group", gitlab.Namespace{}, "enabled_git_access_protocol", `"" "ssh" "http"`, `"https" "SSH" 0`},
		{"kind of namespace", gitlab.Namespace{}, "kind", `"group" "user"`, `"Group" "project" ""`},
		{"visibility of a namespace", gitlab.Namespace{}, "visibility", `"private" "internal" "public"`, `"secret" 20`},
		{"visibility of a project", gitlab.Project{}, "visibility", `"private" "internal" "public"`, `"Public" ""`},
		{"visibility of a snippet", gitlab.Snippet{}, "visibility", `"private" "internal" "public"`, `"hidden"`},
		{
			"who may create projects",
			gitlab.Namespace{},
			"project_creation_level",
			`"noone" "administrator" "owner" "maintainer" "developer"`, `"guest" "" 2`,
		},
		{"default branch protection", gitlab.Namespace{}, "default_branch_protection", `null 0 1 2 3 4`, `5 -1 "2" 1.0`},
		{"default role of SAML", gitlab.Namespace{}, "saml_default_membership_role", `10 15 20 30 40 50`, `0 5 60 "10"`},
		{
			"state of a user",
			gitlab.User{},
			"state",
			`"active" "blocked" "blocked_pending_approval" "banned" "deactivated"`, `"locked" "" true`,
		},
		{
			"type of user",
			gitlab.User{},
			"user_type",
			`"human" "ghost" "support_bot" "alert_bot" "service_user" "project_bot" "migration_bot" "security_bot"`, `"bot" "" 1`,
		},
		{
			"type of user, newer ones",
			gitlab.User{},
			"user_type",
			`"automation_bot" "security_policy_bot" "admin_bot" "suggested_reviewers_bot" "service_account" "llm_bot"`, `"robot"`,
		},
		{"usage of a key", gitlab.Key{}, "usage_type", `"auth_and_signing" "auth" "signing"`, `"sign" "" 0`},
		{"level of a repository", gitlab.Project{}, "repository_access_level", `"enabled" "private" "disabled"`, `"public" true`},
		{"level of a wiki", gitlab.Project{}, "wiki_access_level", `"enabled" "private" "disabled"`, `"public" true`},
		{"level of snippets", gitlab.Project{}, "snippets_access_level", `"enabled" "private" "disabled"`, `"" 20`},
		{"level of merge requests", gitlab.Project{}, "merge_requests_access_level", `"enabled" "private" "disabled"`, `"off"`},
		{"level of a member", gitlab.Member{}, "access_level", `10 15 20 30 40 50`, `0 5 25 60 "30" 30.0`},
		{"level of a SAML link", gitlab.SAMLGroupLink{}, "access_level", `10 15 20 30 40 50`, `0 60`},
		{"level of a grant", gitlab.Grantee{}, "access_level", `0 30 40 60`, `10 20 50 -1`},
		{"state of a merge request", gitlab.MergeRequest{}, "state", `"opened" "locked" "merged" "closed"`, `"open" ""`},
		{"status of an agent's token", gitlab.AgentToken{}, "status", `"active" "revoked"`, `"inactive" ""`},
		{"type of a policy", gitlab.SecurityPolicy{}, "type", `"scan_execution"`, `"scan_result" ""`},
		{"type of a broadcast", gitlab.Broadcast{}, "type", `"banner" "notification"`, `"popup" ""`},
		{"levels of a broadcast", gitlab.Broadcast{}, "target_access_levels", `[] [10] [10,15,20,30,40,50]`, `10 [60] [10,"20"]`},

		{"SSH port", gitlab.Instance{}, "ssh_port", `1 22 65535`, `0 65536 -1 "22"`},
		{"input size", gitlab.Instance{}, "receive_max_input_size", `null 0 1 1099511627776`, `-1 1099511627777 "5"`},
		{"operation limit", gitlab.Instance{}, "gitlab_shell_operation_limit", `0 600 2147483648`, `-1 2147483649`},
		{"version of the terms", gitlab.Instance{}, "terms_version", `null 0 3`, `-1 "3"`},
		{"lifetime of tokens", gitlab.Instance{}, "max_personal_access_token_lifetime", `null 1 36500`, `0 36501`},
		{"lifetime of LFS tokens", gitlab.Instance{}, "lfs_token_ttl", `1 1800`, `0 -5`},
		{"accepted version", gitlab.User{}, "terms_accepted_version", `null 0 3`, `-1`},
		{"number of projects", gitlab.User{}, "projects_limit", `0 100000`, `-1 2147483649`},

		{"ids", gitlab.Ref{}, "project_id", `1 4294967297 9007199254740992`, `0 -1 9007199254740993 "1" 1e3`},
		{"ids that may be missing", gitlab.Snippet{}, "project_id", `null 1 4294967297`, `0 -1 9007199254740993 "1"`},
		{"truth", gitlab.User{}, "admin", `true false null`, `"true" 1 []`},
		{"times", gitlab.Member{}, "expires_at", `null "2027-01-01T00:00:00Z" "2027-01-01" "2027-01-01T00:00:00.5+02:00"`, `"1.1.2027" 1 ""`},
		{"times that are no dates", gitlab.User{}, "confirmed_at", `null "2027-01-01T00:00:00Z"`, `"2027-01-01" "now"`},
		{"dates", gitlab.PersonalAccessToken{}, "expires_at", `null "2027-01-01"`, `"2027-1-1" "2027-01-01T00:00:00Z" "" 5`},
		{"maps", gitlab.Storage{}, "features", `null {} {"a":"b"}`, `{"a":1} {"a":null} [] "a"`},
		{"lists", gitlab.PersonalAccessToken{}, "scopes", `[] ["api"]`, `"api" [1] [null] {}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for data := range strings.FieldsSeq(test.right) {
				if wrong := judged(test.value, test.field, data); len(wrong) > 0 {
					t.Errorf("%s is refused: %v", data, wrong)
				}
			}
			for data := range strings.FieldsSeq(test.wrong) {
				if len(judged(test.value, test.field, data)) != 1 {
					t.Errorf("%s is taken", data)
				}
			}
		})
	}
}

func TestListsAreBounded(t *testing.T) {
	tests := []struct {
		name  string
		value any
		field string
		entry string
		most  int
	}{
		{"redirects of a project: index items in one transaction", gitlab.Project{}, "redirects", `"a/b"`, 20},
		{"redirects of a namespace", gitlab.Namespace{}, "redirects", `"a/b"`, 20},
		{"projects of a deploy key: written apart", deployKey{}, "projects", `{"project_id": 1}`, 10000},
		{"IP ranges", gitlab.Namespace{}, "ip_ranges", `"10.0.0.0/8"`, 1000},
		{"scopes", gitlab.PersonalAccessToken{}, "scopes", `"api"`, 1000},
		{"grants", gitlab.ProtectedTag{}, "create_access_levels", `{"user_id": 1}`, 1000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(test.entry+",", n), ",") + "]" }
			if wrong := judged(test.value, test.field, list(test.most)); len(wrong) > 0 {
				t.Errorf("%d entries are refused: %v", test.most, wrong)
			}
			want := fmt.Sprintf("has too many entries (maximum is %d)", test.most)
			if wrong := judged(test.value, test.field, list(test.most+1)); len(wrong) != 1 || wrong[0].Message != want {
				t.Errorf("one more: got %v", wrong)
			}
		})
	}
}

func TestTokensAreJudgedWithoutBeingRepeated(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"a text is taken", `"secret"`, ""},
		{"the longest one is taken", `"` + strings.Repeat("s", document.MaxToken) + `"`, ""},
		{"a longer one is not", `"` + strings.Repeat("s", document.MaxToken+1) + `"`, "is too long (maximum is 1024 characters)"},
		{"a blank one is not", `" \t"`, "must not be blank"},
		{"an empty one is not", `""`, "must not be blank"},
		{"a number is not", `5`, "must be a string"},
		{"a list is not", `["secret"]`, "must be a string"},
		{"null is not: a token cannot be cleared", `null`, "must not be null"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			for _, m := range judged(gitlab.AgentToken{}, "token", test.data) {
				got += m.Message
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
