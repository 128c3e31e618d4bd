package gitlab

import "time"

// SCIMToken is the credential of an identity provider; NamespaceID nil is the instance's.
type SCIMToken struct {
	// tenant: a top-level group with SAML; null: the instance
	NamespaceID *ID `json:"namespace_id,omitempty"`
	// authenticates requests
	Enabled bool `json:"enabled,omitempty"`
	// the token, or its digest as token_digest; only the digest is stored
	Digest string `json:"token_digest,omitempty" directory:"token"`
}

// SCIMIdentity links a user to an identity provider's account; NamespaceID nil is the instance's.
type SCIMIdentity struct {
	// tenant: a top-level group with SAML; null: the instance
	NamespaceID *ID `json:"namespace_id,omitempty"`
	// id of the user at the identity provider
	ExternUID string `json:"extern_uid" directory:"required"`
	// linked user
	UserID ID `json:"user_id" directory:"required"`
	// provisioned
	Active bool `json:"active,omitempty"`

	// CreatedAt and UpdatedAt are when the identity was made and last changed. Kept by the service, as all below.
	CreatedAt *time.Time `json:"created_at,omitempty" directory:"-"`
	UpdatedAt *time.Time `json:"updated_at,omitempty" directory:"-"`
	// Deleted marks an identity that the provider has deleted. It is kept so that the same user can return.
	Deleted bool `json:"deleted,omitempty" directory:"-"`
	// Place is where the identity is in the tenant's list.
	Place string `json:"place,omitempty" directory:"-"`
}

// SAMLGroupLink gives the members of an identity provider's group a level in a namespace.
type SAMLGroupLink struct {
	// group of the link
	NamespaceID ID `json:"namespace_id" directory:"required"`
	// name of the identity provider's group
	SAMLGroupName string `json:"saml_group_name" directory:"required"`
	// role of its members
	AccessLevel AccessLevel `json:"access_level,omitempty" directory:"required"`
}

// SCIMGroup is a group of an identity provider; NamespaceID nil is the instance's provider.
type SCIMGroup struct {
	ID          ID         `json:"id"`
	NamespaceID *ID        `json:"namespace_id,omitempty"`
	DisplayName string     `json:"display_name"`
	ExternalID  string     `json:"external_id,omitempty"`
	CreatedAt   *time.Time `json:"created_at,omitempty"`
	UpdatedAt   *time.Time `json:"updated_at,omitempty"`
	// Filling marks a new group whose members are not all written yet. Renaming marks a group whose members may still have its
	// former name. In both cases the request was interrupted.
	Filling  bool `json:"filling,omitempty"`
	Renaming bool `json:"renaming,omitempty"`
}

// SCIMGroupMember makes a user a member of an identity provider's group.
type SCIMGroupMember struct {
	GroupID     ID     `json:"group_id"`
	NamespaceID *ID    `json:"namespace_id,omitempty"` // the group's
	UserID      ID     `json:"user_id"`
	ExternUID   string `json:"extern_uid"` // the user's, with the group's provider
}
