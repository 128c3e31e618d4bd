package gitlab

import "time"

// KeyType is the type of a key, personal or deploy key. Both share one id space.
type KeyType string

// The types of keys, as gl_key_type spells them.
const (
	PersonalKey KeyType = "key"
	DeployKey   KeyType = "deploy_key"
)

// UsageType is the permitted use of a key.
type UsageType string

// The usage types; a key for signing only does not authenticate.
const (
	UsageAuthAndSigning UsageType = "auth_and_signing"
	UsageAuth           UsageType = "auth"
	UsageSigning        UsageType = "signing"
)

// Key is an SSH key. UserID is the owner of a personal key and the creator of a deploy key.
type Key struct {
	// number, in one space with deploy keys
	ID ID `json:"id" directory:"required"`
	// the owner; null: no owner
	UserID *ID `json:"user_id,omitempty" directory:"required"`
	// title
	Title string `json:"title,omitempty" directory:"required"`
	// line of authorized_keys without options: type, blob and comment
	Text string `json:"key,omitempty" directory:"required"`
	// a key for signing only does not authenticate
	UsageType UsageType `json:"usage_type,omitempty"`
	// end; a date means its first moment in UTC
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	// when the key was added
	CreatedAt time.Time `json:"created_at"`

	Type KeyType `json:"type,omitempty" directory:"-"`
	// Fingerprint is the SHA-256 of the decoded blob in base64 without padding, without the "SHA256:" prefix.
	Fingerprint string `json:"fingerprint_sha256,omitempty" directory:"-"`
	// LastUsedAt is written once a day at most. Kept by the service.
	LastUsedAt *time.Time `json:"last_used_at,omitempty" directory:"-"`
}

// Authenticates reports whether the key may be used to log in.
func (k *Key) Authenticates() bool { return k.UsageType != UsageSigning }

// Expired reports whether the key's time is over at now.
func (k *Key) Expired(now time.Time) bool { return k.ExpiresAt != nil && !now.Before(*k.ExpiresAt) }

// DeployKeyLink lets a deploy key into a project.
type DeployKeyLink struct {
	KeyID ID `json:"deploy_key_id" directory:"-"`
	// project that the key may read
	ProjectID ID `json:"project_id" directory:"required"`
	// may push, too
	CanPush bool `json:"can_push,omitempty"`
}

// SSHCertificate is a certificate authority that a top-level group trusts to sign its members' certificates.
type SSHCertificate struct {
	// top-level group that trusts the authority
	NamespaceID ID `json:"namespace_id" directory:"required"`
	// SHA-256 in base64 without padding and prefix
	Fingerprint string `json:"fingerprint,omitempty"`
	// title
	Title string `json:"title,omitempty" directory:"required"`
}
