package storagelimits

import (
	"context"

	"postern/shared/httpapi"
)

// list answers with a page of the exclusions, by their ids (storage limit exclusions).
func (h *handler) list(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	asked, mistake := newPage(p)
	found, err := h.store.ListExclusions(ctx, asked.offset(), asked.size)
	switch {
	case err != nil:
		return httpapi.Response{}, err
	case !found.Settings.CheckNamespacePlan:
		return httpapi.Response{}, errNotThisInstance
	case mistake != nil:
		return httpapi.Response{}, mistake
	}
	body := make([]exclusion, len(found.Exclusions))
	for i := range found.Exclusions {
		e := &found.Exclusions[i]
		body[i] = newExclusion(&e.StorageLimitExclusion, e.NamespaceName)
	}
	return httpapi.Response{Body: body, Header: asked.header(found.Total, found.Settings.WebURL("api/v4"+listPath))}, nil
}
