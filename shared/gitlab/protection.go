package gitlab

// Grantee is one entry of a rule: a level of access, one user, one group or one deploy key.
type Grantee struct {
	AccessLevel *AccessLevel `json:"access_level,omitempty"` // 0 no one, 30, 40, 60 administrators
	UserID      *ID          `json:"user_id,omitempty"`
	GroupID     *ID          `json:"group_id,omitempty"`
	DeployKeyID *ID          `json:"deploy_key_id,omitempty"` // push only
}

// ProtectedBranch is a rule for the branches whose name matches Name; exactly one of the two ids is set.
type ProtectedBranch struct {
	ProjectID         *ID       `json:"project_id,omitempty"`
	NamespaceID       *ID       `json:"namespace_id,omitempty"`
	Name              string    `json:"name" directory:"required"` // "*" matches any characters, "/" included
	PushAccessLevels  []Grantee `json:"push_access_levels,omitempty"`
	MergeAccessLevels []Grantee `json:"merge_access_levels,omitempty"`
	AllowForcePush    bool      `json:"allow_force_push,omitempty"`
}

// ProtectedTag is a rule for the tags whose name matches Name.
type ProtectedTag struct {
	ProjectID          ID        `json:"project_id" directory:"required"`
	Name               string    `json:"name" directory:"required"`
	CreateAccessLevels []Grantee `json:"create_access_levels,omitempty"`
}

// Ref is where a branch or tag of a project points to.
type Ref struct {
	ProjectID ID     `json:"project_id" directory:"required"`
	Name      string `json:"ref" directory:"required"` // refs/heads/main
	Target    string `json:"target" directory:"required"`
}

// Protection is all rules that a push to a project meets: its own, and those of the groups above it.
type Protection struct {
	Branches []ProtectedBranch
	Tags     []ProtectedTag
	// Groups are the groups that rules name and of which the pusher is a member.
	Groups []ID
	// DeployKeys are the keys that rules name, that may write to the project, and that the pusher has created.
	DeployKeys []ID
}
