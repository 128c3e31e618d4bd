package store

import (
	"context"
	"slices"
	"strings"

	"postern/shared/gitlab"
)

// protection evaluates the rules that changes of refs meet, and whether the groups and deploy keys that they name count for
// the pusher: the rules of the project and of all namespaces above it.
func (v *view) protection(at placeHint, pusher gitlab.ID, refs []gitlab.Change) (p gitlab.Protection, known bool) {
	places := make([]string, 0, 1+len(at.namespaces))
	if at.project != 0 {
		places = append(places, container(&at.project, nil))
	}
	for _, ns := range at.namespaces {
		places = append(places, container(nil, &ns))
	}
	hint := grantHint{project: at.project, pusher: pusher}
	remembered, _ := v.store.hints.grants.Get(hint)
	// In the same trip as the rules: who is named by them seldom changes.
	v.want(remembered...)
	known = true
	for _, place := range places {
		known = v.rulesOf(place, &p) && known
	}
	if !known {
		return p, false
	}
	g := grants{view: v, at: at, pusher: pusher, known: true}
	g.evaluate(&p, refs)
	if g.known {
		v.store.hints.grants.Add(hint, g.read)
	}
	return p, g.known
}

// grantHint is whose grants in which project an earlier request has read.
type grantHint struct{ project, pusher gitlab.ID }

// rulesOf adds the rules of one place, which may be divided.
func (v *view) rulesOf(place string, p *gitlab.Protection) bool {
	own := rulesKey(place, 0)
	item, known := v.get(own)
	for part := 0; known && part < max(1, int(integer(item, "parts"))); part++ {
		rules, partKnown := record[Rules](v, rulesKey(place, part))
		if rules != nil {
			p.Branches, p.Tags = append(p.Branches, rules.Branches...), append(p.Tags, rules.Tags...)
		}
		known = known && partKnown || v.wantParts(place, item)
	}
	return known
}

// wantParts asks for all parts of divided rules at once, and reports false: they are not known.
func (v *view) wantParts(place string, item Item) bool {
	for part := range int(integer(item, "parts")) {
		v.want(rulesKey(place, part))
	}
	return false
}

// grants evaluates the groups and deploy keys that rules name.
type grants struct {
	view   *view
	at     placeHint
	pusher gitlab.ID
	read   []Key // what was looked at, for the next request
	known  bool
}

// evaluate looks at the rules that cover one of the refs, so that a rule which names many costs only the pushes it covers.
func (g *grants) evaluate(p *gitlab.Protection, refs []gitlab.Change) {
	for i := range p.Branches {
		rule := &p.Branches[i]
		g.list(p, rule.PushAccessLevels, func() bool { return coversBranch(rule, refs) })
		g.list(p, rule.MergeAccessLevels, func() bool { return coversBranch(rule, refs) })
	}
	for i := range p.Tags {
		rule := &p.Tags[i]
		g.list(p, rule.CreateAccessLevels, func() bool { return coversTag(rule, refs) })
	}
}

// coversBranch reports whether a rule protects one of the branches that a push changes.
func coversBranch(rule *gitlab.ProtectedBranch, refs []gitlab.Change) bool {
	for i := range refs {
		if name, ok := refs[i].Branch(); ok && rule.Matches(name) {
			return true
		}
	}
	return false
}

// coversTag reports whether a rule protects one of the tags that a push changes.
func coversTag(rule *gitlab.ProtectedTag, refs []gitlab.Change) bool {
	for i := range refs {
		if name, ok := refs[i].Tag(); ok && rule.Matches(name) {
			return true
		}
	}
	return false
}

// list evaluates one list of entries, if its rule counts.
func (g *grants) list(p *gitlab.Protection, entries []gitlab.Grantee, counts func() bool) {
	asked := false
	for _, entry := range entries {
		if entry.GroupID == nil && entry.DeployKeyID == nil {
			continue
		}
		// Asked once for a list, and only where an entry would have to be read: matching costs as much as the push has refs.
		if asked = asked || counts(); !asked {
			return
		}
		switch {
		case entry.GroupID != nil && g.member(*entry.GroupID):
			p.Groups = append(p.Groups, *entry.GroupID)
		case entry.DeployKeyID != nil && g.holds(*entry.DeployKeyID):
			p.DeployKeys = append(p.DeployKeys, *entry.DeployKeyID)
		}
	}
}

// member evaluates whether the pusher is a member of a group, by itself or by one above it.
func (g *grants) member(group gitlab.ID) bool {
	chain, known := g.view.chain(group)
	namespaces := chain.IDs()
	if !known {
		// At least the group's own membership can be asked for before it is known what lies above it.
		namespaces = []gitlab.ID{group}
	}
	members, membersKnown := g.view.members(placeHint{namespaces: namespaces}, g.pusher)
	g.known = g.known && known && membersKnown
	for _, ns := range namespaces {
		g.read = append(g.read, namespaceKey(ns), namespaceMemberKey(ns, g.pusher))
	}
	return highest(members, g.view) >= gitlab.Guest
}

// holds evaluates whether a deploy key was created by the pusher and may write to the project.
func (g *grants) holds(id gitlab.ID) bool {
	key, known := record[gitlab.Key](g.view, keyKey(id))
	link, linkKnown := record[gitlab.DeployKeyLink](g.view, linkKey(id, g.at.project))
	g.known = g.known && known && linkKnown
	g.read = append(g.read, keyKey(id), linkKey(id, g.at.project))
	return key != nil && key.UserID != nil && *key.UserID == g.pusher && link != nil && link.CanPush
}

// mostTips bounds how many protected branches a commit is looked for in.
const mostTips = 1000

// LoadProtectedTips returns the commits that the branches covered by rules point to, each once: one read for all rules
// without "*", and a query for each with one. Branches beyond the first thousand are left out.
func (s *Store) LoadProtectedTips(ctx context.Context, project gitlab.ID, rules []gitlab.ProtectedBranch) ([]string, error) {
	t := tips{seen: map[string]bool{}}
	var exact []Key
	for i := range rules {
		prefix, _, wild := strings.Cut(rules[i].Name, "*")
		if !wild {
			exact = append(exact, refKey(project, gitlab.BranchRef(prefix)))
			continue
		}
		from := refKey(project, gitlab.BranchRef(prefix))
		if err := s.query(ctx, from.PK, from.SK, func(item Item) error { return t.add(item, &rules[i]) }); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(exact, compareKeys)
	found, err := s.batchGet(ctx, slices.Compact(exact))
	if err != nil {
		return nil, err
	}
	for _, item := range found {
		if err := t.add(item, nil); err != nil {
			return nil, err
		}
	}
	return t.list, nil
}

// tips collects different commits.
type tips struct {
	seen map[string]bool
	list []string
}

// add takes over the commit of a branch that the rule covers; without a rule any does.
func (t *tips) add(item Item, rule *gitlab.ProtectedBranch) error {
	ref, err := refAt(item)
	if err != nil {
		return err
	}
	name, _ := gitlab.Change{Ref: ref.Name}.Branch()
	if (rule != nil && !rule.Matches(name)) || gitlab.Blank(ref.Target) || t.seen[ref.Target] || len(t.list) == mostTips {
		return nil
	}
	t.seen[ref.Target] = true
	t.list = append(t.list, ref.Target)
	return nil
}
