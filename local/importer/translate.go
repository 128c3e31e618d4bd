package importer

import (
	"cmp"
	"slices"
	"strings"

	api "gitlab.com/gitlab-org/api/client-go"
)

// user returns a user's record.
func (p *person) user() userRecord {
	return userRecord{
		ID: p.ID, Username: p.Username, Name: cmp.Or(p.Name, p.Username), Email: p.Email,
		State: state(p.State), UserType: p.userType(), Admin: p.IsAdmin, External: p.External,
		ConfirmedAt: p.ConfirmedAt, TwoFactorEnabled: p.TwoFactorEnabled,
		CanCreateProject: p.CanCreateProject, ProjectsLimit: p.ProjectsLimit,
		EnterpriseGroupID: p.EnterpriseGroupID, ProvisionedByGroupID: p.ProvisionedByGroupID,
	}
}

// personal returns the record of a user's namespace. Its path is the username.
func (p *person) personal() namespaceRecord {
	return namespaceRecord{ID: p.NamespaceID, Kind: "user", Path: p.Username, Name: cmp.Or(p.Name, p.Username), OwnerID: &p.ID}
}

// state returns an account's state. Unknown states, such as ldap_blocked, count as blocked.
func state(s string) string {
	if slices.Contains([]string{"active", "blocked_pending_approval", "banned", "deactivated"}, s) {
		return s
	}
	return "blocked"
}

// userType distinguishes people from bots, as far as GitLab's API does.
func (p *person) userType() string {
	switch {
	case !p.Bot:
		return "human"
	case strings.HasPrefix(p.Username, "service_account_"):
		return "service_account"
	}
	return "project_bot"
}

// namespace returns a group's record.
func (g *group) namespace() namespaceRecord {
	n := namespaceRecord{
		ID: g.ID, Kind: "group", Path: g.Path, Name: g.Name, Visibility: string(g.Visibility),
		ProjectCreationLevel:     string(g.ProjectCreationLevel),
		DefaultBranchProtection:  g.protection(),
		EnabledGitAccessProtocol: g.protocol(),
		IPRanges:                 listed(g.IPRestrictionRanges),
		AllowedEmailDomains:      listed(g.AllowedEmailDomainsList),
	}
	if g.ParentID != 0 {
		n.ParentID = &g.ParentID
	}
	return n
}

// protocol returns a group's only protocol. GitLab's "all" means both.
func (g *group) protocol() *string {
	if g.EnabledGitAccessProtocol != nil && *g.EnabledGitAccessProtocol == "all" {
		return new(string)
	}
	return g.EnabledGitAccessProtocol
}

// protection returns a group's protection of the default branches of new projects. It uses the number, or else
// default_branch_protection_defaults, its newer form.
func (g *group) protection() *int64 {
	d := g.DefaultBranchProtectionDefaults
	if g.DefaultBranchProtection != nil || d == nil {
		return g.DefaultBranchProtection
	}
	level := int64(2)
	switch push, merge := lowest(d.AllowedToPush), lowest(d.AllowedToMerge); {
	case d.AllowForcePush && push == api.DeveloperPermissions:
		level = 0
	case push == api.DeveloperPermissions:
		level = 1
	case d.DeveloperCanInitialPush:
		level = 4
	case merge == api.DeveloperPermissions:
		level = 3
	}
	return &level
}

// lowest returns the lowest admitted level, or administrators without one.
func lowest(levels []*api.GroupAccessLevel) api.AccessLevelValue {
	least := api.AdminPermissions
	for _, l := range levels {
		if l.AccessLevel != nil && *l.AccessLevel > api.NoPermissions {
			least = min(least, *l.AccessLevel)
		}
	}
	return least
}

// listed splits a comma-separated list.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

// record returns a project's record.
func (p *project) record() projectRecord {
	r := projectRecord{
		ID: p.ID, Path: p.Path, Name: p.Name, Visibility: string(p.Visibility), Archived: p.Archived, EmptyRepo: p.EmptyRepo,
		DefaultBranch: p.DefaultBranch, LFSEnabled: p.LFSEnabled,
		RepositoryAccessLevel: feature(p.RepositoryAccessLevel), WikiAccessLevel: feature(p.WikiAccessLevel),
		SnippetsAccessLevel: feature(p.SnippetsAccessLevel), MergeRequestsAccessLevel: feature(p.MergeRequestsAccessLevel),
		PrintingMergeRequestLinkEnabled: p.PrintingMergeRequestLinkEnabled,
	}
	if p.Namespace != nil {
		r.NamespaceID = p.Namespace.ID
	}
	if p.RepositoryStorage != "default" {
		r.Storage = p.RepositoryStorage
	}
	return r
}

// feature returns the access to a part of a project. "public" is an alias of "enabled".
func feature(level api.AccessControlValue) string {
	if level == api.PublicAccessControl {
		return string(api.EnabledAccessControl)
	}
	return string(level)
}

// levels are the levels of memberships, the highest first.
var levels = []int64{50, 40, 30, 20, 15, 10}

// level returns a member's level in the document, which is the next lower known one. 0 means no access, as minimal access (5) does.
func level(given int64) int64 {
	for _, l := range levels {
		if l <= given {
			return l
		}
	}
	return 0
}

// membership returns a membership's record without its place. ok is false for a membership without access.
func (m *member) membership() (memberRecord, bool) {
	l := level(m.AccessLevel)
	awaiting := m.MembershipState != "" && m.MembershipState != "active"
	return memberRecord{UserID: m.ID, AccessLevel: l, ExpiresAt: day(m.ExpiresAt), Awaiting: awaiting}, l > 0
}

// day returns a date in the document's form.
func day(d *api.ISOTime) *string {
	if d == nil {
		return nil
	}
	text := d.String()
	return &text
}

// grants returns the grantees of a rule.
func grants(given []grantee) []granted {
	all := []granted{}
	for _, g := range given {
		switch {
		// The level beside an id is informative only.
		case g.UserID != nil:
			all = append(all, granted{UserID: g.UserID})
		case g.GroupID != nil:
			all = append(all, granted{GroupID: g.GroupID})
		case g.DeployKeyID != nil:
			all = append(all, granted{DeployKeyID: g.DeployKeyID})
		case g.AccessLevel != nil:
			all = append(all, granted{AccessLevel: ruleLevel(*g.AccessLevel)})
		}
	}
	return all
}

// ruleLevel returns the level of a rule, which is the next higher known one.
func ruleLevel(given int64) *int64 {
	for _, l := range []int64{0, 30, 40} {
		if given <= l {
			return &l
		}
	}
	administrators := int64(60)
	return &administrators
}
