package gitaccess

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
)

// explanation is the complete trail of a request to allowed, for administrators.
type explanation struct {
	Decision string `json:"decision"` // allowed, denied, or error without a decision
	Answer   answer `json:"answer"`
	// FailedCheck is the deciding check. WouldHaveToChange names the change that would make it pass.
	FailedCheck       string        `json:"failed_check,omitempty"`
	WouldHaveToChange string        `json:"would_have_to_change,omitempty"`
	CreatesProject    string        `json:"creates_project,omitempty"` // full path; the explanation creates nothing
	Actor             explainedWho  `json:"actor"`
	Repository        explainedWhat `json:"repository"`
	Checks            []explained   `json:"checks"`
}

// answer is the answer of allowed to the request.
type answer struct {
	Status            int      `json:"status"`
	Message           string   `json:"message,omitempty"`
	GLConsoleMessages []string `json:"gl_console_messages,omitempty"`
}

// explainedWho is the actor that was found.
type explainedWho struct {
	Asked    string    `json:"asked"` // the actor as the request names it
	GLID     string    `json:"gl_id,omitempty"`
	Username string    `json:"username,omitempty"`
	KeyID    gitlab.ID `json:"key_id,omitempty"`
	KeyType  string    `json:"key_type,omitempty"`
	Role     string    `json:"role"`
}

// explainedWhat is the repository that was found.
type explainedWhat struct {
	Asked        string `json:"asked"`
	GLRepository string `json:"gl_repository,omitempty"`
	FullPath     string `json:"full_path,omitempty"`
}

// explained is one check of the trail.
type explained struct {
	Name              string             `json:"name"`
	Outcome           access.StepOutcome `json:"outcome"`
	Milliseconds      float64            `json:"duration_ms"`
	LookedAt          access.Facts       `json:"looked_at,omitempty"`
	WouldHaveToChange string             `json:"would_have_to_change,omitempty"`
}

// explain returns the answer of allowed to the same request, with its reasons. It runs the same checks on the same facts and has
// no effects: it creates, counts and marks nothing, and logs no decision.
func (h *handler) explain(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(p)
	if err != nil {
		return httpapi.Response{}, err
	}
	note(ctx, q)
	loaded, err := h.store.LoadPushContext(ctx, q.push())
	if err != nil {
		return httpapi.Response{}, err
	}
	r := q.facts(&loaded, h.now)
	r.Explain = true
	if r.RateLimited, err = h.store.UsedUp(ctx, q.scopes(), loaded.Settings.GitLabShellOperationLimit); err != nil {
		requestlog.From(ctx).SetCause(err) // as in allowed, an unreachable counter is no reason to stop
	}
	d, err := h.decide(ctx, q, &loaded, r)
	if err == nil && d.Outcome == access.CreateProject {
		err = h.checkLimit(ctx, q, &loaded, &d)
	}
	requestlog.From(ctx).SetDecision("explained", d.Failed)
	if err != nil || d.Outcome == access.TimedOut {
		h.unexplained(ctx, &d, err)
	}
	return httpapi.Response{Body: explain(q, r, &d)}, nil
}

// checkLimit rejects a project beyond the creator's limit, as allowed does.
func (h *handler) checkLimit(ctx context.Context, q *query, c *lookup.PushContext, d *access.Decision) error {
	err := h.store.CheckProjectLimit(ctx, q.newProject(c))
	if errors.Is(err, pushes.ErrLimit) {
		level, trail := d.Level, d.Trail
		*d = access.CouldNotCreate([]string{textLimit})
		d.Level, d.Trail = level, trail.Refused(d.Failed, "fewer projects in the namespace, or a higher projects_limit of the user")
		return nil
	}
	return err
}

// unexplained returns the answer of allowed to a request without a decision.
func (h *handler) unexplained(ctx context.Context, d *access.Decision, err error) {
	if err == nil {
		err = context.DeadlineExceeded
	}
	requestlog.From(ctx).SetCause(err)
	d.Outcome, d.Status, d.Message = access.AskHistory, http.StatusServiceUnavailable, textUnknownHistory
	if errors.Is(err, context.DeadlineExceeded) {
		d.Message = d.Trail.TimedOut(httpapi.Elapsed(ctx, h.now()))
	}
}

// explain converts a decision.
func explain(q *query, r *access.Request, d *access.Decision) explanation {
	e := explanation{
		Decision:    "denied",
		Answer:      answer{Status: d.Status, Message: d.Message, GLConsoleMessages: d.Console},
		FailedCheck: d.Failed,
		Actor:       explainActor(q, r, d),
		Repository:  explainedWhat{Asked: q.target()},
		Checks:      make([]explained, len(d.Trail)),
	}
	switch d.Outcome {
	case access.Allowed:
		e.Decision = "allowed"
	case access.CreateProject:
		e.Decision, e.CreatesProject = "allowed", r.Parent.FullPath(q.newProjectPath())
	case access.AskHistory, access.TimedOut:
		e.Decision = "error"
	case access.Denied:
	}
	if c := r.Container; c != nil {
		e.Repository.GLRepository, e.Repository.FullPath = c.Repository.String(), c.FullPath()
	}
	for i := range d.Trail {
		e.Checks[i] = explainStep(&d.Trail[i])
		if e.Checks[i].WouldHaveToChange != "" { // the last one belongs to the deciding change
			e.WouldHaveToChange = e.Checks[i].WouldHaveToChange
		}
	}
	return e
}

func explainActor(q *query, r *access.Request, d *access.Decision) explainedWho {
	who := explainedWho{Asked: q.actor.String(), GLID: r.Actor.GLID(), Role: access.Role(d.Level)}
	if r.Actor.User != nil {
		who.Username = r.Actor.User.Username
	}
	if r.Actor.Key != nil {
		who.KeyID, who.KeyType = r.Actor.Key.ID, string(r.Actor.Key.Type)
	}
	return who
}

func explainStep(s *access.Step) explained {
	e := explained{Name: s.Name, Outcome: s.Outcome, Milliseconds: float64(s.Duration.Microseconds()) / 1000}
	if s.Account != nil {
		e.LookedAt, e.WouldHaveToChange = s.Account.Looked, s.Account.Change
	}
	return e
}
