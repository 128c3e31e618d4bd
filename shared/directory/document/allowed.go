package document

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"postern/shared/gitlab"
)

// What the values of fields may be. Rules are named "<struct>.<field>".

// Enumerations are the texts that a type of the domain may have.
//
// The tables are by type where the type says it all, and by field where a plain text or number has a meaning of its own.
var Enumerations = map[reflect.Type][]string{
	reflect.TypeFor[gitlab.Edition]():              {"ee", "ce"},
	reflect.TypeFor[gitlab.NamespaceKind]():        {"group", "user"},
	reflect.TypeFor[gitlab.Visibility]():           {"private", "internal", "public"},
	reflect.TypeFor[gitlab.ProjectCreationLevel](): {"noone", "administrator", "owner", "maintainer", "developer"},
	reflect.TypeFor[gitlab.UserState]():            {"active", "blocked", "blocked_pending_approval", "banned", "deactivated"},
	reflect.TypeFor[gitlab.UserType](): {
		"human", "ghost", "support_bot", "alert_bot", "visual_review_bot", "service_user", "project_bot", "migration_bot",
		"security_bot", "automation_bot", "security_policy_bot", "admin_bot", "suggested_reviewers_bot",
		"service_account", "llm_bot", "placeholder", "duo_code_review_bot", "import_user",
	},
	reflect.TypeFor[gitlab.UsageType]():         {"auth_and_signing", "auth", "signing"},
	reflect.TypeFor[gitlab.FeatureLevel]():      {"enabled", "private", "disabled"},
	reflect.TypeFor[gitlab.MergeRequestState](): {"opened", "locked", "merged", "closed"},
}

// Secrets are the fields that are kept as they were given and must not be shown.
var Secrets = map[string]bool{
	"User.otp_secret": true, "Storage.token": true, "Instance.error_tracking_access_token": true,
}

// Texts are the values that other texts may have.
var Texts = map[string][]string{
	"Instance.enabled_git_access_protocol":  {"", "ssh", "http"},
	"Namespace.enabled_git_access_protocol": {"", "ssh", "http"},
	"Broadcast.type":                        {"banner", "notification"},
	"AgentToken.status":                     {"active", "revoked"},
	"SecurityPolicy.type":                   {"scan_execution"},
}

// Numbers are the values that a number may have.
var Numbers = map[string][]int64{
	"Member.access_level":                    {10, 15, 20, 30, 40, 50},
	"SAMLGroupLink.access_level":             {10, 15, 20, 30, 40, 50},
	"Namespace.saml_default_membership_role": {10, 15, 20, 30, 40, 50},
	"Namespace.default_branch_protection":    {0, 1, 2, 3, 4},
	"Instance.default_branch_protection":     {0, 1, 2, 3, 4},
	"AllowedLevel.access_level":              {0, 30, 40, 60},
	"Grantee.access_level":                   {0, 30, 40, 60},
	"Broadcast.target_access_levels":         {10, 15, 20, 30, 40, 50},
}

// Ranges are the least and greatest values of a number.
//
// Upper bounds are wide: they only keep out what would overflow where the number is used.
var Ranges = map[string][2]int64{
	"Instance.ssh_port":                           {1, 65535},
	"Instance.receive_max_input_size":             {0, 1 << 40},
	"Instance.gitlab_shell_operation_limit":       {0, 1 << 31},
	"Instance.terms_version":                      {0, maxID},
	"Instance.max_personal_access_token_lifetime": {1, 36500},
	"Instance.lfs_token_ttl":                      {1, 1 << 31},
	"User.terms_accepted_version":                 {0, maxID},
	"User.projects_limit":                         {0, 1 << 31},
}

// NestedDefaults are what records within records start from.
var NestedDefaults = map[reflect.Type]any{
	reflect.TypeFor[gitlab.ErrorTrackingKey](): gitlab.ErrorTrackingKey{Active: true},
	reflect.TypeFor[gitlab.Broadcast]():        gitlab.Broadcast{Type: "banner", ShowInCLI: true},
}

// DatesToo are the times that may be given as a date.
//
// People write days for what ends; a moment in which something happened is always a time.
var DatesToo = map[string]bool{"Member.expires_at": true, "Key.expires_at": true, "deployKey.expires_at": true}

// Lengths are how long lists may be where that differs from the usual.
var Lengths = map[string]int{
	"Namespace.redirects": 20,
	"Project.redirects":   20,
	// Links are records of their own, written in as many transactions as they need.
	"deployKey.projects": 10000,
}

// lengthOf returns how many entries a list may have. The bounds keep a record, with the index items that its lists bring,
// within one transaction.
func lengthOf(rule string) int {
	if n, ok := Lengths[rule]; ok {
		return n
	}
	return listed
}

// checkNumber returns what is wrong with a number, "" when nothing is.
func checkNumber(rule string, n int64) string {
	if allowed, ok := Numbers[rule]; ok && !slices.Contains(allowed, n) {
		return "must be one of " + strings.Trim(strings.ReplaceAll(fmt.Sprint(allowed), " ", ", "), "[]")
	}
	if limits, ok := Ranges[rule]; ok && (n < limits[0] || n > limits[1]) {
		return fmt.Sprintf("must be from %d to %d", limits[0], limits[1])
	}
	return ""
}
