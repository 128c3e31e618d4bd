package importer

// seat is the place of one membership: a user in a project or namespace.
type seat struct{ user, project, namespace int64 }

func seatOf(m *memberRecord) seat { return seat{m.UserID, value(m.ProjectID), value(m.NamespaceID)} }

// shared returns the memberships by shares: the invited group's members and those of its parents, with at most the share's level, until
// the earlier end. A share does not extend to members by another share of the invited group.
func (x *index) shared() map[seat]memberRecord {
	all := map[seat]memberRecord{}
	for _, s := range x.shares {
		if !x.has(s.ProjectID, s.NamespaceID) || !x.namespaces[s.GroupID] {
			continue
		}
		for _, m := range x.allMembers(s.GroupID) {
			m.ProjectID, m.NamespaceID = s.ProjectID, s.NamespaceID
			m.AccessLevel = min(m.AccessLevel, level(s.AccessLevel))
			m.ExpiresAt = earlier(m.ExpiresAt, s.ExpiresAt)
			if m.AccessLevel > 0 {
				all[seatOf(&m)] = higher(all[seatOf(&m)], m)
			}
		}
	}
	return all
}

// allMembers returns the members of a group and of its parents, by user.
func (x *index) allMembers(group int64) map[int64]memberRecord {
	all := map[int64]memberRecord{}
	for range maxDepth {
		for _, m := range x.members[group] {
			if !m.Awaiting && x.users[m.UserID] {
				all[m.UserID] = higher(all[m.UserID], m)
			}
		}
		if group = x.parents[group]; group == 0 {
			break
		}
	}
	return all
}

// higher returns the membership with the higher level. At equal levels it returns the longer one.
func higher(a, b memberRecord) memberRecord {
	switch {
	case a.Awaiting != b.Awaiting:
		if a.Awaiting {
			return b
		}
		return a
	case b.AccessLevel > a.AccessLevel:
		return b
	case b.AccessLevel < a.AccessLevel || a.ExpiresAt == nil:
		return a
	case b.ExpiresAt == nil || *b.ExpiresAt > *a.ExpiresAt:
		return b
	}
	return a
}

// earlier returns the first of two dates. nil means no end.
func earlier(a, b *string) *string {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}
