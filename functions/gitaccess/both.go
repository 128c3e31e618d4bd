package gitaccess

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/httpapi"
)

// errNoLock says that one of the two authenticators was not set up.
var errNoLock = errors.New("gitaccess: explain is not set up")

// both lets in who has both credentials: an explanation tells what no caller of allowed may know.
type both struct{ shell, admin httpapi.Authenticator }

// Authenticate asks for gitlab-shell's token first: without it, nothing is looked up.
func (b both) Authenticate(ctx context.Context, r *http.Request) error {
	if b.shell == nil || b.admin == nil {
		return errNoLock
	}
	if err := b.shell.Authenticate(ctx, r); err != nil {
		return err
	}
	return b.admin.Authenticate(ctx, r)
}
