package store

import (
	"context"
	"slices"
	"strings"

	"postern/shared/gitlab"
)

// dependents returns, for the items that list something with a record, the own items of what they list. Items that
// list nothing are stale.
func (s *Store) dependents(ctx context.Context, owner *Record, listed []Item) (map[Key]Key, []Key, error) {
	keys := make(map[Key]Key, len(listed))
	var stale, identities []Key
	rules := rulesKey(owner.key.PK, 0)
	hasRules := slices.ContainsFunc(listed, func(item Item) bool { return keyOf(item) == rules })
	for _, item := range listed {
		listing := keyOf(item)
		// This one leads to the item of an identity by its user, which says under which id the identity itself lies.
		if tenant, ok := strings.CutPrefix(listing.SK, "back#scim#"); ok {
			k := Key{PK: "scim#" + tenant, SK: owner.key.PK}
			keys[listing] = k
			identities = append(identities, k)
			continue
		}
		k, ok := dependent(owner.key.PK, listing, item)
		switch {
		case ok:
			keys[listing] = k
		case hasRules && strings.HasPrefix(listing.SK, "rules#"): // goes with the rules
		case strings.HasPrefix(listing.PK, "scim#") && strings.HasPrefix(listing.SK, "user#"):
			keys[listing] = scimIdentityKey(afterHash(listing.PK), text(item, "extern_uid"))
		default:
			stale = append(stale, listing)
		}
	}
	found, err := s.batchGet(ctx, identities)
	if err != nil {
		return nil, nil, err
	}
	for listing, k := range keys {
		if slices.Contains(identities, k) {
			keys[listing] = scimIdentityKey(afterHash(k.PK), text(found[k], "extern_uid"))
		}
	}
	return keys, stale, nil
}

// dependent returns the own item of what one item lists with a record.
func dependent(owner string, listing Key, item Item) (Key, bool) {
	kind := beforeHash(listing.SK)
	switch {
	case kind == "back":
		return backDependent(owner, afterHash(listing.SK))
	case kind == "child", listing.SK == "namespace" && strings.HasPrefix(owner, "user#"):
		if text(item, "kind") == KindProject {
			return projectKey(integer(item, "id")), true
		}
		return namespaceKey(integer(item, "id")), true
	case kind == "key" && strings.HasPrefix(owner, "project#"):
		return Key{PK: listing.SK, SK: owner}, true
	case kind == "sshca":
		return Key{PK: listing.SK, SK: owner}, true
	case kind == "mrsource":
		return mergeRequestKey(integer(item, "project_id"), integer(item, "iid")), true
	case strings.HasPrefix(listing.SK, "rules#"):
		return Key{}, false
	}
	_, err := rebuild(item, listing)
	return listing, err == nil || listing.SK == "rules"
}

// backDependent reads what a back reference lists.
func backDependent(owner, dependent string) (Key, bool) {
	kind, rest := beforeHash(dependent), afterHash(dependent)
	switch kind {
	case "member":
		return Key{PK: rest, SK: "member#" + afterHash(owner)}, true
	case "rules":
		return rulesKey(rest, 0), true
	case "scimmember":
		return Key{PK: "scimgroup#" + rest, SK: "scimmember#" + afterHash(owner)}, true
	case "key", "snippet", "agent", "agenttoken", "pat", "user":
		return Key{PK: dependent, SK: kind}, true
	}
	return Key{}, false
}

// detached returns the record without its reference to another one that goes, nil when it has to go with it.
func (r *Record) detached(gone Key) *Record {
	next := r.without(gone)
	if next == nil || slices.Contains(next.refs, gone) {
		return nil
	}
	next.removing = r.removing
	return next
}

// without builds the record anew without what it can do without.
func (r *Record) without(gone Key) *Record {
	switch v := r.value.(type) {
	case *gitlab.Key:
		key := *v
		if key.Type != gitlab.DeployKey {
			return nil
		}
		key.UserID = nil
		return KeyRecord(&key)
	case *gitlab.Agent:
		agent := *v
		agent.CreatedByUserID = nil
		return AgentRecord(&agent)
	case *gitlab.User:
		user := *v
		user.EnterpriseGroupID = unless(user.EnterpriseGroupID, gone)
		user.ProvisionedByGroupID = unless(user.ProvisionedByGroupID, gone)
		return UserRecord(&user)
	case *Rules:
		return RulesRecord(v.without(gone))
	}
	return nil
}

// unless returns a group, or nil when it is the one that goes.
func unless(group *gitlab.ID, gone Key) *gitlab.ID {
	if group != nil && namespaceKey(*group) == gone {
		return nil
	}
	return group
}

// without returns the rules without the grants to a user, group or deploy key.
func (r *Rules) without(gone Key) *Rules {
	rules := *r
	rules.Branches = slices.Clone(r.Branches)
	for i := range rules.Branches {
		rules.Branches[i].PushAccessLevels = ungranted(rules.Branches[i].PushAccessLevels, gone)
		rules.Branches[i].MergeAccessLevels = ungranted(rules.Branches[i].MergeAccessLevels, gone)
	}
	rules.Tags = slices.Clone(r.Tags)
	for i := range rules.Tags {
		rules.Tags[i].CreateAccessLevels = ungranted(rules.Tags[i].CreateAccessLevels, gone)
	}
	return &rules
}

// ungranted returns a list without what is granted to the one that goes. A list that becomes empty lets nobody in.
func ungranted(to []gitlab.Grantee, gone Key) []gitlab.Grantee {
	return slices.DeleteFunc(slices.Clone(to), func(g gitlab.Grantee) bool {
		switch {
		case g.UserID != nil:
			return userKey(*g.UserID) == gone
		case g.GroupID != nil:
			return namespaceKey(*g.GroupID) == gone
		case g.DeployKeyID != nil:
			return keyKey(*g.DeployKeyID) == gone
		}
		return false
	})
}
