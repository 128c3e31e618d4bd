package gitlab

import "time"

// AccessLevel is the role of a member. A higher one includes the lower ones.
type AccessLevel int

// The access levels. NoAccess is also the level of a rule that admits no actor.
const (
	NoAccess   AccessLevel = 0
	Guest      AccessLevel = 10
	Planner    AccessLevel = 15
	Reporter   AccessLevel = 20
	Developer  AccessLevel = 30
	Maintainer AccessLevel = 40
	Owner      AccessLevel = 50
	Admin      AccessLevel = 60
)

// Member makes a user a member of one project or one namespace; exactly one of the two ids is set.
type Member struct {
	// the user
	UserID ID `json:"user_id" directory:"required"`
	// project of the membership
	ProjectID *ID `json:"project_id,omitempty"`
	// group of the membership
	NamespaceID *ID `json:"namespace_id,omitempty"`
	// role; groups pass it on to everything below, and the highest counts
	AccessLevel AccessLevel `json:"access_level,omitempty" directory:"required"`
	// end; a date means its first moment in UTC
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	// invited, not accepted yet
	Awaiting bool `json:"awaiting,omitempty"`

	// SCIMGroups are the user's groups at the identity provider of the top-level group: their names, as SAML group links have
	// them, by their ids. Such a membership may have no level of its own. Kept by the service.
	SCIMGroups map[string]string `json:"scim_groups,omitempty" directory:"-"`
	// SCIMInactive marks a user who is deactivated there, so that those groups give no level. Kept by the service.
	SCIMInactive bool `json:"scim_inactive,omitempty" directory:"-"`
}

// Level returns the access level that the membership gives at now: none while it is awaiting or once it expired.
func (m *Member) Level(now time.Time) AccessLevel {
	if m.Awaiting || (m.ExpiresAt != nil && !now.Before(*m.ExpiresAt)) {
		return NoAccess
	}
	return m.AccessLevel
}
