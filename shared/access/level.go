package access

import (
	"time"

	"postern/shared/gitlab"
)

// Level returns the highest level that a user holds at a place, by memberships in it and in the namespaces above, or without
// one: administrators and the owner of a personal namespace are owners. Nobody holds none.
func Level(user *gitlab.User, chain gitlab.Chain, members []gitlab.Member, now time.Time) gitlab.AccessLevel {
	if user == nil {
		return gitlab.NoAccess
	}
	if user.Admin || owns(user, chain) {
		return gitlab.Owner
	}
	level := gitlab.NoAccess
	for i := range members {
		level = max(level, members[i].Level(now))
	}
	return level
}

// owns reports whether a place is in a user's own namespace.
func owns(user *gitlab.User, chain gitlab.Chain) bool {
	parent := chain.Parent()
	return user != nil && parent != nil && parent.OwnerID != nil && *parent.OwnerID == user.ID
}
