package postreceive

import (
	"context"
	"errors"
	"time"

	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/store/record"
)

const (
	mostAsked   = 200             // branches of one push that Gitaly is asked about
	gitalyLimit = 5 * time.Second // for all of them
)

// errSilent says that a server was not asked, because it did not answer a moment ago: a batch of pushes must not wait for it
// push by push.
var errSilent = errors.New("postreceive: Gitaly did not answer about an earlier push")

// forced finds out which updates of branches dropped commits, by the indexes of the changes. What is not found out is left
// out, and the error says why: nothing depends on it.
func (h handler) forced(
	ctx context.Context, settings *record.Settings, c *gitlab.Container, p *gitlab.Push,
) (map[int]bool, error) {
	var pairs []gitaly.Pair
	var indexes []int
	for i := range p.Changes {
		change := &p.Changes[i]
		if _, branch := change.Branch(); branch && change.Updates() && len(pairs) < mostAsked {
			pairs = append(pairs, gitaly.Pair{Ancestor: change.Old, Child: change.New})
			indexes = append(indexes, i)
		}
	}
	if c == nil || p.Repository.Kind != gitlab.ProjectRepository || len(pairs) == 0 {
		return nil, nil
	}
	server := settings.Storage(c.Storage())
	if h.silent[server.Address] {
		return nil, errSilent
	}
	ctx, cancel := context.WithTimeout(ctx, gitalyLimit)
	defer cancel()
	kept, err := h.Gitaly.Ancestors(ctx, server, repositoryOf(c, server), pairs)
	if err != nil {
		h.silent[server.Address] = errors.Is(err, context.DeadlineExceeded)
		return nil, err
	}
	forced := make(map[int]bool, len(indexes))
	for i, index := range indexes {
		forced[index] = !kept[i]
	}
	return forced, nil
}
