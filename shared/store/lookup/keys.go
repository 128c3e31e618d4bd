package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// AuthorizedKey is a key that logs in, who owns it (nil for nobody), and the settings.
type AuthorizedKey struct {
	Settings record.Settings
	Key      *gitlab.Key
	Owner    *gitlab.User
}

// LoadKeyByFingerprint finds the key with a SHA-256 fingerprint (base64 without padding) that may be used to log in.
// ErrNotFound when there is none, or when it is for signing only.
func (s *Loader) LoadKeyByFingerprint(ctx context.Context, fingerprint string) (AuthorizedKey, error) {
	v := s.NewView()
	var found AuthorizedKey
	err := v.Resolve(ctx, func() bool {
		settings, settingsKnown := v.Settings()
		key, keyKnown := v.keyWith(fingerprint)
		found = AuthorizedKey{Settings: settings, Key: key}
		known := settingsKnown && keyKnown
		if key != nil {
			owner, ownerKnown := v.ownerOf(key)
			if ownerKnown && owner != 0 {
				found.Owner, ownerKnown = v.User(owner)
			}
			known = known && ownerKnown
		}
		return known
	})
	if err != nil {
		return AuthorizedKey{}, err
	}
	if found.Key == nil || !found.Key.Authenticates() {
		return AuthorizedKey{}, table.ErrNotFound
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
func (v *View) keyWith(fingerprint string) (*gitlab.Key, bool) {
	if !table.Nameable(fingerprint) {
		return nil, true // DynamoDB refuses such a key, which would read as an outage
	}
	if hint, ok := v.store.hints.fingerprints.Get(fingerprint); ok {
		key, known := Read[gitlab.Key](v, layout.KeyKey(hint.key))
		if !known {
			if hint.user != 0 {
				v.Want(layout.UserKey(hint.user))
			}
			return nil, false
		}
		if key != nil && key.Fingerprint == fingerprint {
			return key, true
		}
	}
	lead, known := Read[Target](v, layout.FingerprintKey(fingerprint))
	if lead == nil {
		return nil, known
	}
	// The fingerprint's item may be older than the key's owner: it only saves a trip, the key's record decides.
	if owner := table.Integer(v.items[layout.FingerprintKey(fingerprint)], "user_id"); owner != 0 {
		v.Want(layout.UserKey(owner))
	}
	key, known := Read[gitlab.Key](v, layout.KeyKey(lead.ID))
	if key != nil && key.Fingerprint != fingerprint {
		return nil, true // it was given another blob between the two reads
	}
	return key, known
}
