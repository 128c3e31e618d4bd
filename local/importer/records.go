package importer

import "time"

// The records of the document. Zero fields are written, because an omitted field keeps its stored value. Only fields that GitLab may
// omit are omitted.
type (
	userRecord struct {
		ID                   int64      `json:"id"`
		Username             string     `json:"username"`
		Name                 string     `json:"name"`
		Email                string     `json:"email"`
		State                string     `json:"state"`
		UserType             string     `json:"user_type"`
		Admin                bool       `json:"admin"`
		External             bool       `json:"external"`
		ConfirmedAt          *time.Time `json:"confirmed_at"`
		TwoFactorEnabled     bool       `json:"two_factor_enabled"`
		CanCreateProject     bool       `json:"can_create_project"`
		ProjectsLimit        int64      `json:"projects_limit"`
		EnterpriseGroupID    *int64     `json:"enterprise_group_id"`
		ProvisionedByGroupID *int64     `json:"provisioned_by_group_id"`
	}

	namespaceRecord struct {
		ID                       int64    `json:"id"`
		Kind                     string   `json:"kind"`
		Path                     string   `json:"path"`
		Name                     string   `json:"name"`
		ParentID                 *int64   `json:"parent_id,omitempty"`
		OwnerID                  *int64   `json:"owner_id,omitempty"`
		Visibility               string   `json:"visibility,omitempty"`
		ProjectCreationLevel     string   `json:"project_creation_level,omitempty"`
		DefaultBranchProtection  *int64   `json:"default_branch_protection,omitempty"`
		EnabledGitAccessProtocol *string  `json:"enabled_git_access_protocol,omitempty"`
		IPRanges                 []string `json:"ip_ranges,omitempty"`
		AllowedEmailDomains      []string `json:"allowed_email_domains,omitempty"`
	}

	projectRecord struct {
		ID                              int64  `json:"id"`
		NamespaceID                     int64  `json:"namespace_id"`
		Path                            string `json:"path"`
		Name                            string `json:"name"`
		Visibility                      string `json:"visibility"`
		Archived                        bool   `json:"archived"`
		EmptyRepo                       bool   `json:"empty_repo"`
		DefaultBranch                   string `json:"default_branch,omitempty"`
		Storage                         string `json:"storage,omitempty"`
		LFSEnabled                      *bool  `json:"lfs_enabled,omitempty"`
		RepositoryAccessLevel           string `json:"repository_access_level,omitempty"`
		WikiAccessLevel                 string `json:"wiki_access_level,omitempty"`
		SnippetsAccessLevel             string `json:"snippets_access_level,omitempty"`
		MergeRequestsAccessLevel        string `json:"merge_requests_access_level,omitempty"`
		PrintingMergeRequestLinkEnabled *bool  `json:"printing_merge_request_link_enabled,omitempty"`
	}

	keyRecord struct {
		ID        int64      `json:"id"`
		UserID    int64      `json:"user_id"`
		Title     string     `json:"title"`
		Key       string     `json:"key"`
		UsageType string     `json:"usage_type,omitempty"`
		ExpiresAt *time.Time `json:"expires_at"`
		CreatedAt *time.Time `json:"created_at,omitempty"`
	}

	deployKeyRecord struct {
		ID        int64        `json:"id"`
		CreatorID *int64       `json:"creator_id"` // GitLab's API lacks it
		Title     string       `json:"title"`
		Key       string       `json:"key"`
		ExpiresAt *time.Time   `json:"expires_at"`
		Projects  []linkRecord `json:"projects"`
	}

	linkRecord struct {
		ProjectID int64 `json:"project_id"`
		CanPush   bool  `json:"can_push"`
	}

	memberRecord struct {
		UserID      int64   `json:"user_id"`
		ProjectID   *int64  `json:"project_id,omitempty"`
		NamespaceID *int64  `json:"namespace_id,omitempty"`
		AccessLevel int64   `json:"access_level"`
		ExpiresAt   *string `json:"expires_at"`
		Awaiting    bool    `json:"awaiting"`
	}

	branchRecord struct {
		ProjectID         *int64    `json:"project_id,omitempty"`
		NamespaceID       *int64    `json:"namespace_id,omitempty"`
		Name              string    `json:"name"`
		PushAccessLevels  []granted `json:"push_access_levels"`
		MergeAccessLevels []granted `json:"merge_access_levels"`
		AllowForcePush    bool      `json:"allow_force_push"`
	}

	tagRecord struct {
		ProjectID          int64     `json:"project_id"`
		Name               string    `json:"name"`
		CreateAccessLevels []granted `json:"create_access_levels"`
	}

	// granted has one of its fields set.
	granted struct {
		AccessLevel *int64 `json:"access_level,omitempty"`
		UserID      *int64 `json:"user_id,omitempty"`
		GroupID     *int64 `json:"group_id,omitempty"`
		DeployKeyID *int64 `json:"deploy_key_id,omitempty"`
	}

	agentRecord struct {
		ID              int64  `json:"id"`
		Name            string `json:"name"`
		ProjectID       int64  `json:"project_id"`
		CreatedByUserID *int64 `json:"created_by_user_id"`
	}

	// shareRecord is a share of a project or group with a group. The document has memberships instead.
	shareRecord struct {
		GroupID     int64   `json:"group_id"`
		ProjectID   *int64  `json:"project_id,omitempty"`
		NamespaceID *int64  `json:"namespace_id,omitempty"`
		AccessLevel int64   `json:"access_level"`
		ExpiresAt   *string `json:"expires_at"`
	}

	// deployKeyShare is a deploy key in one of its projects.
	deployKeyShare struct {
		deployKeyRecord
		linkRecord
	}
)
