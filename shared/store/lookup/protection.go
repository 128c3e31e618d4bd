package lookup

import (
	"context"
	"slices"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// protection evaluates the rules that changes of refs meet, and whether the groups and deploy keys that they name count for
// the pusher: the rules of the project and of all namespaces above it.
func (v *View) protection(at PlaceHint, pusher gitlab.ID, refs []gitlab.Change) (p gitlab.Protection, known bool) {
	places := make([]string, 0, 1+len(at.Namespaces))
	if at.Project != 0 {
		places = append(places, layout.Partition(&at.Project, nil))
	}
	for _, ns := range at.Namespaces {
		places = append(places, layout.Partition(nil, &ns))
	}
	hint := grantHint{project: at.Project, pusher: pusher}
	remembered, _ := v.store.hints.grants.Get(hint)
	// In the same trip as the rules: who is named by them seldom changes.
	v.Want(remembered...)
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
func (v *View) rulesOf(place string, p *gitlab.Protection) bool {
	own := layout.RulesKey(place, 0)
	item, known := v.Get(own)
	for part := 0; known && part < max(1, int(table.Integer(item, "parts"))); part++ {
		rules, partKnown := Read[record.Rules](v, layout.RulesKey(place, part))
		if rules != nil {
			p.Branches, p.Tags = append(p.Branches, rules.Branches...), append(p.Tags, rules.Tags...)
		}
		known = known && partKnown || v.wantParts(place, item)
	}
	return known
}

// wantParts asks for all parts of divided rules at once, and reports false: they are not known.
func (v *View) wantParts(place string, item table.Item) bool {
	for part := range int(table.Integer(item, "parts")) {
		v.Want(layout.RulesKey(place, part))
	}
	return false
}

// grants evaluates the groups and deploy keys that rules name.
type grants struct {
	view   *View
	at     PlaceHint
	pusher gitlab.ID
	read   []table.Key // what was looked at, for the next request
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
	chain, known := g.view.Chain(group)
	namespaces := chain.IDs()
	if !known {
		// At least the group's own membership can be asked for before it is known what lies above it.
		namespaces = []gitlab.ID{group}
	}
	members, membersKnown := g.view.Members(PlaceHint{Namespaces: namespaces}, g.pusher)
	g.known = g.known && known && membersKnown
	for _, ns := range namespaces {
		g.read = append(g.read, layout.NamespaceKey(ns), layout.NamespaceMemberKey(ns, g.pusher))
	}
	return highest(members, g.view) >= gitlab.Guest
}

// holds evaluates whether a deploy key was created by the pusher and may write to the project.
func (g *grants) holds(id gitlab.ID) bool {
	key, known := Read[gitlab.Key](g.view, layout.KeyKey(id))
	link, linkKnown := Read[gitlab.DeployKeyLink](g.view, layout.LinkKey(id, g.at.Project))
	g.known = g.known && known && linkKnown
	g.read = append(g.read, layout.KeyKey(id), layout.LinkKey(id, g.at.Project))
	return key != nil && key.UserID != nil && *key.UserID == g.pusher && link != nil && link.CanPush
}

// mostTips bounds how many protected branches a commit is looked for in.
const mostTips = 1000

// LoadProtectedTips returns the commits that the branches covered by rules point to, each once: one read for all rules
// without "*", and a query for each with one. Branches beyond the first thousand are left out.
func (s *Loader) LoadProtectedTips(ctx context.Context, project gitlab.ID, rules []gitlab.ProtectedBranch) ([]string, error) {
	t := tips{seen: map[string]bool{}}
	var exact []table.Key
	for i := range rules {
		prefix, _, wild := strings.Cut(rules[i].Name, "*")
		if !wild {
			exact = append(exact, layout.RefKey(project, gitlab.BranchRef(prefix)))
			continue
		}
		from := layout.RefKey(project, gitlab.BranchRef(prefix))
		if err := s.db.Query(ctx, from.PK, from.SK, func(item table.Item) error { return t.add(item, &rules[i]) }); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(exact, table.Key.Compare)
	found, err := s.db.Get(ctx, slices.Compact(exact))
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
func (t *tips) add(item table.Item, rule *gitlab.ProtectedBranch) error {
	ref, err := record.RefAt(item)
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
