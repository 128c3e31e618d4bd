package tenants

import (
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/store/record"
)

// The actions of identity providers in the audit: on identities, and on groups.
const (
	SCIMCreated     = "scim_identity_created" // with a new user
	SCIMLinked      = "scim_identity_linked"  // to a user there was
	SCIMRestored    = "scim_identity_restored"
	SCIMActivated   = "scim_identity_activated"
	SCIMDeactivated = "scim_identity_deactivated"
	SCIMRenamed     = "scim_identity_renamed" // another external UID
	SCIMDeleted     = "scim_identity_deleted"

	SCIMGroupCreated = "scim_group_created"
	SCIMGroupChanged = "scim_group_changed"
	SCIMGroupDeleted = "scim_group_deleted"
)

// SCIMState is what of an identity or a group an identity provider can change, as audit records show it before and after.
type SCIMState struct {
	UserID      gitlab.ID          `json:"user_id,omitempty"`
	ExternUID   string             `json:"extern_uid,omitempty"`
	Username    string             `json:"username,omitempty"`
	Active      bool               `json:"active,omitempty"`
	Deleted     bool               `json:"deleted,omitempty"`
	State       gitlab.UserState   `json:"state,omitempty"`
	AccessLevel gitlab.AccessLevel `json:"access_level,omitempty"` // in the tenant's group

	GroupID     gitlab.ID `json:"group_id,omitempty"`
	DisplayName string    `json:"display_name,omitempty"`
	ExternalID  string    `json:"external_id,omitempty"`
	Left        []string  `json:"left,omitempty"`   // external UIDs of members before that are none after
	Joined      []string  `json:"joined,omitempty"` // of members after that were none before
	AllLeft     bool      `json:"all_left,omitempty"`
}

// shownToken is how much of a token's digest is kept of who did something: too little to find the token by.
const shownToken = 12

// audits begins the audit record of what an identity provider does.
func (a SCIMAccess) audits(t *SCIMTenant, at time.Time, action string) audit.AuditedChange {
	return audit.AuditedChange{
		Tenant: t.name(), At: at, RequestID: a.RequestID, Token: a.Digest[:min(len(a.Digest), shownToken)], Action: action,
	}
}

// describe puts the state before and after into the edit's event.
func (e *scimEdit) describe() {
	if e.identity.Was != nil {
		before := record.Edited[gitlab.SCIMIdentity]{Was: e.identity.Was}
		user, member := record.Edited[gitlab.User]{Was: e.User.Was}, record.Edited[gitlab.Member]{Was: e.Member.Was}
		if before.Begin() == nil && user.Begin() == nil {
			if member.Was != nil && member.Begin() != nil {
				return
			}
			e.event.Before = audit.JSON(scimState(before.Next, user.Next, member.Next))
		}
	}
	e.event.After = audit.JSON(scimState(e.identity.Next, e.User.Next, e.Member.Next))
}

// scimState is the state of an identity; m may be nil.
func scimState(i *gitlab.SCIMIdentity, u *gitlab.User, m *gitlab.Member) *SCIMState {
	state := &SCIMState{
		UserID: u.ID, ExternUID: i.ExternUID, Username: u.Username, Active: i.Active, Deleted: i.Deleted, State: u.State,
	}
	if m != nil {
		state.AccessLevel = m.AccessLevel
	}
	return state
}
