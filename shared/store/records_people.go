package store

import (
	"context"

	"postern/shared/gitlab"
)

// UserRecord is a user: found by username and e-mail, the ghost user also as such.
func UserRecord(u *gitlab.User) *Record {
	r := newRecord(userKey(u.ID), u)
	r.own(catalogKey(KindUser, u.ID), nil)
	r.lead(usernameKey(u.Username), KindUser, u.ID)
	r.lead(emailKey(u.Email), KindUser, u.ID)
	if u.UserType == gitlab.UserGhost {
		r.lead(ghostKey(), KindUser, u.ID)
	}
	for _, group := range []*gitlab.ID{u.EnterpriseGroupID, u.ProvisionedByGroupID} {
		if group != nil {
			r.referTo(namespaceKey(*group), "user#"+num(u.ID))
		}
	}
	return r
}

// KeyRecord is a personal key or a deploy key, found by its fingerprint, which also hints at whose it is.
func KeyRecord(k *gitlab.Key) *Record {
	r := newRecord(keyKey(k.ID), k)
	r.own(catalogKey(KindKey, k.ID), nil)
	fingerprint := fingerprintKey(k.Fingerprint)
	r.lead(fingerprint, KindKey, k.ID)
	if k.UserID != nil {
		r.indexes[fingerprint].attrs["user_id"] = number(*k.UserID)
		r.referTo(userKey(*k.UserID), "key#"+num(k.ID))
	}
	return r
}

// DeployKeyLinkRecord lets a deploy key into a project. It is listed with both.
func DeployKeyLinkRecord(l *gitlab.DeployKeyLink) *Record {
	r := newRecord(linkKey(l.KeyID, l.ProjectID), l)
	r.own(linkBackKey(l.KeyID, l.ProjectID), encode(l))
	r.refer(keyKey(l.KeyID))
	r.refer(projectKey(l.ProjectID))
	return r
}

// DeployKeyLinks reads the links of a deploy key by project.
func (s *Store) DeployKeyLinks(ctx context.Context, key gitlab.ID) (map[gitlab.ID]*Record, error) {
	links := map[gitlab.ID]*Record{}
	err := s.query(ctx, keyKey(key).PK, "project#", func(item Item) error {
		r, err := s.stored(ctx, item)
		if err != nil {
			return err
		}
		links[integer(item, "project_id")] = r
		return nil
	})
	return links, err
}

// MemberRecord is a membership in a project or namespace. The owners of a namespace are listed apart, so that it is known at
// little cost whether there is another one.
func MemberRecord(m *gitlab.Member) *Record {
	place := container(m.ProjectID, m.NamespaceID)
	r := newRecord(Key{PK: place, SK: "member#" + num(m.UserID)}, m)
	r.refer(ownKey(place))
	r.referTo(userKey(m.UserID), "member#"+place)
	if m.NamespaceID != nil && m.AccessLevel == gitlab.Owner {
		r.own(ownerKey(*m.NamespaceID, m.UserID), nil)
	}
	return r
}

// ownKey is the key of the record whose partition it is.
func ownKey(partition string) Key {
	switch kind := beforeHash(partition); kind {
	case "ns":
		return Key{PK: partition, SK: "namespace"}
	default:
		return Key{PK: partition, SK: kind}
	}
}
