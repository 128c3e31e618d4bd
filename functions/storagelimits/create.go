package storagelimits

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/table"
)

// longestReason is how many characters a reason may have.
const longestReason = 255

// tooLong answers a reason that is too long.
var tooLong = httpapi.Response{Status: http.StatusBadRequest, Body: map[string]any{
	"message": map[string][]string{"reason": {"is too long (maximum is 255 characters)"}},
}}

// create frees a namespace from the storage limit (storage limit exclusions).
func (h *handler) create(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	namespace, _ := p.Text("id")
	for {
		c, err := h.store.LoadExclusionContext(ctx, namespace)
		if err != nil {
			return httpapi.Response{}, err
		}
		if !c.Settings.CheckNamespacePlan {
			return httpapi.Response{}, errNotThisInstance
		}
		reason, err := reasonOf(p)
		switch {
		case err != nil:
			return httpapi.Response{}, err
		case utf8.RuneCountInString(reason) > longestReason:
			return tooLong, nil
		case judge(&c) != nil:
			return httpapi.Response{}, judge(&c)
		case c.Exclusion != nil:
			return httpapi.Response{}, errAlready
		}
		made, err := h.store.CreateExclusion(ctx, c.Namespace.ID, reason, author(ctx))
		if errors.Is(err, table.ErrConflict) {
			continue // somebody was faster: what is there now decides
		}
		if err != nil {
			return httpapi.Response{}, err
		}
		requestlog.From(ctx).SetDecision("allowed", "")
		return httpapi.Response{Status: http.StatusCreated, Body: newExclusion(made, c.Namespace.Name)}, nil
	}
}

// reasonOf returns the reason, or the mistake in it that its length is not.
func reasonOf(p *httpapi.Params) (string, error) {
	reason, given := p.Text("reason")
	switch {
	case p.Err() != nil:
		return "", p.Err()
	case !given:
		return "", httpapi.Missing("reason")
	case strings.TrimSpace(reason) == "":
		return "", httpapi.Invalid("reason is empty")
	}
	return reason, nil
}
