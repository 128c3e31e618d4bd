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
	mostAsked   = 200             // highest number of branches of one push in the questions to Gitaly
	gitalyLimit = 5 * time.Second // for all of them
)

// errSilent reports a server that did not answer for an earlier push of the batch. It is not asked again, because a batch must
// not wait for it push by push.
var errSilent = errors.New("postreceive: Gitaly did not answer about an earlier push")

// forced returns which updates of branches dropped commits, by the indexes of the changes. Unknown ones are omitted, and the
// error has the reason. Nothing depends on them.
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
