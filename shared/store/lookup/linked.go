package lookup

import (
	"maps"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
)

// linkedMembers evaluates the memberships that SAML group links give a person in namespaces, the top-level one first, whose
// memberships are known: the links lie with the namespaces, and the groups of the identity provider with the membership in the
// top-level group, or with the user where that has no provider of its own. Nothing is read that the request does not read
// anyway.
func (v *View) linkedMembers(namespaces []gitlab.ID, person gitlab.ID, members []gitlab.Member) ([]gitlab.Member, bool) {
	if len(namespaces) == 0 {
		return nil, true
	}
	groups, known := v.scimGroupsOf(namespaces[0], person, members)
	if len(groups) == 0 {
		return nil, known
	}
	var linked []gitlab.Member
	for _, id := range namespaces {
		ns, namespaceKnown := Read[gitlab.Namespace](v, layout.NamespaceKey(id))
		if known = known && namespaceKnown; ns == nil {
			continue
		}
		level := gitlab.NoAccess
		for _, name := range groups {
			// Links that meet give the highest of their levels, as memberships do.
			level = max(level, ns.SAMLGroupLevels[name])
		}
		if level > gitlab.NoAccess {
			linked = append(linked, gitlab.Member{UserID: person, NamespaceID: &ns.ID, AccessLevel: level})
		}
	}
	return linked, known
}

// scimGroupsOf evaluates the names of the groups that count below a top-level namespace.
func (v *View) scimGroupsOf(root, person gitlab.ID, members []gitlab.Member) ([]string, bool) {
	var own, instance map[string]string
	for i := range members {
		if m := &members[i]; m.NamespaceID != nil && *m.NamespaceID == root && !m.SCIMInactive {
			own = m.SCIMGroups
		}
	}
	item, known := v.Get(layout.UserKey(person))
	if _, some := item["scim_groups"]; some { // seldom, so that the user is not decoded for every request
		if user, _ := v.User(person); user != nil {
			instance = user.SCIMGroups
		}
	}
	// Nearly everybody, so that the namespace is not decoded for nothing.
	if len(own) == 0 && len(instance) == 0 {
		return nil, known
	}
	top, topKnown := Read[gitlab.Namespace](v, layout.NamespaceKey(root))
	if top == nil || top.HasSAML() {
		return slices.Collect(maps.Values(own)), known && topKnown
	}
	return slices.Collect(maps.Values(instance)), known && topKnown
}
