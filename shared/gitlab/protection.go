package gitlab

// Grantee is one entry of a rule: a level of access, one user, one group or one deploy key.
type Grantee struct {
	// 0 no one, 30 developers, 40 maintainers, 60 administrators
	AccessLevel *AccessLevel `json:"access_level,omitempty"`
	// one user
	UserID *ID `json:"user_id,omitempty"`
	// members of one group
	GroupID *ID `json:"group_id,omitempty"`
	// one deploy key, for pushes only
	DeployKeyID *ID `json:"deploy_key_id,omitempty"`
}

// ProtectedBranch is a rule for the branches whose name matches Name; exactly one of the two ids is set.
type ProtectedBranch struct {
	// project of the rule
	ProjectID *ID `json:"project_id,omitempty"`
	// group of the rule, for all projects below it
	NamespaceID *ID `json:"namespace_id,omitempty"`
	// pattern; "*" matches any characters, "/" included
	Name string `json:"name" directory:"required"`
	// grants for pushes
	PushAccessLevels []Grantee `json:"push_access_levels,omitempty"`
	// grants for merges
	MergeAccessLevels []Grantee `json:"merge_access_levels,omitempty"`
	// allows forced pushes
	AllowForcePush bool `json:"allow_force_push,omitempty"`
}

// ProtectedTag is a rule for the tags whose name matches Name.
type ProtectedTag struct {
	// project of the rule
	ProjectID ID `json:"project_id" directory:"required"`
	// pattern; "*" matches any characters, "/" included
	Name string `json:"name" directory:"required"`
	// grants for creating the tag
	CreateAccessLevels []Grantee `json:"create_access_levels,omitempty"`
}

// Ref is where a branch or tag of a project points to.
type Ref struct {
	// project of the ref
	ProjectID ID `json:"project_id" directory:"required"`
	// full name, such as refs/heads/main
	Name string `json:"ref" directory:"required"`
	// object id
	Target string `json:"target" directory:"required"`
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
