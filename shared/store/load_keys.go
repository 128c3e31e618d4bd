package store

import (
	"context"

	"postern/shared/gitlab"
)

// AuthorizedKey is a key that logs in, who owns it (nil for nobody), and the settings.
type AuthorizedKey struct {
	Settings Settings
	Key      *gitlab.Key
	Owner    *gitlab.User
}

// LoadKeyByFingerprint finds the key with a SHA-256 fingerprint (base64 without padding) that may be used to log in.
// ErrNotFound when there is none, or when it is for signing only.
func (s *Store) LoadKeyByFingerprint(ctx context.Context, fingerprint string) (AuthorizedKey, error) {
	v := s.newView()
	var found AuthorizedKey
	err := v.resolve(ctx, func() bool {
		settings, settingsKnown := v.settings()
		key, keyKnown := v.keyWith(fingerprint)
		found = AuthorizedKey{Settings: settings, Key: key}
		known := settingsKnown && keyKnown
		if key != nil {
			owner, ownerKnown := v.ownerOf(key)
			if ownerKnown && owner != 0 {
				found.Owner, ownerKnown = v.user(owner)
			}
			known = known && ownerKnown
		}
		return known
	})
	if err != nil {
		return AuthorizedKey{}, err
	}
	if found.Key == nil || !found.Key.Authenticates() {
		return AuthorizedKey{}, ErrNotFound
	}
	// Only what may log in is remembered: what clients make up would push it out.
	hint := keyHint{key: found.Key.ID}
	if found.Owner != nil {
		hint.user = found.Owner.ID
	}
	s.hints.fingerprints.Add(fingerprint, hint)
	return found, nil
}

// keyWith evaluates which key has a fingerprint; the key's own record is what counts.
func (v *view) keyWith(fingerprint string) (*gitlab.Key, bool) {
	if !nameable(fingerprint) {
		return nil, true // DynamoDB refuses such a key, which would read as an outage
	}
	if hint, ok := v.store.hints.fingerprints.Get(fingerprint); ok {
		key, known := record[gitlab.Key](v, keyKey(hint.key))
		if !known {
			if hint.user != 0 {
				v.want(userKey(hint.user))
			}
			return nil, false
		}
		if key != nil && key.Fingerprint == fingerprint {
			return key, true
		}
	}
	lead, known := record[target](v, fingerprintKey(fingerprint))
	if lead == nil {
		return nil, known
	}
	// The fingerprint's item may be older than the key's owner: it only saves a trip, the key's record decides.
	if owner := integer(v.items[fingerprintKey(fingerprint)], "user_id"); owner != 0 {
		v.want(userKey(owner))
	}
	key, known := record[gitlab.Key](v, keyKey(lead.ID))
	if key != nil && key.Fingerprint != fingerprint {
		return nil, true // it was given another blob between the two reads
	}
	return key, known
}
