package directory_test

import (
	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// ground is what the samples name.
const ground = `{
	"storages": [{"name": "default", "address": "unix:/a"}, {"name": "nfs", "address": "unix:/nfs"}],
	"users": [
		{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"},
		{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}],
	"namespaces": [{"id": 20, "kind": "group", "path": "acme"}, {"id": 21, "kind": "group", "path": "other"}],
	"projects": [{"id": 7, "namespace_id": 20, "path": "app"}, {"id": 8, "namespace_id": 21, "path": "fork"}],
	"agents": [{"id": 3, "name": "prod", "project_id": 7}]
}`

// sample is a record of one kind in the states that a document can give it. All of it is JSON without braces.
type sample struct {
	array    string
	identity string         // the fields that make it this record
	needs    string         // the other fields that a new one must have
	record   *record.Record // where it is stored
	defaults string         // what is stored of the two above, besides what they say
	other    string         // every other field with another value than its default
	kept     string         // what is stored of those, "" when it is what they say
}

// placedSamples are of the kinds that have a place in the tree, and of who owns them.
func placedSamples() []sample {
	return []sample{
		{
			array: "users", identity: `"id": 50`, needs: `"username": "cy", "name": "Cy", "email": "cy@example.com"`,
			record: userRecord(50),
			defaults: `"state": "active", "user_type": "human", "confirmed_at": "2026-05-01T12:00:00Z", "can_create_project": true,
				"projects_limit": 100000, "namespace_id": 1000000000050`,
			other: `"state": "blocked", "user_type": "service_account", "admin": true, "external": true,
				"confirmed_at": "2026-01-02T03:04:05Z", "password_expires_at": "2027-01-01T00:00:00Z", "terms_accepted_version": 3,
				"two_factor_enabled": true, "otp_secret": "JBSWY3DP", "can_create_project": false, "projects_limit": 5,
				"enterprise_group_id": 20, "provisioned_by_group_id": 21`,
			kept: `"state": "blocked", "user_type": "service_account", "admin": true, "external": true,
				"confirmed_at": "2026-01-02T03:04:05Z", "password_expires_at": "2027-01-01T00:00:00Z", "terms_accepted_version": 3,
				"two_factor_enabled": true, "otp_secret": "JBSWY3DP", "can_create_project": null, "projects_limit": 5,
				"enterprise_group_id": 20, "provisioned_by_group_id": 21`,
		},
		{
			array: "namespaces", identity: `"id": 51`, needs: `"kind": "group", "path": "core"`, record: groupRecord(51),
			defaults: `"name": "core", "visibility": "private", "project_creation_level": "developer",
				"saml_enabled": true, "saml_default_membership_role": 10,
				"saml_group_levels": {"-": 0}, "paths": ["core"]`,
			other: `"name": "The Core", "parent_id": 20, "visibility": "public", "project_creation_level": "noone",
				"default_branch_protection": 0, "default_branch_protection_defaults": {"allowed_to_push": [{"access_level": 30}], "allow_force_push": true},
				"enabled_git_access_protocol": "ssh", "ip_ranges": ["10.0.0.0/8"],
				"saml_sso_url": "https://idp.example.com/sso", "saml_enabled": false, "saml_default_membership_role": 30,
				"allowed_email_domains": ["example.com"], "verified_domains": ["example.org"], "enforce_ssh_certificates": true,
				"git_audit": true, "redirects": ["old/core"]`,
			kept: `"name": "The Core", "parent_id": 20, "visibility": "public", "project_creation_level": "noone",
				"default_branch_protection": 0, "default_branch_protection_defaults": {"allowed_to_push": [{"access_level": 30}], "allow_force_push": true},
				"enabled_git_access_protocol": "ssh", "ip_ranges": ["10.0.0.0/8"],
				"saml_sso_url": "https://idp.example.com/sso", "saml_enabled": null, "saml_default_membership_role": 30,
				"allowed_email_domains": ["example.com"], "verified_domains": ["example.org"], "enforce_ssh_certificates": true,
				"git_audit": true, "redirects": ["old/core"]`,
		},
		{
			array: "projects", identity: `"id": 52`, needs: `"namespace_id": 20, "path": "web"`, record: projectRecord(52),
			defaults: `"name": "web", "visibility": "private", "default_branch": "main", "repository_exists": true,
				"lfs_enabled": true, "repository_access_level": "enabled", "wiki_access_level": "enabled",
				"snippets_access_level": "enabled", "merge_requests_access_level": "enabled",
				"printing_merge_request_link_enabled": true, "chain": [20], "paths": ["acme/web"]`,
			other: `"name": "Web", "visibility": "internal", "archived": true, "repository_read_only": true, "pending_delete": true,
				"default_branch": "trunk", "empty_repo": true, "repository_exists": false, "wiki_repository_exists": false, "storage": "nfs",
				"relative_path": "x/y", "lfs_enabled": false, "repository_access_level": "private", "wiki_access_level": "disabled",
				"snippets_access_level": "private", "merge_requests_access_level": "disabled",
				"printing_merge_request_link_enabled": false, "redirects": ["old/web"],
				"error_tracking_keys": [{"public_key": "k", "active": true}]`,
			kept: `"name": "Web", "visibility": "internal", "archived": true, "repository_read_only": true, "pending_delete": true,
				"default_branch": "trunk", "empty_repo": true, "repository_exists": null, "wiki_repository_exists": false, "storage": "nfs",
				"relative_path": "x/y", "lfs_enabled": null, "repository_access_level": "private", "wiki_access_level": "disabled",
				"snippets_access_level": "private", "merge_requests_access_level": "disabled",
				"printing_merge_request_link_enabled": null, "redirects": ["old/web"],
				"error_tracking_keys": [{"public_key": "k", "active": true}]`,
		},
	}
}

// repositorySamples are of the kinds that say who may do what with a repository, and what is in it.
func repositorySamples() []sample {
	rules := record.RulesRecord(&record.Rules{ProjectID: pointer(8)})
	return []sample{
		{
			array: "keys", identity: `"id": 53`, needs: `"user_id": 1, "title": "k", "key": "@key1@"`, record: keyRecord(53),
			defaults: `"type": "key", "usage_type": "auth_and_signing", "created_at": "2026-05-01T12:00:00Z",
				"fingerprint_sha256": "+7Mp32er4lydoNiApNjjbYQK0PA6q+yZEYhxADwBN3M"`,
			other: `"usage_type": "signing", "expires_at": "2027-01-01T00:00:00Z"`,
		},
		{
			array: "deploy_keys", identity: `"id": 54`,
			needs:    `"creator_id": null, "title": "d", "key": "@key2@", "projects": []`,
			record:   keyRecord(54),
			defaults: `"type": "deploy_key", "usage_type": "auth_and_signing", "created_at": "2026-05-01T12:00:00Z"`,
			other:    `"expires_at": "2027-01-01T00:00:00Z"`,
		},
		{
			array: "members", identity: `"user_id": 1, "project_id": 7`, needs: `"access_level": 30`,
			record: record.MemberRecord(&gitlab.Member{UserID: 1, ProjectID: pointer(7)}),
			other:  `"expires_at": "2027-01-01T00:00:00Z", "awaiting": true`,
		},
		{array: "protected_branches", identity: `"project_id": 8, "name": "main"`, record: rules, other: `"allow_force_push": true`},
		{
			array: "protected_tags", identity: `"project_id": 8, "name": "v*"`, record: rules,
			other: `"create_access_levels": [{"access_level": 40}]`,
		},
		{
			array: "refs", identity: `"project_id": 7, "ref": "refs/heads/main"`,
			needs:  `"target": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`,
			record: record.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/main"}),
		},
		{
			array: "snippets", identity: `"id": 55`, needs: `"author_id": 1`, record: snippetRecord(55),
			defaults: `"visibility": "private", "default_branch": "main"`,
			other: `"project_id": 7, "visibility": "public", "default_branch": "trunk", "storage": "nfs",
				"repository_exists": false, "empty_repo": true`,
		},
		{
			array: "merge_requests", identity: `"project_id": 7, "iid": 1`,
			needs:    `"source_branch": "fix", "target_branch": "main"`,
			record:   record.MergeRequestRecord(&gitlab.MergeRequest{ProjectID: 7, IID: 1}),
			defaults: `"source_project_id": 7, "state": "opened"`,
			other: `"source_project_id": 8, "state": "merged", "title": "Fix", "in_progress_merge_commit_sha": "abc",
				"allow_collaboration": true`,
		},
	}
}

// accessSamples are of tokens, agents, policies and what groups have.
func accessSamples() []sample {
	return []sample{
		{
			array:    "ssh_certificates",
			identity: `"namespace_id": 20, "fingerprint": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`, needs: `"title": "ca"`,
			record: record.SSHCertificateRecord(&gitlab.SSHCertificate{
				NamespaceID: 20, Fingerprint: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
			}),
		},
		{
			array: "personal_access_tokens", identity: `"id": 56`, needs: `"user_id": 1, "name": "t", "scopes": ["api"], "token": "pat"`,
			record:   record.PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: 56}),
			defaults: `"token": null, "token_digest": "` + gitlab.TokenDigest("pat") + `"`,
			other:    `"expires_at": "2027-01-01", "revoked": true`,
		},
		{
			array: "agents", identity: `"id": 57`, needs: `"name": "edge", "project_id": 7`, record: agentRecord(57),
			other: `"created_by_user_id": 1, "has_vulnerabilities": true`,
		},
		{
			array: "agent_tokens", identity: `"id": 58`, needs: `"agent_id": 3, "token": "agt"`,
			record:   record.AgentTokenRecord(&gitlab.AgentToken{ID: 58}),
			defaults: `"token": null, "token_digest": "` + gitlab.TokenDigest("agt") + `", "status": "active"`,
			other:    `"name": "n", "status": "revoked"`,
		},
		{
			array: "security_policies", identity: `"namespace_id": 20, "name": "p"`, needs: `"type": "scan_execution", "yaml": "y: 1"`,
			record:   record.SecurityPolicyRecord(&gitlab.SecurityPolicy{NamespaceID: pointer(20), Name: "p"}),
			defaults: `"enabled": true, "updated_at": "2026-05-01T12:00:00Z"`,
			other:    `"enabled": false`, kept: `"enabled": null`,
		},
		{
			array: "saml_group_links", identity: `"namespace_id": 20, "saml_group_name": "devs"`, needs: `"access_level": 30`,
			record: record.SAMLGroupLinkRecord(&gitlab.SAMLGroupLink{NamespaceID: 20, SAMLGroupName: "devs"}),
		},
		{
			array: "scim_tokens", identity: `"namespace_id": null`, needs: `"token": "scim"`,
			record:   record.SCIMTokenRecord(&gitlab.SCIMToken{}),
			defaults: `"token": null, "token_digest": "` + gitlab.TokenDigest("scim") + `", "enabled": true`,
			other:    `"enabled": false`, kept: `"enabled": null`,
		},
		{
			array: "scim_identities", identity: `"namespace_id": null, "extern_uid": "u"`, needs: `"user_id": 1`,
			record: record.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "u"}),
			defaults: `"active": true, "created_at": "2026-05-01T12:00:00Z", "updated_at": "2026-05-01T12:00:00Z",
				"place": "00000000#2026-05-01T12:00:00.000000000Z#000000000#1"`,
			other: `"active": false`, kept: `"active": null`,
		},
		{
			array: "storage_limit_exclusions", identity: `"namespace_id": 20`, needs: `"reason": "big"`,
			record:   record.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20}),
			defaults: `"id": 1`,
		},
	}
}
