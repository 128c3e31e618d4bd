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

// UserType tells people from accounts of the installation itself.
type UserType string

// The types that rules tell apart; every other known type is a bot.
const (
	UserHuman UserType = "human"
	UserGhost UserType = "ghost"
)

// User is somebody who may act.
type User struct {
	ID                   ID         `json:"id" directory:"required"`
	Username             string     `json:"username,omitempty" directory:"required"`
	Name                 string     `json:"name,omitempty" directory:"required"`
	Email                string     `json:"email,omitempty" directory:"required"`
	State                UserState  `json:"state,omitempty"`
	UserType             UserType   `json:"user_type,omitempty"`
	Admin                bool       `json:"admin,omitempty"`
	External             bool       `json:"external,omitempty"`
	ConfirmedAt          *time.Time `json:"confirmed_at,omitempty"`
	PasswordExpiresAt    *time.Time `json:"password_expires_at,omitempty"` // set only where the password is local
	TermsAcceptedVersion *int64     `json:"terms_accepted_version,omitempty"`
	TwoFactorEnabled     bool       `json:"two_factor_enabled,omitempty"`
	OTPSecret            *string    `json:"otp_secret,omitempty"`
	CanCreateProject     bool       `json:"can_create_project,omitempty"`
	ProjectsLimit        int64      `json:"projects_limit,omitempty"`
	EnterpriseGroupID    *ID        `json:"enterprise_group_id,omitempty"`
	ProvisionedByGroupID *ID        `json:"provisioned_by_group_id,omitempty"`

	// NamespaceID is the user's personal namespace.
	NamespaceID ID `json:"namespace_id,omitempty" directory:"-"`
	// LastActivityOn is the day of the last download, UTC. Kept by the service.
	LastActivityOn Date `json:"last_activity_on,omitempty" directory:"-"`
	// SCIMBlocked says that the instance's identity provider blocked the account, and may unblock it. Kept by the service.
	SCIMBlocked bool `json:"scim_blocked,omitempty" directory:"-"`
	// SCIMGroups are the groups of the instance's identity provider that the user is in, by id. Kept by the service.
	SCIMGroups map[string]string `json:"scim_groups,omitempty" directory:"-"`
}

// DefaultUser returns a user of whom nothing has been said yet, whose address is not confirmed.
func DefaultUser() User {
	return User{State: UserActive, UserType: UserHuman, CanCreateProject: true, ProjectsLimit: 100000}
}

// Active reports whether the account is neither blocked, banned, deactivated nor waiting for approval.
func (u *User) Active() bool { return u.State == UserActive }

// Date is a day, YYYY-MM-DD, UTC; empty for none. Dates compare as text.
type Date string

// DateOf returns the day of t in UTC.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }
