package storagelimits

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/table"
)

// remove puts a namespace below the storage limit again (storage limit exclusions).
func (h *handler) remove(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	namespace, _ := p.Text("id")
	for {
		c, err := h.store.LoadExclusionContext(ctx, namespace)
		switch {
		case err != nil:
			return httpapi.Response{}, err
		case !c.Settings.CheckNamespacePlan:
			return httpapi.Response{}, errNotThisInstance
		case judge(&c) != nil:
			return httpapi.Response{}, judge(&c)
		case c.Exclusion == nil:
			return httpapi.Response{}, errNotExcluded
		}
		err = h.store.RemoveExclusion(ctx, &c, author(ctx))
		if errors.Is(err, table.ErrConflict) {
			continue // somebody was faster: what is there now decides
		}
		if err != nil {
			return httpapi.Response{}, err
		}
		requestlog.From(ctx).SetDecision("allowed", "")
		return httpapi.Response{Status: http.StatusNoContent}, nil
	}
}
