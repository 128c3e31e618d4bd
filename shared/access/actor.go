package access

import (
	"fmt"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// soon is how long before its end a key's user is told of it.
const soon = 7 * 24 * time.Hour

// actorSupported lets users, their keys and nobody go on: snippets know no deploy keys.
func actorSupported(q *question) verdict {
	return unless(!q.Actor.DeployKey(), denied(textMechanism))
}

// keyValid refuses personal and deploy keys whose time is over. A key that only signs has not come this far: it does
// not identify anybody.
func keyValid(q *question) verdict {
	return unless(q.Actor.Key == nil || !q.Actor.Key.Expired(q.Now), denied(textKeyExpired))
}

// console returns what the terminal shows to somebody who is let in.
func (q *question) console() []string {
	key := q.Actor.Key
	if key == nil || key.ExpiresAt == nil || key.ExpiresAt.Sub(q.Now) > soon {
		return nil
	}
	return []string{textKeyExpiresSoon}
}

// userMayUseGit gives the first reason why the person may not use git. Deploy keys act without a person, so that
// they outlive the account of their creator.
func userMayUseGit(q *question) verdict { return q.usesGit(q.person) }

// usesGit gives the first reason why a user may not use git.
func (q *question) usesGit(user *gitlab.User) verdict {
	switch {
	case user == nil:
		return verdict{}
	case !mayUseGit(user.UserType):
		return denied(textInternalUser)
	case user.State == gitlab.UserPendingApproval:
		return denied(textPendingApproval)
	case q.mustAcceptTerms(user):
		return denied(fmt.Sprintf(textTerms, user.Username, q.instanceURL()))
	case user.State == gitlab.UserDeactivated:
		return denied(textDeactivated + q.instanceURL())
	case user.ConfirmedAt == nil:
		return denied(textUnconfirmed + q.instanceURL() + "/users/confirmation/new")
	case !user.Active():
		return denied(textBlocked)
	case user.PasswordExpiresAt != nil && !q.Now.Before(*user.PasswordExpiresAt):
		return denied(textPasswordExpired)
	}
	return verdict{}
}

// mustAcceptTerms reports whether a user has not accepted the present terms. Bots cannot accept any.
func (q *question) mustAcceptTerms(user *gitlab.User) bool {
	if q.Instance.TermsVersion == nil {
		return false
	}
	switch user.UserType {
	case "project_bot", "service_account", "security_policy_bot":
		return false
	}
	accepted := user.TermsAcceptedVersion
	return accepted == nil || *accepted != *q.Instance.TermsVersion
}

// instanceURL returns the address of the web interface, without a slash at its end.
func (q *question) instanceURL() string { return strings.TrimSuffix(q.Instance.URL, "/") }
