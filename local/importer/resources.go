package importer

import (
	api "gitlab.com/gitlab-org/api/client-go"
)

// GitLab's answers: the client's types, with additional fields and with pointers for fields that may be missing.
type (
	person struct {
		api.User
		EnterpriseGroupID    *int64 `json:"enterprise_group_id"`
		ProvisionedByGroupID *int64 `json:"provisioned_by_group_id"`
	}

	group struct {
		api.Group
		// nil if missing, because 0 means no protection.
		DefaultBranchProtection  *int64  `json:"default_branch_protection"`
		EnabledGitAccessProtocol *string `json:"enabled_git_access_protocol"`
	}

	project struct {
		api.Project
		// nil if missing, because false means disabled.
		LFSEnabled                      *bool `json:"lfs_enabled"`
		PrintingMergeRequestLinkEnabled *bool `json:"printing_merge_request_link_enabled"`
	}

	// member is a member of a group or project.
	member struct {
		ID              int64        `json:"id"`
		AccessLevel     int64        `json:"access_level"`
		ExpiresAt       *api.ISOTime `json:"expires_at"`
		MembershipState string       `json:"membership_state"` // "active", "awaiting"
	}

	// rule is a protected branch or tag.
	rule struct {
		Name               string    `json:"name"`
		PushAccessLevels   []grantee `json:"push_access_levels"`
		MergeAccessLevels  []grantee `json:"merge_access_levels"`
		CreateAccessLevels []grantee `json:"create_access_levels"`
		AllowForcePush     bool      `json:"allow_force_push"`
		Inherited          bool      `json:"inherited"` // a group's rule in a project's list
	}

	// grantee has an id with an informative level, or a level alone.
	grantee struct {
		AccessLevel *int64 `json:"access_level"`
		UserID      *int64 `json:"user_id"`
		GroupID     *int64 `json:"group_id"`
		DeployKeyID *int64 `json:"deploy_key_id"`
	}
)
