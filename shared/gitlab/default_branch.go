package gitlab

import "slices"

// The values of default_branch_protection (GitLab, protection of initial default branches).
const (
	ProtectNothing             = 0
	ProtectPartially           = 1
	ProtectFully               = 2
	ProtectAgainstPushes       = 3
	ProtectFullyAfterFirstPush = 4
)

// BranchDefaults describes the protection of new default branches. It replaces the number of default_branch_protection.
type BranchDefaults struct {
	// levels that may push; without entries administrators only
	AllowedToPush []AllowedLevel `json:"allowed_to_push,omitempty"`
	// levels that may merge; without entries administrators only
	AllowedToMerge []AllowedLevel `json:"allowed_to_merge,omitempty"`
	// allows forced pushes
	AllowForcePush bool `json:"allow_force_push,omitempty"`
	// lets developers push into an empty repository
	DeveloperCanInitialPush bool `json:"developer_can_initial_push,omitempty"`
}

// AllowedLevel is one entry of BranchDefaults.
type AllowedLevel struct {
	// 0 no one, 30 developers, 40 maintainers, 60 administrators
	AccessLevel AccessLevel `json:"access_level" directory:"required"`
}

// FirstBranch is the protection that applies to the first default branch of a repository.
type FirstBranch struct {
	Unprotected         bool        // no rule is made
	Push, Merge         AccessLevel // levels of the rule
	ForcePush           bool        // the rule allows forced pushes
	DevelopersPushFirst bool        // developers may push into the empty repository
}

// FirstBranchOf returns the protection for a project in a namespace: a group's own setting, else the instance's. Settings of
// parent groups and personal namespaces are ignored.
func FirstBranchOf(instance *Instance, parent *Namespace) FirstBranch {
	if parent != nil && parent.Kind == GroupNamespace {
		switch {
		case parent.DefaultBranchProtectionDefaults != nil:
			return parent.DefaultBranchProtectionDefaults.first()
		case parent.DefaultBranchProtection != nil:
			return firstByNumber(*parent.DefaultBranchProtection)
		}
	}
	if instance.DefaultBranchProtectionDefaults != nil {
		return instance.DefaultBranchProtectionDefaults.first()
	}
	if instance.DefaultBranchProtection != nil {
		return firstByNumber(*instance.DefaultBranchProtection)
	}
	return firstByNumber(ProtectFully)
}

// firstByNumber returns the protection that a number stands for.
func firstByNumber(setting int) FirstBranch {
	switch setting {
	case ProtectNothing:
		return FirstBranch{Unprotected: true, DevelopersPushFirst: true}
	case ProtectPartially:
		return FirstBranch{Push: Developer, Merge: Maintainer, DevelopersPushFirst: true}
	case ProtectAgainstPushes:
		return FirstBranch{Push: Maintainer, Merge: Developer}
	case ProtectFullyAfterFirstPush:
		return FirstBranch{Push: Maintainer, Merge: Maintainer, DevelopersPushFirst: true}
	}
	return FirstBranch{Push: Maintainer, Merge: Maintainer}
}

// first returns the protection that the defaults describe.
func (d *BranchDefaults) first() FirstBranch {
	other := func(e AllowedLevel) bool { return e.AccessLevel != Developer }
	return FirstBranch{
		Unprotected: d.AllowForcePush && !slices.ContainsFunc(d.AllowedToPush, other) && !slices.ContainsFunc(d.AllowedToMerge, other),
		Push:        levelAmong(d.AllowedToPush), Merge: levelAmong(d.AllowedToMerge),
		ForcePush:           d.AllowForcePush,
		DevelopersPushFirst: d.DeveloperCanInitialPush || levelAmong(d.AllowedToPush) == Developer,
	}
}

// levelAmong returns the level of a rule: the first of 0, 30 and 40 that an entry names, else 60.
func levelAmong(entries []AllowedLevel) AccessLevel {
	for _, level := range []AccessLevel{NoAccess, Developer, Maintainer} {
		if slices.Contains(entries, AllowedLevel{level}) {
			return level
		}
	}
	return Admin
}

// ProtectsEmpty reports whether every branch counts as protected while the repository is empty.
func (f *FirstBranch) ProtectsEmpty() bool { return !f.Unprotected && f.Push != Developer }

// Rule returns the protection rule for the default branch of a project.
func (f *FirstBranch) Rule(project ID, branch string) ProtectedBranch {
	level := func(l AccessLevel) []Grantee { return []Grantee{{AccessLevel: &l}} }
	return ProtectedBranch{
		ProjectID: &project, Name: branch, PushAccessLevels: level(f.Push), MergeAccessLevels: level(f.Merge), AllowForcePush: f.ForcePush,
	}
}

// FirstDefaultBranch returns the default branch of a repository that a push fills. It is the branch of HEAD if that was created,
// else main, else master, else the first by name (gitaly.RefService/FindDefaultBranchName).
func FirstDefaultBranch(head string, created []string) string {
	for _, name := range []string{head, "main", "master"} {
		if slices.Contains(created, name) {
			return name
		}
	}
	return slices.Min(created)
}
