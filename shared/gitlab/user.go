package gitlab

import "time"

// ID identifies a record of one kind. Ids are positive and may exceed 32 bits.
type ID = int64

// UserState is where a user's account stands.
type UserState string

// The states of an account.
const (
	UserActive          UserState = "active"
	UserBlocked         UserState = "blocked"
	UserPendingApproval UserState = "blocked_pending_approval"
	UserBanned          UserState = "banned"
	UserDeactivated     UserState = "deactivated"
)

// UserType is the type of an account: human, or one of the installation's own.
type UserType string

// The types with rules of their own. Every other known type is a bot.
const (
	UserHuman UserType = "human"
	UserGhost UserType = "ghost"
)

// User is an account.
type User struct {
	// number of the user
	ID ID `json:"id" directory:"required"`
	// name in paths, unique
	Username string `json:"username,omitempty" directory:"required"`
	// display name
	Name string `json:"name,omitempty" directory:"required"`
	// primary address, unique
	Email string `json:"email,omitempty" directory:"required"`
	// state of the account
	State UserState `json:"state,omitempty"`
	// person, bot or ghost
	UserType UserType `json:"user_type,omitempty"`
	// administrator of the instance
	Admin bool `json:"admin,omitempty"`
	// sees internal projects only as a member
	External bool `json:"external,omitempty"`
	// when the address was confirmed; null: not confirmed
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	// end of the password, set only where it is local
	PasswordExpiresAt *time.Time `json:"password_expires_at,omitempty"`
	// version of the terms that the user accepted
	TermsAcceptedVersion *int64 `json:"terms_accepted_version,omitempty"`
	// has two-factor authentication
	TwoFactorEnabled bool `json:"two_factor_enabled,omitempty"`
	// base32 secret of one-time passwords, kept readable
	OTPSecret *string `json:"otp_secret,omitempty"`
	// may create projects, unless external
	CanCreateProject bool `json:"can_create_project,omitempty"`
	// maximum of projects in the personal namespace
	ProjectsLimit int64 `json:"projects_limit,omitempty"`
	// top-level group that claims the user as an enterprise user
	EnterpriseGroupID *ID `json:"enterprise_group_id,omitempty"`
	// top-level group whose provider created the user
	ProvisionedByGroupID *ID `json:"provisioned_by_group_id,omitempty"`

	// NamespaceID is the user's personal namespace.
	NamespaceID ID `json:"namespace_id,omitempty" directory:"-"`
	// LastActivityOn is the day of the last download, UTC. Kept by the service.
	LastActivityOn Date `json:"last_activity_on,omitempty" directory:"-"`
	// SCIMBlocked marks a block by the instance's identity provider, which may lift it. Kept by the service.
	SCIMBlocked bool `json:"scim_blocked,omitempty" directory:"-"`
	// SCIMGroups are the groups of the instance's identity provider that the user is in, by id. Kept by the service.
	SCIMGroups map[string]string `json:"scim_groups,omitempty" directory:"-"`
}

// DefaultUser returns a user with the default of every field. Its address is not confirmed.
func DefaultUser() User {
	return User{State: UserActive, UserType: UserHuman, CanCreateProject: true, ProjectsLimit: 100000}
}

// Active reports whether the account is neither blocked, banned, deactivated nor waiting for approval.
func (u *User) Active() bool { return u.State == UserActive }

// Date is a day, YYYY-MM-DD, UTC; empty for none. Dates compare as text.
type Date string

// DateOf returns the day of t in UTC.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }
