package gitlab

import "time"

// Edition is the license an instance runs under.
type Edition string

// The editions; features of the enterprise edition answer as unlicensed in the community edition.
const (
	EnterpriseEdition Edition = "ee"
	CommunityEdition  Edition = "ce"
)

// Instance holds the settings of the whole installation.
type Instance struct {
	// the instance's URL in links and messages
	URL string `json:"url,omitempty"`
	// host of SSH remotes; empty: the host of URL
	SSHHost string `json:"ssh_host,omitempty"`
	// port of SSH remotes
	SSHPort int `json:"ssh_port,omitempty"`
	// version that check returns; empty: the build's
	Version string `json:"version,omitempty"`
	// revision that check returns; empty: the build's
	Revision string `json:"revision,omitempty"`
	// license: "ce" answers enterprise features as unlicensed
	Edition Edition `json:"edition,omitempty"`
	// the only protocol of git, "ssh" or "http"; empty: both
	EnabledGitAccessProtocol string `json:"enabled_git_access_protocol,omitempty"`
	// git settings that clients pass to Gitaly
	GitConfigOptions []string `json:"git_config_options,omitempty"`
	// MiB that one push may send; null: no limit
	ReceiveMaxInputSize *int64 `json:"receive_max_input_size,omitempty"`
	// requests per minute, actor, project and action; 0: no limit
	GitLabShellOperationLimit int64 `json:"gitlab_shell_operation_limit,omitempty"`
	// version of the terms that users must accept; null: no terms
	TermsVersion *int64 `json:"terms_version,omitempty"`
	// rejects pushes during maintenance (enterprise edition)
	MaintenanceMode bool `json:"maintenance_mode,omitempty"`
	// rejects pushes, as on a read-only database
	ReadOnly bool `json:"read_only,omitempty"`
	// beginning of new personal access tokens
	PersonalAccessTokenPrefix string `json:"personal_access_token_prefix,omitempty"`
	// days that a new personal access token may live; null: no limit
	MaxPersonalAccessTokenLifetime *int64 `json:"max_personal_access_token_lifetime,omitempty"`
	// gives every new personal access token an expiry date
	RequirePersonalAccessTokenExpiry bool `json:"require_personal_access_token_expiry,omitempty"`
	// seconds that an LFS token lives
	LFSTokenTTL int64 `json:"lfs_token_ttl,omitempty"`
	// asks for a one-time password over SSH (enterprise edition)
	TwoFactorForCLI bool `json:"two_factor_for_cli,omitempty"`
	// turns integrated error tracking on
	ErrorTrackingEnabled bool `json:"error_tracking_enabled,omitempty"`
	// token of the error-tracking service; null: no service
	ErrorTrackingAccessToken *string `json:"error_tracking_access_token,omitempty"`
	// storage of projects and snippets without one of their own
	DefaultStorage string `json:"default_storage,omitempty"`
	// serves storage limit exclusions, as on GitLab.com
	CheckNamespacePlan bool `json:"check_namespace_plan,omitempty"`
	// serves SCIM for the instance
	SAMLEnabled bool `json:"saml_enabled,omitempty"`
	// for personal namespaces and groups without their own: 0 none, 1 partial, 2 full, 3 against pushes, 4 full after the
	// first push; null: 2
	DefaultBranchProtection *int `json:"default_branch_protection,omitempty"`
	// protection of new default branches; replaces the number; null: none
	DefaultBranchProtectionDefaults *BranchDefaults `json:"default_branch_protection_defaults,omitempty"`
}

// DefaultInstance returns the settings of an installation that no document has described yet.
func DefaultInstance() Instance {
	return Instance{
		URL:                       "http://localhost:3000",
		SSHPort:                   22,
		Edition:                   EnterpriseEdition,
		GitConfigOptions:          []string{"uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=true"},
		GitLabShellOperationLimit: 600,
		PersonalAccessTokenPrefix: "glpat-",
		LFSTokenTTL:               1800,
		ErrorTrackingEnabled:      true,
		DefaultStorage:            "default",
		CheckNamespacePlan:        true,
		SAMLEnabled:               true,
	}
}

// Licensed reports whether features of the enterprise edition are on.
func (i Instance) Licensed() bool { return i.Edition == EnterpriseEdition }

// Broadcast is a message of the instance to its users.
type Broadcast struct {
	// the text
	Message string `json:"message" directory:"required"`
	// first moment of the message
	StartsAt time.Time `json:"starts_at" directory:"required"`
	// first moment without the message
	EndsAt time.Time `json:"ends_at" directory:"required"`
	// full path, "*" as wildcard; empty: all projects
	TargetPath string `json:"target_path,omitempty"`
	// levels of the users that see it; empty: all users
	TargetAccessLevels []AccessLevel `json:"target_access_levels,omitempty"`
	// kind of message
	Type string `json:"type,omitempty"`
	// prints it after pushes
	ShowInCLI bool `json:"show_in_cli,omitempty"`
}

// Storage is a Gitaly server that holds repositories. Its token is sent to clients, so it is kept in clear.
type Storage struct {
	// name by which projects and snippets refer to it
	Name string `json:"name" directory:"required"`
	// unix:/…, tcp://host:port or tls://host:port
	Address string `json:"address" directory:"required"`
	// Gitaly's token, sent to clients and kept readable
	Token *string `json:"token,omitempty"`
	// feature flags for Gitaly, sent to clients
	Features map[string]string `json:"features,omitempty"`
}
