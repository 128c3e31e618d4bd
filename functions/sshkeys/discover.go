package sshkeys

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
)

// person is the user that gitlab-shell greets.
type person struct {
	ID       gitlab.ID `json:"id"`
	Name     string    `json:"name"`
	Username string    `json:"username"`
}

// discover returns the user of a key or name, null for an unknown one (internal API, discover). The user of a deploy key
// is its creator.
func (h *handler) discover(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	ref := httpapi.Actor(p)
	if err := p.Err(); err != nil {
		return httpapi.Response{}, err
	}
	requestlog.From(ctx).SetActor(ref.String())
	found, err := h.store.LoadActor(ctx, ref)
	if err != nil {
		return httpapi.Response{}, err
	}
	if found.User == nil {
		return httpapi.Response{Body: httpapi.Null}, nil
	}
	return httpapi.Response{Body: person{ID: found.User.ID, Name: found.User.Name, Username: found.User.Username}}, nil
}
