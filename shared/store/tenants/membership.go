package tenants

import (
	"context"
	"errors"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

const (
	// joinedTogether is how many members of a group are looked at together: three records of each are one call.
	joinedTogether = table.BatchLimit / 3
	// joinedAtOnce is how many come or go in the transaction that changes the group: there are up to six items of each.
	joinedAtOnce = 15
	// membershipRounds bounds the attempts at members that others change at the same time.
	membershipRounds = 8
)

// membership is a user's part in a group of an identity provider: whether the user is to be a member.
type membership struct {
	identity gitlab.SCIMIdentity
	in       bool
}

// identitiesOf reads identities by external UID, each once. Those that are not there, or deleted, are returned apart.
func (s *Tenants) identitiesOf(
	ctx context.Context, tenant string, uids []string,
) (identities []gitlab.SCIMIdentity, unknown []string, err error) {
	keys := make([]table.Key, 0, len(uids))
	for _, uid := range uids {
		if table.Nameable(uid) {
			keys = append(keys, scimkeys.Identity(tenant, uid))
		}
	}
	keys = table.Distinct(keys)
	found, err := s.db.Get(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	for _, uid := range uids {
		if item := found[scimkeys.Identity(tenant, uid)]; item == nil || gone(item) {
			unknown = append(unknown, uid)
		}
	}
	for _, k := range keys {
		item := found[k]
		if item == nil || gone(item) {
			continue
		}
		var identity gitlab.SCIMIdentity
		if err := table.Decode(item, &identity); err != nil {
			return nil, nil, err
		}
		identities = append(identities, identity)
	}
	return identities, unknown, nil
}

// setMembers lets users in and out of a group, each in one transaction with the note of the group that lies with the user's
// membership in the tenant's group, or with the user. ErrConflict when the group or an identity is no longer as it was read,
// or when others keep changing the same ones.
func (s *Tenants) setMembers(ctx context.Context, g *SCIMGroup, all []membership) error {
	for part := range slices.Chunk(all, joinedTogether) {
		if err := s.setSome(ctx, g, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Tenants) setSome(ctx context.Context, g *SCIMGroup, some []membership) error {
	for attempt := range membershipRounds {
		sets, of, err := s.memberSets(ctx, g, some)
		if err != nil {
			return err
		}
		var again []membership
		for i, err := range s.records.ApplyEach(ctx, sets) {
			var conflict *record.ConflictError
			switch {
			case errors.As(err, &conflict) && conflict.Key == g.record.Key():
				return err
			case errors.Is(err, table.ErrConflict):
				again = append(again, of[i])
			case err != nil:
				return err
			}
		}
		if some = again; len(some) == 0 {
			return nil
		}
		if err := table.Backoff(ctx, attempt); err != nil {
			return &table.UnavailableError{Op: "TransactWriteItems", Err: err}
		}
	}
	return table.ErrConflict
}

// memberSets returns what has to be written for each of some members that are not as they are to be, and for whom. It is written
// only while the group is as it was read, so that nobody is let into a group that was deleted or renamed meanwhile.
func (s *Tenants) memberSets(
	ctx context.Context, g *SCIMGroup, some []membership,
) (sets [][]record.Change, of []membership, err error) {
	keys := make([]table.Key, 0, 3*len(some))
	for _, m := range some {
		keys = append(keys, scimkeys.GroupMember(g.number(), m.identity.UserID), g.noteKey(m.identity.UserID))
		if m.in {
			keys = append(keys, scimkeys.Identity(g.Tenant.name(), m.identity.ExternUID))
		}
	}
	found, err := s.records.Records(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range some {
		set, err := g.memberSet(m, found)
		if err != nil {
			return nil, nil, err
		}
		if !set[0].Empty() || !set[1].Empty() {
			sets, of = append(sets, set), append(of, m)
		}
	}
	return sets, of, nil
}

// memberSet returns the changes for one member.
func (g *SCIMGroup) memberSet(m membership, found map[table.Key]*record.Record) ([]record.Change, error) {
	was := found[scimkeys.GroupMember(g.number(), m.identity.UserID)]
	while := []*record.Record{g.record}
	if m.in {
		identity := found[scimkeys.Identity(g.Tenant.name(), m.identity.ExternUID)]
		var err error
		if m, err = m.now(was, identity); err != nil {
			return nil, err
		}
		if m.in {
			while = append(while, identity)
		}
	}
	member, note := g.memberChange(was, m), g.noteChange(found[g.noteKey(m.identity.UserID)], m)
	member.While, note.While = while, while
	return []record.Change{member, note}, nil
}

// now is the part that an identity has as it is there now. Who was deactivated since it was read must not get anything by the
// group, and who was deleted is to be a member no longer. ErrConflict when the external UID leads elsewhere now.
func (m membership) now(was, identity *record.Record) (membership, error) {
	if identity != nil {
		if i, ok := identity.Value().(*gitlab.SCIMIdentity); ok && !i.Deleted && i.UserID == m.identity.UserID {
			m.identity = *i
			return m, nil
		}
	}
	if was != nil {
		if member, ok := was.Value().(*gitlab.SCIMGroupMember); ok && member.ExternUID == m.identity.ExternUID {
			m.in = false
			return m, nil
		}
	}
	return m, table.ErrConflict
}

// memberChange lets one user into a group, or out.
func (g *SCIMGroup) memberChange(was *record.Record, m membership) record.Change {
	if !m.in {
		return record.Change{Old: was}
	}
	return record.Change{Old: was, New: record.SCIMGroupMemberRecord(&gitlab.SCIMGroupMember{
		GroupID: g.number(), NamespaceID: g.Tenant.namespaceID(), UserID: m.identity.UserID, ExternUID: m.identity.ExternUID,
	})}
}
