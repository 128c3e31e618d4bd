package record

import (
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// Place is where a namespace or project lived when it was last written, so that it is found with fewer round trips.
// What is found is always checked against the chain of records, so a place that is no longer right does no harm; it
// stays as it is when something above the record moves.
type Place struct {
	// Chain is the namespaces above, the top-level one first.
	Chain []gitlab.ID `json:"chain,omitempty" directory:"-"`
	// Paths are the full paths whose items lead to the record: the one it had last, then those it had before.
	Paths []string `json:"paths,omitempty" directory:"-"`
}

// pathsKept bounds how many former paths a record is found by; each of a group's may cost a request a round trip.
const pathsKept = 8

// Moved returns the place of a record that now lives at a full path below the chain.
func (p Place) Moved(chain []gitlab.ID, fullPath string) Place {
	paths := append(make([]string, 0, len(p.Paths)+1), fullPath)
	for _, former := range p.Paths {
		if gitlab.FoldPath(former) != gitlab.FoldPath(fullPath) && len(paths) < pathsKept {
			paths = append(paths, former)
		}
	}
	return Place{Chain: chain, Paths: paths}
}

// former returns the paths that the record had before.
func (p Place) former() []string {
	if len(p.Paths) == 0 {
		return nil
	}
	return p.Paths[1:]
}

// PlacedNamespace is a namespace and where it lived when it was last written.
type PlacedNamespace struct {
	gitlab.Namespace
	Place
}

// PlacedProject is a project and where it lived when it was last written.
type PlacedProject struct {
	gitlab.Project
	Place
}

// noSAMLGroup is an entry that gives nobody anything: DynamoDB Local's streams garble empty maps.
const noSAMLGroup = "-"

// NamespaceRecord is a group or personal namespace. The child item of its path is the truth about where it lives;
// that item, or for a nested group the item of its full path, also says which paths it had before.
func NamespaceRecord(n *PlacedNamespace) *Record {
	r := newRecord(layout.NamespaceKey(n.ID), n)
	if r.attrs["saml_group_levels"] == nil { // links set its entries, so the map must be there
		r.attrs["saml_group_levels"] = table.Map(table.Item{noSAMLGroup: table.Number(0)})
	}
	r.own(layout.CatalogKey(layout.KindNamespace, n.ID), nil)
	parent := gitlab.ID(0)
	if n.ParentID != nil {
		parent = *n.ParentID
		r.refer(layout.NamespaceKey(parent))
	}
	child := layout.ChildKey(parent, n.Path)
	r.lead(child, layout.KindNamespace, n.ID)
	r.leadPaths(n.Place, n.Redirects, layout.KindNamespace, n.ID)
	if len(n.Paths) > 0 {
		present := layout.PathKey(n.Paths[0])
		if parent == 0 {
			delete(r.indexes, present) // the child item does it
			present = child
		}
		if former := n.former(); len(former) > 0 {
			r.indexes[present].attrs["from"] = table.Strings(former)
		}
	}
	if n.OwnerID != nil {
		r.refer(layout.UserKey(*n.OwnerID))
		r.lead(ownNamespaceKey(*n.OwnerID), layout.KindNamespace, n.ID)
	}
	return r
}

// ProjectRecord is a project, found by its path in its namespace and by the full paths of its place and redirects.
func ProjectRecord(p *PlacedProject) *Record {
	r := newRecord(layout.ProjectKey(p.ID), p)
	r.own(layout.CatalogKey(layout.KindProject, p.ID), nil)
	for _, name := range []string{"collaborations", "merging"} {
		if r.attrs[name] == nil { // merge requests set its entries, so the map must be there
			r.attrs[name] = table.Map(table.Item{})
		}
	}
	r.refer(layout.NamespaceKey(p.NamespaceID))
	r.lead(layout.ChildKey(p.NamespaceID, p.Path), layout.KindProject, p.ID)
	r.leadPaths(p.Place, p.Redirects, layout.KindProject, p.ID)
	return r
}

// leadPaths adds the items of full paths that lead to the record.
func (r *Record) leadPaths(place Place, redirects []string, kind string, id gitlab.ID) {
	for _, path := range slices.Concat(place.Paths, redirects) {
		k := layout.PathKey(path)
		if _, ok := r.indexes[k]; ok {
			continue
		}
		attrs := leading(kind, id)
		if len(place.Chain) > 0 {
			attrs["chain"] = table.Numbers(place.Chain)
		}
		r.indexes[k] = index{attrs: attrs, mode: hint}
	}
}

// FirstID is where the ids begin that the service gives out, far from those that directory documents use.
const FirstID gitlab.ID = 1_000_000_000_000

// PersonalNamespace is the namespace that is made with a user: its id is FirstID plus the user's.
func PersonalNamespace(u *gitlab.User) *PlacedNamespace {
	owner := u.ID
	ns := &PlacedNamespace{Namespace: gitlab.DefaultNamespace()}
	ns.ID, ns.Kind, ns.OwnerID = FirstID+u.ID, gitlab.UserNamespace, &owner
	ns.Path, ns.Name = u.Username, u.Username
	ns.Place = ns.Moved(nil, ns.Path)
	return ns
}
