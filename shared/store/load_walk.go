package store

import (
	"strings"

	"postern/shared/gitlab"
)

// prefixKey is the item of a namespace's path: at the top level its child item, below it its path item.
func prefixKey(segments []string) Key {
	if len(segments) == 1 {
		return childKey(0, segments[0])
	}
	return pathKey(strings.Join(segments, "/"))
}

// walk goes down from the top, child by child, which is the truth about paths. It returns what lives at the end,
// nil when nothing does, and how many segments are namespaces that exist.
func (v *view) walk(segments []string) (end *target, depth int, known bool) {
	parent := gitlab.ID(0)
	for depth, segment := range segments {
		child, known := v.index(childKey(parent, segment))
		if child == nil {
			return nil, depth, known
		}
		if depth == len(segments)-1 {
			return child, depth, true
		}
		if child.Kind != KindNamespace {
			return nil, depth, true
		}
		parent = child.ID
	}
	return nil, 0, true
}

// movedBelow finds a project below a namespace that has moved away from a beginning of the path at which nobody
// lives now; depth is how much of the path exists.
func (v *view) movedBelow(segments []string, depth int) (*located, bool) {
	// The longest beginning first: the group nearest to the project is the one that says where it went.
	for i := len(segments) - 1; i > depth; i-- {
		item, known := v.index(pathKey(strings.Join(segments[:i], "/")))
		if !known {
			return nil, false
		}
		if item == nil || item.Kind != KindNamespace {
			continue
		}
		return v.descend(item.ID, segments[i:])
	}
	return nil, true
}

// descend goes down from a namespace along the rest of an old path; what lives there now is what has moved.
func (v *view) descend(parent gitlab.ID, segments []string) (*located, bool) {
	for i, segment := range segments {
		child, known := v.index(childKey(parent, segment))
		if child == nil {
			return nil, known
		}
		switch {
		case child.Kind == KindProject && i == len(segments)-1:
			return v.projectByID(child.ID)
		case child.Kind != KindNamespace:
			return nil, true
		}
		parent = child.ID
	}
	return nil, true
}

// groupAt evaluates which namespace lives at a folded full path, with those above it; nil when none does.
func (v *view) groupAt(path string) (gitlab.Chain, bool) {
	// Nobody can make a request read more levels than groups can have.
	if path == "" || strings.Count(path, "/") >= deepest {
		return nil, true
	}
	end, _, known := v.walk(strings.Split(path, "/"))
	if !known || end == nil || end.Kind != KindNamespace {
		return nil, known
	}
	return v.chain(end.ID)
}
