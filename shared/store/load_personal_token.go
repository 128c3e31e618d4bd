package store

import (
	"context"

	"postern/shared/gitlab"
)

// LoadPersonalToken returns the personal access token with a digest and whose it is; the zero value when there is none, or
// when its user is gone.
func (s *Store) LoadPersonalToken(ctx context.Context, digest string) (gitlab.PersonalAccess, error) {
	v := s.newView()
	var found gitlab.PersonalAccess
	err := v.resolve(ctx, func() bool {
		lead, known := record[target](v, digestKey(digest))
		if lead == nil || lead.Kind != KindPersonalToken {
			return known
		}
		token, known := record[gitlab.PersonalAccessToken](v, personalTokenKey(lead.ID))
		if token == nil || token.Digest != digest {
			return known
		}
		user, known := v.user(token.UserID)
		if user != nil {
			found = gitlab.PersonalAccess{Token: token, User: user}
		}
		return known
	})
	return found, err
}
