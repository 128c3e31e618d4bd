package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
)

// tree is a model of groups and projects: who lives where, without a table.
type tree struct {
	parents  map[gitlab.ID]gitlab.ID // of groups; 0 is the top
	homes    map[gitlab.ID]gitlab.ID // the groups of projects
	groups   map[gitlab.ID]string    // path segments
	projects map[gitlab.ID]string
}

func newTree() *tree {
	return &tree{
		parents:  map[gitlab.ID]gitlab.ID{20: 0, 21: 20, 22: 21, 30: 0},
		homes:    map[gitlab.ID]gitlab.ID{7: 20, 8: 22, 9: 30},
		groups:   map[gitlab.ID]string{20: "acme", 21: "web", 22: "api", 30: "beta"},
		projects: map[gitlab.ID]string{7: "app", 8: "deep", 9: "app"},
	}
}

func (m *tree) groupPath(id gitlab.ID) string {
	if m.parents[id] == 0 {
		return m.groups[id]
	}
	return m.groupPath(m.parents[id]) + "/" + m.groups[id]
}

func (m *tree) path(project gitlab.ID) string {
	return m.groupPath(m.homes[project]) + "/" + m.projects[project]
}

// free reports whether no group or project has a segment below a parent.
func (m *tree) free(parent gitlab.ID, segment string) bool {
	for id, p := range m.parents {
		if p == parent && m.groups[id] == segment {
			return false
		}
	}
	for id, home := range m.homes {
		if home == parent && m.projects[id] == segment {
			return false
		}
	}
	return true
}

// below reports whether a group is another one or lies below it.
func (m *tree) below(id, above gitlab.ID) bool {
	for ; id != 0; id = m.parents[id] {
		if id == above {
			return true
		}
	}
	return false
}

// step changes the model at random and returns the document that says so, or "" where the change is not possible.
func (m *tree) step(t *rapid.T) string {
	segment := rapid.SampledFrom([]string{"acme", "web", "api", "beta", "app", "deep"}).Draw(t, "segment")
	groups := slices.Sorted(maps.Keys(m.groups))
	if rapid.Bool().Draw(t, "project") {
		id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.projects))).Draw(t, "id")
		home := rapid.SampledFrom(groups).Draw(t, "home")
		if !m.free(home, segment) {
			return ""
		}
		m.homes[id], m.projects[id] = home, segment
		return fmt.Sprintf(`{"projects":[{"id":%d,"namespace_id":%d,"path":%q}]}`, id, home, segment)
	}
	id := rapid.SampledFrom(groups).Draw(t, "id")
	parent := rapid.SampledFrom(append([]gitlab.ID{0}, groups...)).Draw(t, "parent")
	if m.below(parent, id) || !m.free(parent, segment) {
		return ""
	}
	m.parents[id], m.groups[id] = parent, segment
	above := "null"
	if parent != 0 {
		above = fmt.Sprint(parent)
	}
	return fmt.Sprintf(`{"namespaces":[{"id":%d,"parent_id":%s,"path":%q}]}`, id, above, segment)
}

// However groups and projects are renamed and moved, a reader that remembers everything finds who lives at a path
// now; and what it says has moved from a path is no longer there, and is called by its present name.
func TestPathsLeadToWhoLivesThere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, small)
		m := newTree()
		asked := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			if document := m.step(r); document != "" {
				w.apply(document)
			}
			live := map[string]gitlab.ID{}
			for id := range m.projects {
				live[m.path(id)] = id
				asked[m.path(id)] = true
			}
			for path := range asked {
				checkPath(r, w, m, live, path)
			}
		}
	})
}

func checkPath(r *rapid.T, w *world, m *tree, live map[string]gitlab.ID, path string) {
	c := w.load(lookup.PushQuery{Actor: byKey(11), Path: path}).Container
	id, lives := live[path]
	switch {
	case lives && (c == nil || c.Project.ID != id || c.RedirectedPath != ""):
		r.Fatalf("%s leads to %s, want project %d, which lives there", path, describe(c), id)
	case !lives && c != nil && (c.RedirectedPath != path || !strings.EqualFold(c.FullPath(), m.path(c.Project.ID))):
		r.Fatalf("%s leads to %s, want what has moved from there", path, describe(c))
	}
}

func describe(c *gitlab.Container) string {
	if c == nil {
		return "nothing"
	}
	return fmt.Sprintf("project %d at %s (moved from %q)", c.Project.ID, c.FullPath(), c.RedirectedPath)
}
