package postreceive

import (
	"context"
	"fmt"

	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// settle records the effects that a push has on its repository as a whole. It comes before everything else, because the next
// push may arrive at once (git-family 16.1).
func (h handler) settle(ctx context.Context, settings *record.Settings, c *gitlab.Container, p *gitlab.Push) error {
	err := h.Store.SettleRepository(ctx, p, c, func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, gitalyLimit)
		defer cancel()
		server := settings.Storage(c.Storage())
		return h.Gitaly.DefaultBranch(ctx, server, repositoryOf(c, server))
	})
	if err != nil {
		return fmt.Errorf("settle repository: %w", err)
	}
	return nil
}

// moveHead points HEAD to the default branch that the first push has made. A failure is retried with the record: the branch
// stays due, and events are not held back by it.
func (h handler) moveHead(ctx context.Context, r gitlab.Repository) error {
	settings, c, err := h.Store.LoadRepository(ctx, r)
	if err != nil {
		return fmt.Errorf("load repository: %w", err)
	}
	if c == nil || c.HeadDue() == "" {
		return nil
	}
	branch, server := c.HeadDue(), settings.Storage(c.Storage())
	asking, cancel := context.WithTimeout(ctx, gitalyLimit)
	defer cancel()
	if err := h.Gitaly.SetHead(asking, server, repositoryOf(c, server), branch); err != nil {
		return fmt.Errorf("move HEAD: %w", err)
	}
	if err := h.Store.HeadSet(ctx, r, branch); err != nil {
		return fmt.Errorf("note HEAD: %w", err)
	}
	return nil
}

// mayFill reports whether a push may have filled a repository, so that HEAD may have to follow.
func mayFill(p *gitlab.Push) bool {
	for i := range p.Changes {
		if _, branch := p.Changes[i].Branch(); branch && p.Changes[i].Creates() {
			return true
		}
	}
	return false
}

// repositoryOf names a container's repository to Gitaly, without a quarantine.
func repositoryOf(c *gitlab.Container, server gitlab.Storage) gitaly.Repository {
	return gitaly.Repository{
		Storage: server.Name, RelativePath: c.RelativePath(), GLRepository: c.Repository.String(), ProjectPath: c.FullPath(),
	}
}
