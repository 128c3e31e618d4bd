package lookup

import (
	"slices"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
)

// deepest is how many namespaces lie above a project at most: twenty levels of groups (namespaces, GitLab's own limit).
// Longer paths lead nowhere, and asking for every part of them would let anybody who logs in make one request read
// hundreds of items.
const deepest = 20

// Located is a project with the namespaces above it, as the records themselves tell.
type Located struct {
	Project *gitlab.Project
	Chain   gitlab.Chain
}

// path is the folded full path that the records spell now, which is compared with the one that was asked for.
func (l *Located) path() string { return gitlab.FoldPath(l.Chain.FullPath(l.Project.Path)) }

// ProjectByID evaluates a project and its chain; nil when there is none, or when it is being deleted.
func (v *View) ProjectByID(id gitlab.ID) (*Located, bool) {
	project, known := Read[gitlab.Project](v, layout.ProjectKey(id))
	if !known {
		// Where it was the last time, most likely it still is.
		hint, _ := v.store.hints.chains.Get(id)
		v.WantNamespaces(hint)
		return nil, false
	}
	// One that is being deleted is gone for everybody who asks.
	if project == nil || project.PendingDelete {
		return nil, true
	}
	v.WantNamespaces(ChainHint(v.items[layout.ProjectKey(id)]))
	chain, known := v.Chain(project.NamespaceID)
	if !known || chain == nil {
		return nil, known
	}
	v.store.hints.chains.Add(id, chain.IDs())
	return &Located{Project: project, Chain: chain}, true
}

// WantNamespaces asks for namespaces that are likely needed, so that a chain takes one trip and not one a level.
func (v *View) WantNamespaces(ids []gitlab.ID) {
	for _, id := range ids {
		v.Want(layout.NamespaceKey(id))
	}
}

// Chain evaluates a namespace and those above it, the top-level one first; nil when a link is missing.
func (v *View) Chain(id gitlab.ID) (gitlab.Chain, bool) {
	var upward gitlab.Chain
	for range maxTrips {
		ns, known := Read[gitlab.Namespace](v, layout.NamespaceKey(id))
		if ns == nil {
			return nil, known
		}
		v.WantNamespaces(ChainHint(v.items[layout.NamespaceKey(id)]))
		upward = append(upward, *ns)
		if ns.ParentID == nil {
			slices.Reverse(upward)
			return upward, true
		}
		id = *ns.ParentID
	}
	// More levels than GitLab has: the records lead in a circle. An error, because nil would mean "not there".
	v.err = errTrips
	return nil, true
}

// ProjectAt evaluates which project a folded full path leads to: one that is there now, or one that has moved away
// (its own path then differs). Nil when it leads nowhere.
func (v *View) ProjectAt(path string) (*Located, bool) {
	if slashes := strings.Count(path, "/"); slashes == 0 || slashes > deepest {
		return nil, true
	}
	hint, _ := v.store.hints.paths.Get(path)
	v.Want(hint.proof...)
	if hint.project != 0 {
		found, known := v.ProjectByID(hint.project)
		if !known || (found != nil && found.path() == path) {
			return found, known
		}
	}
	// What is read from here on is what proves that a path leads nowhere, or elsewhere; the next request asks for it at once.
	v.trace = v.trace[:0]
	found, known := v.resolvePath(path)
	if !known {
		return nil, false
	}
	next := pathHint{}
	if found != nil {
		next.project = found.Project.ID
	}
	// A path that leads straight to its project needs no proof: the project's own chain is it.
	if found == nil || found.path() != path {
		next.proof = append(next.proof, v.trace...)
	}
	v.store.hints.paths.Add(path, next)
	return found, true
}

// resolvePath follows the items of a path. What leads to a project is believed when the project's own chain spells
// the path; otherwise the path is walked from the top, and only if nobody lives there has its project moved.
func (v *View) resolvePath(path string) (*Located, bool) {
	segments := strings.Split(path, "/")
	lead, known := v.index(layout.PathKey(path))
	v.wantPrefixes(segments)
	if !known {
		return nil, false
	}
	moved, known := v.follow(lead, nil)
	if !known || (moved != nil && moved.path() == path) {
		return moved, known
	}
	if lead == nil {
		if found, known := v.renamed(path, segments); !known || found != nil {
			return found, known
		}
	}
	live, depth, known := v.walk(segments)
	if !known {
		return nil, false
	}
	if live != nil && live.Kind == layout.KindProject {
		return v.ProjectByID(live.ID)
	}
	if moved != nil {
		return moved, true
	}
	return v.movedBelow(segments, depth)
}

// wantPrefixes asks for the namespaces that the path begins with, so that a walk starts with the next trip.
func (v *View) wantPrefixes(segments []string) {
	v.Want(layout.ChildKey(0, segments[0]))
	for i := 2; i < len(segments); i++ {
		v.Want(layout.PathKey(strings.Join(segments[:i], "/")))
	}
}

// follow returns the project that an index item leads to, nil when it leads to none. Below a namespace that has been
// renamed or moved, the item's chain is old above it; then that is passed.
func (v *View) follow(lead, renamed *Target) (*Located, bool) {
	if lead == nil || lead.Kind != layout.KindProject {
		return nil, true
	}
	found, known := v.ProjectByID(lead.ID)
	if !known {
		v.seems = PlaceHint{Project: lead.ID, Namespaces: lead.chainBelow(renamed)}
		v.WantNamespaces(v.seems.Namespaces)
	}
	return found, known
}

// chainBelow returns the chain of an index item, with what was above a namespace of it replaced by what is now.
func (t *Target) chainBelow(ns *Target) []gitlab.ID {
	if ns == nil {
		return t.Chain
	}
	i := slices.Index(t.Chain, ns.ID)
	return slices.Concat(ns.Chain, []gitlab.ID{ns.ID}, t.Chain[i+1:])
}

// renamed looks under the former path of a namespace of the path: a group that has been renamed or moved says where
// it was, and the items below it still lie there.
func (v *View) renamed(path string, segments []string) (*Located, bool) {
	for i := len(segments) - 1; i > 0; i-- {
		item, known := v.index(prefixKey(segments[:i]))
		if !known {
			return nil, false
		}
		if item == nil || item.Kind != layout.KindNamespace {
			continue
		}
		rest := "/" + strings.Join(segments[i:], "/")
		for _, from := range item.From {
			lead, known := v.index(layout.PathKey(from + rest))
			if !known {
				v.Want(layout.ChildKey(item.ID, segments[i])) // the walk's next step, should this lead nowhere
				return nil, false
			}
			found, known := v.follow(lead, item)
			if !known || (found != nil && found.path() == path) {
				return found, known
			}
		}
	}
	return nil, true
}
