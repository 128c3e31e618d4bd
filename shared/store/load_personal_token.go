package store

import (
	"context"

	"postern/shared/gitlab"
)

// LoadPersonalToken returns the personal access token with a digest and whose it is; the zero value when there is none, or
// when its user is gone. It takes one round trip when the token was used before, else three.
func (s *Store) LoadPersonalToken(ctx context.Context, digest string) (gitlab.PersonalAccess, error) {
	v := s.newView()
	var found gitlab.PersonalAccess
	err := v.resolve(ctx, func() bool {
		var known bool
		found, known = v.personalAccess(digest)
		return known
	})
	return found, err
}

// personalAccess evaluates the token with a digest, and its user.
func (v *view) personalAccess(digest string) (found gitlab.PersonalAccess, known bool) {
	lead, known := record[target](v, digestKey(digest))
	if !known {
		// Asked for together with the digest's item, which is what decides in the end.
		if hint, ok := v.store.hints.personal.Get(digest); ok {
			v.want(personalTokenKey(hint.token), userKey(hint.user))
		}
		return found, false
	}
	if lead == nil || lead.Kind != KindPersonalToken {
		return found, true
	}
	token, known := record[gitlab.PersonalAccessToken](v, personalTokenKey(lead.ID))
	// The item that leads here may be older than the token: a digest that was exchanged opens nothing.
	if token == nil || token.Digest != digest {
		return found, known
	}
	user, known := v.user(token.UserID)
	if user != nil {
		found = gitlab.PersonalAccess{Token: token, User: user}
		v.store.hints.personal.Add(digest, personalHint{token.ID, user.ID})
	}
	return found, known
}
