package lookup

import (
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// asked is what a request names: a repository by gl_repository, which wins, or by path.
type asked struct {
	repository *gitlab.Repository
	path       string // cleaned
}

// container evaluates what is asked for; nil when there is nothing. kind is what kind of repository was meant.
func (v *View) container(q asked) (c *gitlab.Container, kind gitlab.RepositoryKind, known bool) {
	if q.repository != nil {
		c, known = v.ContainerByID(*q.repository)
		return c, q.repository.Kind, known
	}
	if !table.Nameable(q.path) {
		return nil, gitlab.ProjectRepository, true
	}
	path := gitlab.FoldPath(q.path)
	found, known := v.ProjectAt(path)
	if known && found != nil {
		return v.Of(found, gitlab.ProjectRepository, q.path), gitlab.ProjectRepository, true
	}
	// A project may itself be called "x.wiki", so the derived forms are only looked at when there is no such project;
	// they are evaluated before that is known, so that both are read in the same trip.
	other, kind, otherKnown := v.derived(path, q.path)
	if !known || !otherKnown {
		return nil, kind, false
	}
	return other, kind, true
}

// ContainerByID evaluates a repository by gl_repository. Unlike a path it never redirects: ids do not move.
func (v *View) ContainerByID(r gitlab.Repository) (*gitlab.Container, bool) {
	switch r.Kind {
	// A snippet may have a project above it, a group's wiki has none: neither goes the way of projects.
	case gitlab.SnippetRepository:
		return v.snippet(r.ID)
	case gitlab.GroupWikiRepository:
		chain, known := v.Chain(r.ID)
		return groupWiki(chain), known
	case gitlab.ProjectRepository, gitlab.WikiRepository, gitlab.DesignRepository:
	}
	found, known := v.ProjectByID(r.ID)
	if found == nil {
		return nil, known
	}
	return &gitlab.Container{Repository: r, Project: found.Project, Chain: found.Chain}, true
}

// Of returns the container of a kind that belongs to a project, and the old path when the request came by one.
func (v *View) Of(found *Located, kind gitlab.RepositoryKind, askedPath string) *gitlab.Container {
	c := &gitlab.Container{
		Repository: gitlab.Repository{Kind: kind, ID: found.Project.ID},
		Project:    found.Project,
		Chain:      found.Chain,
	}
	if gitlab.FoldPath(askedPath) != gitlab.FoldPath(c.FullPath()) {
		c.RedirectedPath = askedPath
	}
	return c
}

// derived evaluates the repositories that a path names by its form: wikis, snippets, designs.
func (v *View) derived(path, askedPath string) (*gitlab.Container, gitlab.RepositoryKind, bool) {
	if base, ok := strings.CutSuffix(path, ".wiki"); ok {
		c, known := v.wikiAt(base, askedPath)
		return c, gitlab.WikiRepository, known
	}
	if base, id, ok := cutSnippet(path); ok {
		c, known := v.snippetAt(base, id, askedPath)
		return c, gitlab.SnippetRepository, known
	}
	if base, ok := strings.CutSuffix(path, ".design"); ok {
		found, known := v.ProjectAt(base)
		if found == nil {
			return nil, gitlab.DesignRepository, known
		}
		return v.Of(found, gitlab.DesignRepository, askedPath), gitlab.DesignRepository, true
	}
	return nil, gitlab.ProjectRepository, true
}

// wikiAt evaluates the wiki of the project at a path, or else of the group there. A project wins.
func (v *View) wikiAt(base, askedPath string) (*gitlab.Container, bool) {
	found, known := v.ProjectAt(base)
	if !known {
		return nil, false
	}
	if found != nil {
		return v.Of(found, gitlab.WikiRepository, askedPath), true
	}
	chain, known := v.GroupAt(base)
	return groupWiki(chain), known
}

// groupWiki returns the wiki of the last namespace of a chain; personal namespaces have none.
func groupWiki(chain gitlab.Chain) *gitlab.Container {
	group := chain.Parent()
	if group == nil || group.Kind != gitlab.GroupNamespace {
		return nil
	}
	return &gitlab.Container{
		Repository: gitlab.Repository{Kind: gitlab.GroupWikiRepository, ID: group.ID},
		Group:      group,
		Chain:      chain,
	}
}

// cutSnippet splits "[<project path>/]snippets/<id>".
func cutSnippet(path string) (base string, id gitlab.ID, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", 0, false
	}
	base, digits := path[:i], path[i+1:]
	// The id of a name that is no number finds nothing, but the path still means a snippet.
	id, _ = gitlab.ParseID(digits)
	if base == "snippets" {
		return "", id, true
	}
	base, ok = strings.CutSuffix(base, "/snippets")
	return base, id, ok
}

// snippet evaluates a snippet, with its project when it has one.
func (v *View) snippet(id gitlab.ID) (*gitlab.Container, bool) {
	if id <= 0 {
		return nil, true
	}
	snippet, known := Read[gitlab.Snippet](v, layout.SnippetKey(id))
	if snippet == nil {
		return nil, known
	}
	c := &gitlab.Container{
		Repository: gitlab.Repository{Kind: gitlab.SnippetRepository, ID: id},
		Snippet:    snippet,
	}
	if snippet.ProjectID == nil {
		return c, true
	}
	found, known := v.ProjectByID(*snippet.ProjectID)
	if found == nil {
		return nil, known
	}
	c.Project, c.Chain = found.Project, found.Chain
	return c, true
}

// snippetAt evaluates a snippet below a project's path, or a personal one for the empty path.
func (v *View) snippetAt(base string, id gitlab.ID, askedPath string) (*gitlab.Container, bool) {
	c, known := v.snippet(id)
	if base == "" {
		// A project's snippet is only there below the project: otherwise its path would pass by the project's checks.
		if c != nil && c.Project != nil {
			return nil, true
		}
		return c, known
	}
	found, foundKnown := v.ProjectAt(base)
	if !known || !foundKnown {
		return nil, false
	}
	if c == nil || found == nil || c.Project == nil || c.Project.ID != found.Project.ID {
		return nil, true
	}
	if gitlab.FoldPath(askedPath) != gitlab.FoldPath(c.FullPath()) {
		c.RedirectedPath = askedPath
	}
	return c, true
}
