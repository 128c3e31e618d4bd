package importer

import (
	api "gitlab.com/gitlab-org/api/client-go"
)

// What GitLab answers: the client's types, with the fields that those do not have, or that must be told apart from missing ones.
type (
	person struct {
		api.User
		EnterpriseGroupID    *int64 `json:"enterprise_group_id"`
		ProvisionedByGroupID *int64 `json:"provisioned_by_group_id"`
	}

	group struct {
		api.Group
		// Missing, it must not be taken for 0, which protects nothing.
		DefaultBranchProtection  *int64  `json:"default_branch_protection"`
		EnabledGitAccessProtocol *string `json:"enabled_git_access_protocol"`
	}

	project struct {
		api.Project
		// Missing, they must not be taken for false.
		LFSEnabled                      *bool `json:"lfs_enabled"`
		PrintingMergeRequestLinkEnabled *bool `json:"printing_merge_request_link_enabled"`
	}

	// member is that of a group or of a project.
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
		Inherited          bool      `json:"inherited"` // it is listed for a project, and is a group's
	}

	// grantee has an id, and a level for show, or a level alone.
	grantee struct {
		AccessLevel *int64 `json:"access_level"`
		UserID      *int64 `json:"user_id"`
		GroupID     *int64 `json:"group_id"`
		DeployKeyID *int64 `json:"deploy_key_id"`
	}
)
