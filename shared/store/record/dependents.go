package record

import (
	"context"
	"slices"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// dependents returns, for the items that list something with a record, the own items of what they list. Items that
// list nothing are stale.
func (s *Directory) dependents(ctx context.Context, owner *Record, listed []table.Item) (map[table.Key]table.Key, []table.Key, error) {
	keys := make(map[table.Key]table.Key, len(listed))
	var stale, identities []table.Key
	rules := layout.RulesKey(owner.key.PK, 0)
	hasRules := slices.ContainsFunc(listed, func(item table.Item) bool { return table.KeyOf(item) == rules })
	for _, item := range listed {
		listing := table.KeyOf(item)
		// This one leads to the item of an identity by its user, which says under which id the identity itself lies.
		if tenant, ok := strings.CutPrefix(listing.SK, "back#scim#"); ok {
			k := table.Key{PK: "scim#" + tenant, SK: owner.key.PK}
			keys[listing] = k
			identities = append(identities, k)
			continue
		}
		k, ok := Dependent(owner.key.PK, listing, item)
		switch {
		case ok:
			keys[listing] = k
		case hasRules && strings.HasPrefix(listing.SK, "rules#"): // goes with the rules
		case strings.HasPrefix(listing.PK, "scim#") && strings.HasPrefix(listing.SK, "user#"):
			keys[listing] = scimkeys.Identity(table.Rest(listing.PK), table.Text(item, "extern_uid"))
		default:
			stale = append(stale, listing)
		}
	}
	found, err := s.db.Get(ctx, identities)
	if err != nil {
		return nil, nil, err
	}
	for listing, k := range keys {
		if slices.Contains(identities, k) {
			keys[listing] = scimkeys.Identity(table.Rest(k.PK), table.Text(found[k], "extern_uid"))
		}
	}
	return keys, stale, nil
}

// Dependent returns the own item of what one item lists with a record.
func Dependent(owner string, listing table.Key, item table.Item) (table.Key, bool) {
	kind := table.Kind(listing.SK)
	switch {
	case kind == "back":
		return backDependent(owner, table.Rest(listing.SK))
	case kind == "child", listing.SK == "namespace" && strings.HasPrefix(owner, "user#"):
		if table.Text(item, "kind") == layout.KindProject {
			return layout.ProjectKey(table.Integer(item, "id")), true
		}
		return layout.NamespaceKey(table.Integer(item, "id")), true
	case kind == "key" && strings.HasPrefix(owner, "project#"):
		return table.Key{PK: listing.SK, SK: owner}, true
	case kind == "sshca":
		return table.Key{PK: listing.SK, SK: owner}, true
	case kind == "mrsource":
		return layout.MergeRequestKey(table.Integer(item, "project_id"), table.Integer(item, "iid")), true
	case strings.HasPrefix(listing.SK, "rules#"):
		return table.Key{}, false
	}
	_, err := rebuild(item, listing)
	return listing, err == nil || listing.SK == "rules"
}

// backDependent reads what a back reference lists.
func backDependent(owner, dependent string) (table.Key, bool) {
	kind, rest := table.Kind(dependent), table.Rest(dependent)
	switch kind {
	case "member":
		return table.Key{PK: rest, SK: "member#" + table.Rest(owner)}, true
	case "rules":
		return layout.RulesKey(rest, 0), true
	case "scimmember":
		return table.Key{PK: "scimgroup#" + rest, SK: "scimmember#" + table.Rest(owner)}, true
	case "key", "snippet", "agent", "agenttoken", "pat", "user":
		return table.Key{PK: dependent, SK: kind}, true
	}
	return table.Key{}, false
}

// detached returns the record without its reference to another one that goes, nil when it has to go with it.
func (r *Record) detached(gone table.Key) *Record {
	next := r.without(gone)
	if next == nil || slices.Contains(next.refs, gone) {
		return nil
	}
	next.removing = r.removing
	return next
}

// without builds the record anew without what it can do without.
func (r *Record) without(gone table.Key) *Record {
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
func unless(group *gitlab.ID, gone table.Key) *gitlab.ID {
	if group != nil && layout.NamespaceKey(*group) == gone {
		return nil
	}
	return group
}

// without returns the rules without the grants to a user, group or deploy key.
func (r *Rules) without(gone table.Key) *Rules {
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
func ungranted(to []gitlab.Grantee, gone table.Key) []gitlab.Grantee {
	return slices.DeleteFunc(slices.Clone(to), func(g gitlab.Grantee) bool {
		switch {
		case g.UserID != nil:
			return layout.UserKey(*g.UserID) == gone
		case g.GroupID != nil:
			return layout.NamespaceKey(*g.GroupID) == gone
		case g.DeployKeyID != nil:
			return layout.KeyKey(*g.DeployKeyID) == gone
		}
		return false
	})
}
