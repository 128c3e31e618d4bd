package storagelimits

import (
	"context"
	"net/http"
	"strconv"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/audit"
)

// administrator lets in administrators. Their token may be a parameter of the body too, so it is judged with the
// parameters.
type administrator struct {
	who *auth.Administrator
}

// caller is the context's key of the administrator who asks.
type caller struct{}

// Authenticate leaves the judgement to AuthenticateParams.
func (administrator) Authenticate(context.Context, *http.Request) error { return auth.ErrNoToken }

// AuthenticateParams lets in an administrator's token, from a header before one that is a parameter.
func (a administrator) AuthenticateParams(ctx context.Context, r *http.Request, p *httpapi.Params) (context.Context, error) {
	token := auth.PersonalToken(r)
	if token == "" {
		token, _ = p.Text("private_token")
	}
	user, err := a.who.Identify(ctx, token, r.Method == http.MethodGet)
	if err != nil {
		return ctx, err
	}
	requestlog.From(ctx).SetActor("user-" + strconv.FormatInt(user.ID, 10))
	return context.WithValue(ctx, caller{}, user), nil
}

// author is the administrator who asks, for the record of what they change.
func author(ctx context.Context) audit.Author {
	by := audit.Author{RequestID: requestlog.From(ctx).RequestID()}
	if user, ok := ctx.Value(caller{}).(*gitlab.User); ok {
		by.UserID = user.ID
	}
	return by
}
