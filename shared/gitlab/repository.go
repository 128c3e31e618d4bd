package gitlab

import (
	"errors"
	"strconv"
	"strings"
)

// RepositoryKind is which of a container's repositories is meant.
type RepositoryKind string

// The kinds of repositories.
const (
	ProjectRepository   RepositoryKind = "project"
	WikiRepository      RepositoryKind = "wiki"
	SnippetRepository   RepositoryKind = "snippet"
	DesignRepository    RepositoryKind = "design"
	GroupWikiRepository RepositoryKind = "group-wiki"
)

// ErrMalformed reports an identifier that does not follow its grammar.
var ErrMalformed = errors.New("malformed identifier")

// Repository is a parsed gl_repository. ID is the project's, snippet's or group's.
type Repository struct {
	Kind RepositoryKind
	ID   ID
}

// String returns the gl_repository, such as "project-7", "wiki-7" or "group-20-wiki".
func (r Repository) String() string {
	if r.Kind == GroupWikiRepository {
		return "group-" + strconv.FormatInt(r.ID, 10) + "-wiki"
	}
	return string(r.Kind) + "-" + strconv.FormatInt(r.ID, 10)
}

// ParseRepository reads a gl_repository: project-7, wiki-7, snippet-7, design-7, group-7-wiki, project-7-wiki.
// Anything else is ErrMalformed.
func ParseRepository(s string) (Repository, error) {
	parts := strings.Split(s, "-")
	if len(parts) != 2 && len(parts) != 3 {
		return Repository{}, ErrMalformed
	}
	id, ok := ParseID(parts[1])
	if !ok {
		return Repository{}, ErrMalformed
	}
	if len(parts) == 3 {
		return wikiOf(parts[0], parts[2], id)
	}
	switch kind := RepositoryKind(parts[0]); kind {
	case ProjectRepository, WikiRepository, SnippetRepository, DesignRepository:
		return Repository{Kind: kind, ID: id}, nil
	case GroupWikiRepository:
	}
	return Repository{}, ErrMalformed
}

func wikiOf(container, suffix string, id ID) (Repository, error) {
	switch {
	case suffix != "wiki":
	case container == "project":
		return Repository{Kind: WikiRepository, ID: id}, nil
	case container == "group":
		return Repository{Kind: GroupWikiRepository, ID: id}, nil
	}
	return Repository{}, ErrMalformed
}

// CleanPath strips one leading slash and one trailing ".git" of a clone path.
func CleanPath(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, "/"), ".git")
}

// FoldPath returns the form of a path or username that is compared and kept as a key: without regard to case.
func FoldPath(path string) string { return strings.ToLower(path) }

// Container is a repository with the records that it belongs to.
//
// Chain holds the namespaces above Project (or, for a group's wiki, the group and those above it), the top-level
// one first. A personal snippet has neither project nor chain.
type Container struct {
	Repository Repository
	Project    *Project
	Snippet    *Snippet
	Group      *Namespace // group wikis
	Chain      Chain

	// RedirectedPath is the old path that the request came by, "" when it used the present one.
	RedirectedPath string
}

// FullPath returns the repository's path as gl_project_path has it: "acme/app", "acme/app.wiki", "snippets/31".
func (c *Container) FullPath() string {
	base := ""
	switch {
	case c.Project != nil:
		base = c.Chain.FullPath(c.Project.Path)
	case c.Group != nil:
		base = c.Chain.FullPath()
	}
	switch c.Repository.Kind {
	case WikiRepository, GroupWikiRepository:
		return base + ".wiki"
	case DesignRepository:
		return base + ".design"
	case SnippetRepository:
		snippet := "snippets/" + strconv.FormatInt(c.Repository.ID, 10)
		if c.Project == nil {
			return snippet
		}
		return base + "/" + snippet
	case ProjectRepository:
	}
	return base
}

// RelativePath returns where the repository lies on its storage, such as "@hashed/4e/07/4e07….git".
func (c *Container) RelativePath() string {
	switch c.Repository.Kind {
	case SnippetRepository:
		return DiskPath("@snippets", c.Repository.ID) + ".git"
	case GroupWikiRepository:
		return DiskPath("@groups", c.Repository.ID) + ".wiki.git"
	case WikiRepository, DesignRepository, ProjectRepository:
	}
	base := DiskPath("@hashed", c.Project.ID)
	if c.Project.RelativePath != "" {
		base = strings.TrimSuffix(c.Project.RelativePath, ".git")
	}
	switch c.Repository.Kind {
	case WikiRepository:
		return base + ".wiki.git"
	case DesignRepository:
		return base + ".design.git"
	case ProjectRepository, SnippetRepository, GroupWikiRepository:
	}
	return base + ".git"
}

// Storage returns the name of the storage that holds the repository; "" stands for the instance's default.
func (c *Container) Storage() string {
	switch {
	case c.Snippet != nil:
		return c.Snippet.Storage
	case c.Project != nil:
		return c.Project.Storage
	}
	return ""
}
