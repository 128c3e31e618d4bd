package gitaccess

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/record"
)

// granted is the answer that allows a git command (internal API, allowed). Keys without a value are omitted, except in gitaly.
type granted struct {
	Status            bool      `json:"status"`
	GLRepository      string    `json:"gl_repository"`
	GLProjectPath     string    `json:"gl_project_path"`
	GLProjectID       gitlab.ID `json:"gl_project_id,omitempty"`
	GLRootNamespaceID gitlab.ID `json:"gl_root_namespace_id,omitempty"`
	GLID              string    `json:"gl_id"`
	GLUsername        string    `json:"gl_username,omitempty"`
	GLKeyType         string    `json:"gl_key_type,omitempty"`
	GLKeyID           gitlab.ID `json:"gl_key_id,omitempty"`
	GitConfigOptions  []string  `json:"git_config_options"`
	Gitaly            server    `json:"gitaly"`
	GLConsoleMessages []string  `json:"gl_console_messages"`
	NeedAudit         bool      `json:"need_audit"`
}

// server names the repository and its server.
type server struct {
	Repository httpapi.GitalyRepository `json:"repository"`
	httpapi.GitalyServer
}

// refused is the answer that rejects a git command. Git prints the message.
type refused struct {
	Status  bool   `json:"status"`
	Message string `json:"message"`
}

func reply(settings *record.Settings, r *access.Request, d *access.Decision) httpapi.Response {
	switch {
	case d.Outcome == access.Allowed:
		return httpapi.Response{Body: grant(settings, r, d)}
	case d.Status == http.StatusTooManyRequests:
		return httpapi.TooManyRequests()
	}
	return httpapi.Response{Status: d.Status, Body: refused{Message: d.Message}}
}

func grant(settings *record.Settings, r *access.Request, d *access.Decision) granted {
	c := r.Container
	g := granted{
		Status:            true,
		GLRepository:      c.Repository.String(),
		GLProjectPath:     c.FullPath(),
		GLID:              r.Actor.GLID(),
		GitConfigOptions:  configOptions(&settings.Instance),
		GLConsoleMessages: append([]string{}, d.Console...),
	}
	if c.Project != nil {
		g.GLProjectID = c.Project.ID
	}
	if root := c.Chain.Root(); root != nil {
		g.GLRootNamespaceID, g.NeedAudit = root.ID, root.GitAudit
	}
	if r.Actor.User != nil {
		g.GLUsername = r.Actor.User.Username
	}
	if r.Actor.Key != nil {
		g.GLKeyType, g.GLKeyID = string(r.Actor.Key.Type), r.Actor.Key.ID
	}
	g.Gitaly.GitalyServer, g.Gitaly.Repository = httpapi.Gitaly(settings.Storage(c.Storage()), c)
	return g
}

// configOptions returns git's options on the server.
func configOptions(i *gitlab.Instance) []string {
	options := append([]string{}, i.GitConfigOptions...)
	if i.ReceiveMaxInputSize != nil && *i.ReceiveMaxInputSize > 0 {
		options = append(options, fmt.Sprintf("receive.maxInputSize=%d", *i.ReceiveMaxInputSize<<20))
	}
	return options
}

// textUnknownHistory is the message for a push whose effect on the history is unknown.
const textUnknownHistory = "The history of the repository could not be read, so nothing was pushed. Please try again."

// failed returns the answer without a decision, after an error in the named part. It never allows. The answer of a timeout lists
// the checks until then (internal API, allowed).
func (h *handler) failed(ctx context.Context, part string, trail access.Trail, err error) (httpapi.Response, error) {
	line := requestlog.From(ctx)
	line.SetDecision("error", part)
	late := errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) && trail != nil
	if !late && trail == nil {
		return httpapi.Response{}, err
	}
	line.SetCause(err)
	message := textUnknownHistory
	if late {
		message = trail.TimedOut(httpapi.Elapsed(ctx, h.now()))
	}
	if trail != nil {
		line.SetTrail(trail)
	}
	return httpapi.Response{Status: http.StatusServiceUnavailable, Body: refused{Message: message}}, nil
}
