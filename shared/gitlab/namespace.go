package gitlab

import "strings"

// NamespaceKind is group or personal namespace.
type NamespaceKind string

// The kinds of namespaces.
const (
	GroupNamespace NamespaceKind = "group"
	UserNamespace  NamespaceKind = "user"
)

// Visibility is the audience of a project, group or snippet.
type Visibility string

// The visibilities.
const (
	Private  Visibility = "private"
	Internal Visibility = "internal"
	Public   Visibility = "public"
)

// ProjectCreationLevel is the least role that may create projects in a group.
type ProjectCreationLevel string

// The project creation levels.
const (
	CreationNoOne         ProjectCreationLevel = "noone"
	CreationAdministrator ProjectCreationLevel = "administrator"
	CreationOwner         ProjectCreationLevel = "owner"
	CreationMaintainer    ProjectCreationLevel = "maintainer"
	CreationDeveloper     ProjectCreationLevel = "developer"
)

// Namespace is a group or a user's personal namespace: one link of the chain above a project.
type Namespace struct {
	// number of the namespace
	ID ID `json:"id" directory:"required"`
	// group or personal namespace
	Kind NamespaceKind `json:"kind,omitempty" directory:"required"`
	// one segment of the full path, unique in the parent
	Path string `json:"path,omitempty" directory:"required"`
	// display name; empty: the path
	Name string `json:"name,omitempty"`
	// parent group; null: top-level
	ParentID *ID `json:"parent_id,omitempty"`
	// the user of a personal namespace
	OwnerID *ID `json:"owner_id,omitempty"`
	// visibility of the group
	Visibility Visibility `json:"visibility,omitempty"`
	// least role that may create projects
	ProjectCreationLevel ProjectCreationLevel `json:"project_creation_level,omitempty"`
	// 0 none, 1 partial, 2 full, 3 against pushes, 4 full after the first push; null: the instance's
	DefaultBranchProtection *int `json:"default_branch_protection,omitempty"`
	// protection of new default branches; replaces the number; null: none
	DefaultBranchProtectionDefaults *BranchDefaults `json:"default_branch_protection_defaults,omitempty"`
	// the only protocol of git below a top-level group; empty: the instance's
	EnabledGitAccessProtocol string `json:"enabled_git_access_protocol,omitempty"`
	// addresses and ranges that may use git; empty: all
	IPRanges []string `json:"ip_ranges,omitempty"`
	// URL of the identity provider; set: the group has SAML
	SAMLSSOURL *string `json:"saml_sso_url,omitempty"`
	// turns SAML on where it has a URL
	SAMLEnabled bool `json:"saml_enabled,omitempty"`
	// level of members that SCIM creates
	SAMLDefaultMembershipRole AccessLevel `json:"saml_default_membership_role,omitempty"`
	// domains of addresses that members may have; empty: all
	AllowedEmailDomains []string `json:"allowed_email_domains,omitempty"`
	// domains that belong to the group
	VerifiedDomains []string `json:"verified_domains,omitempty"`
	// requires an SSH certificate for git from users (enterprise edition)
	EnforceSSHCertificates bool `json:"enforce_ssh_certificates,omitempty"`
	// records git commands
	GitAudit bool `json:"git_audit,omitempty"`
	// old full paths
	Redirects []string `json:"redirects,omitempty"`

	// SAMLGroupLevels are the levels that the namespace's SAML group links give, by the names of the identity provider's
	// groups. Kept by the service.
	SAMLGroupLevels map[string]AccessLevel `json:"saml_group_levels,omitempty" directory:"-"`
}

// HasSAML reports whether it is a top-level group whose members sign in at an identity provider of its own.
func (n *Namespace) HasSAML() bool {
	return n.Kind == GroupNamespace && n.ParentID == nil && n.SAMLEnabled && n.SAMLSSOURL != nil && *n.SAMLSSOURL != ""
}

// DefaultNamespace returns a namespace with the default of every field.
func DefaultNamespace() Namespace {
	return Namespace{
		Visibility: Private, ProjectCreationLevel: CreationDeveloper,
		SAMLEnabled: true, SAMLDefaultMembershipRole: Guest,
	}
}

// Chain is the namespaces above a project or group, the top-level one first.
type Chain []Namespace

// Root returns the top-level namespace, or nil for an empty chain.
func (c Chain) Root() *Namespace {
	if len(c) == 0 {
		return nil
	}
	return &c[0]
}

// Parent returns the nearest namespace, or nil for an empty chain.
func (c Chain) Parent() *Namespace {
	if len(c) == 0 {
		return nil
	}
	return &c[len(c)-1]
}

// FullPath returns the paths of the chain joined by slashes, followed by the given segments.
func (c Chain) FullPath(segments ...string) string {
	parts := make([]string, 0, len(c)+len(segments))
	for i := range c {
		parts = append(parts, c[i].Path)
	}
	return strings.Join(append(parts, segments...), "/")
}

// IDs returns the namespaces' ids, the top-level one first.
func (c Chain) IDs() []ID {
	ids := make([]ID, len(c))
	for i := range c {
		ids[i] = c[i].ID
	}
	return ids
}
