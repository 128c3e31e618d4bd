package gitaccess

import (
	"context"
	"net/netip"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// throttled counts the request against the limit of its action, repository and actor, and of its action, repository
// and address. A counter that cannot be asked refuses nobody: the limit protects the service, not the repositories.
func (h *handler) throttled(ctx context.Context, q *query, c *store.PushContext) bool {
	limit := c.Settings.GitLabShellOperationLimit
	scope := q.action + " " + gitlab.FoldPath(q.target()) + " "
	if h.over(ctx, scope+q.actor.String(), limit) {
		return true
	}
	return q.checkIP != "" && !trusted(q.checkIP) && h.over(ctx, scope+"ip-"+q.checkIP, limit)
}

func (h *handler) over(ctx context.Context, scope string, limit int64) bool {
	over, err := h.store.Throttled(ctx, scope, limit)
	if err != nil {
		requestlog.From(ctx).SetCause(err)
	}
	return over
}

// trusted reports whether an address is the machine's own.
func trusted(address string) bool {
	ip, err := netip.ParseAddr(strings.Trim(address, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}
