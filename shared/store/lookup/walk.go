package lookup

import (
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// prefixKey is the item of a namespace's path: at the top level its child item, below it its path item.
func prefixKey(segments []string) table.Key {
	if len(segments) == 1 {
		return layout.ChildKey(0, segments[0])
	}
	return layout.PathKey(strings.Join(segments, "/"))
}

// walk goes down from the top, child by child, which is the truth about paths. It returns what lives at the end,
// nil when nothing does, and how many segments are namespaces that exist.
func (v *View) walk(segments []string) (end *Target, depth int, known bool) {
	parent := gitlab.ID(0)
	for depth, segment := range segments {
		child, known := v.index(layout.ChildKey(parent, segment))
		if child == nil {
			return nil, depth, known
		}
		if depth == len(segments)-1 {
			return child, depth, true
		}
		if child.Kind != layout.KindNamespace {
			return nil, depth, true
		}
		parent = child.ID
	}
	return nil, 0, true
}

// movedBelow finds a project below a namespace that has moved away from a beginning of the path at which nobody
// lives now; depth is how much of the path exists.
func (v *View) movedBelow(segments []string, depth int) (*Located, bool) {
	// The longest beginning first: the group nearest to the project is the one that says where it went.
	for i := len(segments) - 1; i > depth; i-- {
		item, known := v.index(layout.PathKey(strings.Join(segments[:i], "/")))
		if !known {
			return nil, false
		}
		if item == nil || item.Kind != layout.KindNamespace {
			continue
		}
		return v.descend(item.ID, segments[i:])
	}
	return nil, true
}

// descend goes down from a namespace along the rest of an old path; what lives there now is what has moved.
func (v *View) descend(parent gitlab.ID, segments []string) (*Located, bool) {
	for i, segment := range segments {
		child, known := v.index(layout.ChildKey(parent, segment))
		if child == nil {
			return nil, known
		}
		switch {
		case child.Kind == layout.KindProject && i == len(segments)-1:
			return v.ProjectByID(child.ID)
		case child.Kind != layout.KindNamespace:
			return nil, true
		}
		parent = child.ID
	}
	return nil, true
}

// GroupAt evaluates which namespace lives at a folded full path, with those above it; nil when none does.
func (v *View) GroupAt(path string) (gitlab.Chain, bool) {
	// Nobody can make a request read more levels than groups can have.
	if path == "" || strings.Count(path, "/") >= deepest {
		return nil, true
	}
	end, _, known := v.walk(strings.Split(path, "/"))
	if !known || end == nil || end.Kind != layout.KindNamespace {
		return nil, known
	}
	return v.Chain(end.ID)
}
