package gitaccess

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/httpapi"
)

// errNoLock reports that one of the two authenticators is missing.
var errNoLock = errors.New("gitaccess: explain is not set up")

// both demands both credentials, because an explanation contains more than a caller of allowed may know.
type both struct{ shell, admin httpapi.Authenticator }

// Authenticate verifies gitlab-shell's token first. Without it, nothing is read.
func (b both) Authenticate(ctx context.Context, r *http.Request) error {
	if b.shell == nil || b.admin == nil {
		return errNoLock
	}
	if err := b.shell.Authenticate(ctx, r); err != nil {
		return err
	}
	return b.admin.Authenticate(ctx, r)
}
