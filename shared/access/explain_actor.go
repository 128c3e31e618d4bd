package access

import (
	"fmt"

	"postern/shared/gitlab"
)

// What the checks of the actor say of themselves.

// tellActor accounts for snippets, which no deploy key reaches.
func tellActor(q *question) Account {
	return Account{
		Looked: Facts{"actor": q.who(), "deploy_key": q.Actor.DeployKey()},
		Change: "a person's own key; is a deploy key",
	}
}

// tellKey accounts for the key's time; who comes without a key passes.
func tellKey(q *question) Account {
	key := q.Actor.Key
	if key == nil {
		return Account{Looked: Facts{"key": nil}}
	}
	return Account{
		Looked: Facts{"key": key.ID, "type": key.Type, "expires_at": moment(key.ExpiresAt)},
		Change: setting("expires_at", fmt.Sprintf("key %d", key.ID), "null, or later than now", moment(key.ExpiresAt)),
	}
}

// tellAccount gives everything that usesGit looks at, so that whoever mends one thing sees the next.
func tellAccount(q *question) Account {
	if q.person == nil {
		return Account{Looked: Facts{"actor": q.who()}}
	}
	return Account{
		Looked: Facts{
			"actor": q.who(), "user": q.person.ID, "state": q.person.State, "user_type": q.person.UserType,
			"confirmed_at":           moment(q.person.ConfirmedAt),
			"password_expires_at":    moment(q.person.PasswordExpiresAt),
			"terms_version":          q.Instance.TermsVersion,
			"terms_accepted_version": q.person.TermsAcceptedVersion,
		},
		Change: q.accountNeeds(q.person),
	}
}

// accountNeeds says what keeps a user from using git, in the order of usesGit.
func (q *question) accountNeeds(user *gitlab.User) string {
	of := "@" + user.Username
	switch {
	case !mayUseGit(user.UserType):
		return setting("user_type", of, "one that may use git", user.UserType)
	case user.State == gitlab.UserPendingApproval:
		return setting("state", of, gitlab.UserActive, user.State)
	case q.mustAcceptTerms(user):
		return fmt.Sprintf("version %d of the terms to be accepted by %s", *q.Instance.TermsVersion, of)
	case user.State == gitlab.UserDeactivated:
		return setting("state", of, gitlab.UserActive, user.State)
	case user.ConfirmedAt == nil:
		return setting("confirmed_at", of, "a time", nil)
	case !user.Active():
		return setting("state", of, gitlab.UserActive, user.State)
	}
	return setting("password_expires_at", of, "null, or later than now", moment(user.PasswordExpiresAt))
}

// tellUploader accounts for who may push at all: somebody.
func tellUploader(q *question) Account {
	return Account{
		Looked: Facts{"actor": q.who()},
		Change: "an actor who is known: a user's key, a deploy key or a user; is " + q.who(),
	}
}

// tellLink accounts for a deploy key's way into the project.
func tellLink(q *question) Account {
	a := Account{Looked: Facts{"actor": q.who(), "deploy_key": q.Actor.DeployKey()}}
	if !q.Actor.DeployKey() {
		return a
	}
	a.Looked["has_creator"] = q.keyHasCreator()
	a.Looked["linked"], a.Looked["can_push"] = q.Link != nil, q.Link != nil && q.Link.CanPush
	is := "is not linked"
	if q.Link != nil {
		is = "is linked for reading"
	}
	a.Change = fmt.Sprintf("%s to be linked to %s with can_push; %s", q.who(), q.where(), is)
	return a
}

// keyHasCreator reports whether the deploy key of the request names its creator. Without one it belongs to the ghost user.
func (q *question) keyHasCreator() bool { return q.Actor.Key != nil && q.Actor.Key.UserID != nil }
