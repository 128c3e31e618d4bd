package gitaccess

import (
	"context"
	"errors"
	"time"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
)

// makeWithin bounds the wait for a storage that makes a repository.
const makeWithin = 3 * time.Second

// announces reports whether a push is about to begin. Gitaly has not been asked for its repository yet.
func (q *query) announces() bool {
	return q.action == access.ReceivePack && q.changes == access.AnyChanges
}

// missing returns the repositories of a project that the storage does not have yet, as far as the push needs them. A project
// made by a push gets both; a wiki that was never made gets its own (git-family 6.14).
func missing(c *gitlab.Container) pushes.Repositories {
	switch c.Repository.Kind {
	case gitlab.ProjectRepository:
		due := c.Project.RepositoryDue
		wiki := !c.Project.HasWikiRepository() && c.Project.WikiAccessLevel != gitlab.FeatureDisabled
		return pushes.Repositories{Code: due, Wiki: due && wiki}
	case gitlab.WikiRepository:
		return pushes.Repositories{Wiki: !c.Project.HasWikiRepository()}
	case gitlab.SnippetRepository, gitlab.DesignRepository, gitlab.GroupWikiRepository:
	}
	return pushes.Repositories{}
}

// makeRepositories lets the storage make the missing repositories before the client pushes into them. A failure changes no
// answer: the client reaches the same storage next, and the next push tries again.
func (h *handler) makeRepositories(ctx context.Context, settings *record.Settings, c *gitlab.Container) error {
	wanted := missing(c)
	if wanted == (pushes.Repositories{}) {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, makeWithin)
	defer cancel()
	made := pushes.Repositories{}
	failed := h.makeOne(asking, settings, c, gitlab.ProjectRepository, wanted.Code)
	made.Code = wanted.Code && failed == nil
	if failed == nil {
		failed = h.makeOne(asking, settings, c, gitlab.WikiRepository, wanted.Wiki)
		made.Wiki = wanted.Wiki && failed == nil
	}
	if made == (pushes.Repositories{}) {
		return failed
	}
	return errors.Join(failed, h.store.RepositoriesMade(ctx, c.Project.ID, made))
}

// makeOne lets the storage make one repository of a project, if it is wanted.
func (h *handler) makeOne(
	ctx context.Context, settings *record.Settings, c *gitlab.Container, kind gitlab.RepositoryKind, wanted bool,
) error {
	if !wanted {
		return nil
	}
	of := *c
	of.Repository.Kind = kind
	server := settings.Storage(of.Storage())
	var outside quarantine // nothing has been pushed yet
	return h.gitaly.CreateRepository(ctx, server, outside.repository(&of, server.Name), c.Project.DefaultBranch)
}
