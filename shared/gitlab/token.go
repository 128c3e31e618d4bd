package gitlab

import (
	"crypto/sha256"
	"encoding/hex"
)

// TokenDigest returns what is kept of a secret token: its SHA-256 in hexadecimal.
func TokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// PersonalAccessToken lets programs act as a user.
type PersonalAccessToken struct {
	ID        ID       `json:"id" directory:"required"`
	UserID    ID       `json:"user_id" directory:"required"`
	Name      string   `json:"name,omitempty" directory:"required"`
	Scopes    []string `json:"scopes,omitempty" directory:"required"`
	ExpiresAt Date     `json:"expires_at,omitempty"`
	Revoked   bool     `json:"revoked,omitempty"`
	Digest    string   `json:"token_digest,omitempty" directory:"token"`
}

// StorageLimitExclusion frees a top-level namespace from the storage limit.
type StorageLimitExclusion struct {
	NamespaceID ID     `json:"namespace_id" directory:"required"`
	Reason      string `json:"reason,omitempty" directory:"required"`
	// ID is given out once by the service and never again.
	ID ID `json:"id,omitempty" directory:"-"`
}

// PersonalAccess is a personal access token with the user it acts as; the zero value is nobody's.
type PersonalAccess struct {
	Token *PersonalAccessToken
	User  *User
}
