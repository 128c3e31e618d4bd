package directory

import (
	"context"
	"maps"
	"slices"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/table"
)

// scimTokens are one for each tenant: a group, or the instance, whose namespace_id is null or left out.
func scimTokens() kind {
	return &records[gitlab.SCIMToken]{
		array:    "scim_tokens",
		identity: []string{"namespace_id"},
		fresh:    func(time.Time) gitlab.SCIMToken { return gitlab.SCIMToken{Enabled: true} },
		record:   record.SCIMTokenRecord,
	}
}

// scimIdentities are identified within their tenant by the identity provider's id; a user has one in each tenant.
func scimIdentities() kind {
	return &records[gitlab.SCIMIdentity]{
		array:    "scim_identities",
		identity: []string{"namespace_id", "extern_uid"},
		fresh: func(now time.Time) gitlab.SCIMIdentity {
			return gitlab.SCIMIdentity{Active: true, CreatedAt: &now, UpdatedAt: &now}
		},
		record: record.SCIMIdentityRecord,
		settle: settleIdentity,
		locate: placeIdentities,
		extend: func(ctx context.Context, r *run, entries []*entry[gitlab.SCIMIdentity]) error {
			if err := leaveGroups(ctx, r, entries); err != nil {
				return err
			}
			return noteActivity(ctx, r, entries)
		},
	}
}

// settleIdentity notes that an identity changes. One that its provider deleted is there again when the document says that
// it is active.
func settleIdentity(r *run, e *entry[gitlab.SCIMIdentity]) {
	if e.old == nil {
		return
	}
	if e.next.Active && e.fields.Given("active") {
		e.next.Deleted = false
	}
	// Identity providers ask what has changed since they last looked, so a record that stays the same must stay as old.
	if e.next.Active != e.old.Active || e.next.UserID != e.old.UserID || e.next.Deleted != e.old.Deleted {
		now := r.now
		e.next.UpdatedAt = &now
	}
}

// placeIdentities enters new identities into their tenants' lists. Checking a document reads nothing for that.
func placeIdentities(ctx context.Context, r *run, entries []*entry[gitlab.SCIMIdentity]) error {
	if !r.writing {
		return nil
	}
	var indexes []int
	var identities []*gitlab.SCIMIdentity
	for _, e := range entries {
		// One that is stored keeps its place: pages that a provider is just reading must not shift.
		if e.next.Place == "" {
			indexes, identities = append(indexes, e.Index), append(identities, e.next)
		}
	}
	return r.store.PlaceSCIMIdentities(ctx, r.now, indexes, identities)
}

// leaveGroups takes users whose identity becomes somebody else's out of the groups of the identity provider.
func leaveGroups(ctx context.Context, r *run, entries []*entry[gitlab.SCIMIdentity]) error {
	if !r.writing {
		return nil
	}
	for _, e := range entries {
		if e.old == nil || e.next.UserID == e.old.UserID {
			continue
		}
		left, err := r.store.LeaveSCIMGroups(ctx, e.old)
		if err != nil {
			return err
		}
		e.more = append(e.more, left...)
	}
	return nil
}

// noteActivity notes with memberships in tenants' groups whether the identity is active: the groups of the identity provider that
// are noted there, too, give nothing to who is not.
func noteActivity(ctx context.Context, r *run, entries []*entry[gitlab.SCIMIdentity]) error {
	changed := map[table.Key]*entry[gitlab.SCIMIdentity]{}
	for _, e := range entries {
		if e.old != nil && e.next.NamespaceID != nil && e.next.Active != e.old.Active {
			changed[record.MemberRecord(&gitlab.Member{NamespaceID: e.next.NamespaceID, UserID: e.next.UserID}).Key()] = e
		}
	}
	if len(changed) == 0 {
		return nil
	}
	found, err := r.store.Records(ctx, slices.Collect(maps.Keys(changed)))
	if err != nil {
		return err
	}
	for k, stored := range found {
		if m, ok := stored.Value().(*gitlab.Member); ok && len(m.SCIMGroups) > 0 {
			next, e := *m, changed[k]
			next.SCIMInactive = !e.next.Active
			e.more = append(e.more, record.Change{Old: stored, New: record.MemberRecord(&next)})
		}
	}
	return nil
}
