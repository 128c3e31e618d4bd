package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
)

// LoadPersonalToken returns the personal access token with a digest and whose it is; the zero value when there is none, or
// when its user is gone. It takes one round trip when the token was used before, else three.
func (s *Loader) LoadPersonalToken(ctx context.Context, digest string) (gitlab.PersonalAccess, error) {
	v := s.NewView()
	var found gitlab.PersonalAccess
	err := v.Resolve(ctx, func() bool {
		var known bool
		found, known = v.personalAccess(digest)
		return known
	})
	return found, err
}

// personalAccess evaluates the token with a digest, and its user.
func (v *View) personalAccess(digest string) (found gitlab.PersonalAccess, known bool) {
	lead, known := Read[Target](v, layout.DigestKey(digest))
	if !known {
		// Asked for together with the digest's item, which is what decides in the end.
		if hint, ok := v.store.hints.personal.Get(digest); ok {
			v.Want(layout.PersonalTokenKey(hint.token), layout.UserKey(hint.user))
		}
		return found, false
	}
	if lead == nil || lead.Kind != layout.KindPersonalToken {
		return found, true
	}
	token, known := Read[gitlab.PersonalAccessToken](v, layout.PersonalTokenKey(lead.ID))
	// The item that leads here may be older than the token: a digest that was exchanged opens nothing.
	if token == nil || token.Digest != digest {
		return found, known
	}
	user, known := v.User(token.UserID)
	if user != nil {
		found = gitlab.PersonalAccess{Token: token, User: user}
		v.store.hints.personal.Add(digest, personalHint{token.ID, user.ID})
	}
	return found, known
}
