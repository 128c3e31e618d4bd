package gitaccess

import (
	"context"
	"time"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/store"
)

// makeWithin is how long an answer waits for a storage that makes a repository.
const makeWithin = 3 * time.Second

// announces reports whether a push is about to begin, and Gitaly has not been asked for its repository yet.
func (q *query) announces() bool {
	return q.action == access.ReceivePack && q.changes == access.AnyChanges
}

// repositoryDue reports whether a push has made the project, and its repository is not known to be there.
func repositoryDue(c *gitlab.Container) bool {
	return c.Repository.Kind == gitlab.ProjectRepository && c.Project.RepositoryDue
}

// makeRepository lets the storage have the repository of such a project before gitlab-shell pushes into it. A failure changes
// no answer, as the client asks the same storage next and hears of it there: what is due stays due, and the next push to the
// project tries again.
func (h *handler) makeRepository(ctx context.Context, settings *store.Settings, c *gitlab.Container) error {
	asking, cancel := context.WithTimeout(ctx, makeWithin)
	defer cancel()
	server := settings.Storage(c.Storage())
	var outside quarantine // nothing has been pushed yet
	err := h.gitaly.CreateRepository(asking, server, outside.repository(c, server.Name), c.Project.DefaultBranch)
	if err != nil {
		return err
	}
	return h.store.RepositoryMade(ctx, c.Project.ID)
}
