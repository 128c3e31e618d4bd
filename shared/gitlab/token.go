package gitlab

import (
	"crypto/sha256"
	"encoding/hex"
)

// TokenDigest returns the stored form of a secret token: its SHA-256 in hexadecimal.
func TokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// PersonalAccessToken lets programs act as a user.
type PersonalAccessToken struct {
	// number of the token
	ID ID `json:"id" directory:"required"`
	// user of the token
	UserID ID `json:"user_id" directory:"required"`
	// name
	Name string `json:"name,omitempty" directory:"required"`
	// scopes
	Scopes []string `json:"scopes,omitempty" directory:"required"`
	// last day; null: no end
	ExpiresAt Date `json:"expires_at,omitempty"`
	// no longer authenticates
	Revoked bool `json:"revoked,omitempty"`
	// the token, or its digest as token_digest; only the digest is stored
	Digest string `json:"token_digest,omitempty" directory:"token"`
}

// StorageLimitExclusion frees a top-level namespace from the storage limit.
type StorageLimitExclusion struct {
	// top-level namespace without a storage limit
	NamespaceID ID `json:"namespace_id" directory:"required"`
	// reason
	Reason string `json:"reason,omitempty" directory:"required"`
	// ID is given out once by the service and never again.
	ID ID `json:"id,omitempty" directory:"-"`
}

// PersonalAccess is a personal access token with the user it acts as; the zero value is no token.
type PersonalAccess struct {
	Token *PersonalAccessToken
	User  *User
}
