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
	URL                              string   `json:"url,omitempty"`
	SSHHost                          string   `json:"ssh_host,omitempty"` // empty: the host of URL
	SSHPort                          int      `json:"ssh_port,omitempty"`
	Version                          string   `json:"version,omitempty"`  // empty: the build's
	Revision                         string   `json:"revision,omitempty"` // empty: the build's
	Edition                          Edition  `json:"edition,omitempty"`
	EnabledGitAccessProtocol         string   `json:"enabled_git_access_protocol,omitempty"` // "", "ssh" or "http"
	GitConfigOptions                 []string `json:"git_config_options,omitempty"`
	ReceiveMaxInputSize              *int64   `json:"receive_max_input_size,omitempty"`       // MiB
	GitLabShellOperationLimit        int64    `json:"gitlab_shell_operation_limit,omitempty"` // per minute, 0 = off
	TermsVersion                     *int64   `json:"terms_version,omitempty"`                // nil: no terms to accept
	MaintenanceMode                  bool     `json:"maintenance_mode,omitempty"`
	ReadOnly                         bool     `json:"read_only,omitempty"`
	PersonalAccessTokenPrefix        string   `json:"personal_access_token_prefix,omitempty"`
	MaxPersonalAccessTokenLifetime   *int64   `json:"max_personal_access_token_lifetime,omitempty"` // days
	RequirePersonalAccessTokenExpiry bool     `json:"require_personal_access_token_expiry,omitempty"`
	LFSTokenTTL                      int64    `json:"lfs_token_ttl,omitempty"` // seconds
	TwoFactorForCLI                  bool     `json:"two_factor_for_cli,omitempty"`
	ErrorTrackingEnabled             bool     `json:"error_tracking_enabled,omitempty"`
	ErrorTrackingAccessToken         *string  `json:"error_tracking_access_token,omitempty"`
	DefaultStorage                   string   `json:"default_storage,omitempty"`
	CheckNamespacePlan               bool     `json:"check_namespace_plan,omitempty"`
	SAMLEnabled                      bool     `json:"saml_enabled,omitempty"`
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
	Message            string        `json:"message" directory:"required"`
	StartsAt           time.Time     `json:"starts_at" directory:"required"`
	EndsAt             time.Time     `json:"ends_at" directory:"required"`
	TargetPath         string        `json:"target_path,omitempty"`
	TargetAccessLevels []AccessLevel `json:"target_access_levels,omitempty"`
	Type               string        `json:"type,omitempty"` // "banner" or "notification"
	ShowInCLI          bool          `json:"show_in_cli,omitempty"`
}

// Storage is a Gitaly server that holds repositories. Its token is sent to clients, so it is kept in clear.
type Storage struct {
	Name     string            `json:"name" directory:"required"`
	Address  string            `json:"address" directory:"required"` // unix:/…, tcp://host:port or tls://host:port
	Token    *string           `json:"token,omitempty"`
	Features map[string]string `json:"features,omitempty"`
}
