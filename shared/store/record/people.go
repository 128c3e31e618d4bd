package record

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// UserRecord is a user: found by username and e-mail, the ghost user also as such.
func UserRecord(u *gitlab.User) *Record {
	r := newRecord(layout.UserKey(u.ID), u)
	r.own(layout.CatalogKey(layout.KindUser, u.ID), nil)
	r.lead(layout.UsernameKey(u.Username), layout.KindUser, u.ID)
	r.lead(layout.EmailKey(u.Email), layout.KindUser, u.ID)
	if u.UserType == gitlab.UserGhost {
		r.lead(layout.GhostKey(), layout.KindUser, u.ID)
	}
	for _, group := range []*gitlab.ID{u.EnterpriseGroupID, u.ProvisionedByGroupID} {
		if group != nil {
			r.referTo(layout.NamespaceKey(*group), "user#"+table.ID(u.ID))
		}
	}
	return r
}

// KeyRecord is a personal key or a deploy key, found by its fingerprint, which also hints at whose it is.
func KeyRecord(k *gitlab.Key) *Record {
	r := newRecord(layout.KeyKey(k.ID), k)
	r.own(layout.CatalogKey(layout.KindKey, k.ID), nil)
	fingerprint := layout.FingerprintKey(k.Fingerprint)
	r.lead(fingerprint, layout.KindKey, k.ID)
	if k.UserID != nil {
		r.indexes[fingerprint].attrs["user_id"] = table.Number(*k.UserID)
		r.referTo(layout.UserKey(*k.UserID), "key#"+table.ID(k.ID))
	}
	return r
}

// DeployKeyLinkRecord lets a deploy key into a project. It is listed with both.
func DeployKeyLinkRecord(l *gitlab.DeployKeyLink) *Record {
	r := newRecord(layout.LinkKey(l.KeyID, l.ProjectID), l)
	r.own(linkBackKey(l.KeyID, l.ProjectID), table.Encode(l))
	r.refer(layout.KeyKey(l.KeyID))
	r.refer(layout.ProjectKey(l.ProjectID))
	return r
}

// DeployKeyLinks reads the links of a deploy key by project.
func (s *Directory) DeployKeyLinks(ctx context.Context, key gitlab.ID) (map[gitlab.ID]*Record, error) {
	links := map[gitlab.ID]*Record{}
	err := s.db.Query(ctx, layout.KeyKey(key).PK, "project#", func(item table.Item) error {
		r, err := s.Stored(ctx, item)
		if err != nil {
			return err
		}
		links[table.Integer(item, "project_id")] = r
		return nil
	})
	return links, err
}

// MemberRecord is a membership in a project or namespace. The owners of a namespace are listed apart, so that it is known at
// little cost whether there is another one.
func MemberRecord(m *gitlab.Member) *Record {
	place := layout.Partition(m.ProjectID, m.NamespaceID)
	r := newRecord(table.Key{PK: place, SK: "member#" + table.ID(m.UserID)}, m)
	r.refer(ownKey(place))
	r.referTo(layout.UserKey(m.UserID), "member#"+place)
	if m.NamespaceID != nil && m.AccessLevel == gitlab.Owner {
		r.own(layout.OwnerKey(*m.NamespaceID, m.UserID), nil)
	}
	return r
}

// ownKey is the key of the record whose partition it is.
func ownKey(partition string) table.Key {
	switch kind := table.Kind(partition); kind {
	case "ns":
		return table.Key{PK: partition, SK: "namespace"}
	default:
		return table.Key{PK: partition, SK: kind}
	}
}
