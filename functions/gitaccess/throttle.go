package gitaccess

import (
	"context"
	"net/netip"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
)

// throttled counts the request against the limit of its action, repository and actor, and of its action, repository
// and address. An unreachable counter rejects no request: the limit protects the service, not the repositories.
func (h *handler) throttled(ctx context.Context, q *query, c *lookup.PushContext) bool {
	for _, scope := range q.scopes() {
		if h.over(ctx, scope, c.Settings.GitLabShellOperationLimit) {
			return true
		}
	}
	return false
}

// scopes returns the keys by which the request is counted.
func (q *query) scopes() []string {
	scope := q.action + " " + gitlab.FoldPath(q.target()) + " "
	scopes := []string{scope + q.actor.String()}
	if q.checkIP != "" && !trusted(q.checkIP) {
		scopes = append(scopes, scope+"ip-"+q.checkIP)
	}
	return scopes
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
