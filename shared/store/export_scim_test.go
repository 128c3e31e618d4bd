package store

import (
	"context"

	"postern/shared/gitlab"
)

// Misnoted tells where the notes of SCIM groups, by which requests are decided, are not as the groups, their members and the
// identities are.
func (s *Store) Misnoted(ctx context.Context, items []Item) []string {
	w := walk{records: map[Key]*Record{}}
	for _, item := range items {
		if r, err := s.stored(ctx, item); err == nil { // else it is an index item
			w.records[keyOf(item)] = r
		}
	}
	w.provided()
	return w.found
}

func (w *walk) provided() {
	for k, r := range w.records {
		switch v := r.value.(type) {
		case *gitlab.SCIMGroupMember:
			group := w.group(v.NamespaceID, v.GroupID)
			if name := w.notes(v.NamespaceID, v.UserID)[num(v.GroupID)]; group != nil && name != group.DisplayName && !group.Renaming {
				w.wrong("%s is noted as %q, the group is %q", k, name, group.DisplayName)
			}
		case *gitlab.User:
			w.notesHold(k, nil, v.ID, v.SCIMGroups)
		case *gitlab.Member:
			if v.NamespaceID == nil {
				continue
			}
			w.notesHold(k, v.NamespaceID, v.UserID, v.SCIMGroups)
			if i := w.identity(v.NamespaceID, v.UserID); len(v.SCIMGroups) > 0 && (i == nil || i.Active == v.SCIMInactive) {
				w.wrong("%s notes SCIM groups as inactive %v, the identity is %+v", k, v.SCIMInactive, i)
			}
		}
	}
}

// notesHold checks that somebody is in the groups that are noted.
func (w *walk) notesHold(k Key, tenant *gitlab.ID, user gitlab.ID, notes map[string]string) {
	for group := range notes {
		id, _ := gitlab.ParseID(group)
		if w.records[scimGroupMemberKey(id, user)] == nil || w.group(tenant, id) == nil {
			w.wrong("%s notes group %s, which the user is not in", k, group)
		}
	}
}

// notes are the groups of a tenant's identity provider that are noted for a user.
func (w *walk) notes(tenant *gitlab.ID, user gitlab.ID) map[string]string {
	if tenant == nil {
		if u, ok := w.value(userKey(user)).(*gitlab.User); ok {
			return u.SCIMGroups
		}
		return nil
	}
	if m, ok := w.value(namespaceMemberKey(*tenant, user)).(*gitlab.Member); ok {
		return m.SCIMGroups
	}
	return nil
}

func (w *walk) group(tenant *gitlab.ID, id gitlab.ID) *gitlab.SCIMGroup {
	group, _ := w.value(scimGroupKey(scimTenant(tenant), id)).(*gitlab.SCIMGroup)
	return group
}

// identity is a user's identity with a tenant, nil when there is none or it is deleted.
func (w *walk) identity(tenant *gitlab.ID, user gitlab.ID) *gitlab.SCIMIdentity {
	for _, r := range w.records {
		i, ok := r.value.(*gitlab.SCIMIdentity)
		if ok && !i.Deleted && i.UserID == user && scimTenant(i.NamespaceID) == scimTenant(tenant) {
			return i
		}
	}
	return nil
}

func (w *walk) value(k Key) any {
	if r := w.records[k]; r != nil {
		return r.value
	}
	return nil
}
