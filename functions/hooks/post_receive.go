package hooks

import (
	"context"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/pushes"
)

// decreased is what Gitaly prints and reads: false fails the hook (internal API, post_receive).
type decreased struct {
	Messages  []pushes.PushMessage `json:"messages"`
	Decreased bool                 `json:"reference_counter_decreased"`
}

// push is a decoded post_receive with what was found about it.
type push struct {
	repository gitlab.Repository
	known      bool // the gl_repository is well-formed
	name       string
	identifier string
	raw        string
	changes    []gitlab.Change
	given      []string
	kept       []string           // the options within the bounds
	truncated  bool               // others were cut
	options    gitlab.PushOptions // of those that are kept
	requestID  string
	found      pushes.PostContext
}

// postReceive ends a push: it answers what git prints, and puts the push into the outbox. Neither a user nor a project that
// is not known fails it.
func (h *handler) postReceive(ctx context.Context, params *httpapi.Params) (httpapi.Response, error) {
	p, err := decode(params)
	if err != nil {
		return httpapi.Response{}, err
	}
	note(ctx, p)
	if !p.known {
		return h.ended(ctx, pushes.EndLeaseOf(p.name), p.requestID)
	}
	if p.found, err = h.store.LoadPostContext(ctx, p.query()); err != nil {
		return httpapi.Response{}, err
	}
	if p.found.Container == nil {
		return h.ended(ctx, p.found.Ended, p.requestID)
	}
	accepted, err := h.accepted(ctx, p)
	if err != nil {
		return httpapi.Response{}, err
	}
	// A repeat is answered what the first time was, whatever has changed since.
	messages, _, err := h.store.AcceptPush(ctx, accepted)
	if err != nil {
		return httpapi.Response{}, err
	}
	return answer(messages), nil
}

// ended ends the lease of a push to what is not known here.
func (h *handler) ended(ctx context.Context, lease pushes.EndedLease, requestID string) (httpapi.Response, error) {
	if err := h.store.EndLease(ctx, lease, requestID); err != nil {
		return httpapi.Response{}, err
	}
	return answer(nil), nil
}

// answer is what Gitaly is told of a push that has been noted; null would not be a list of messages.
func answer(messages []pushes.PushMessage) httpapi.Response {
	return httpapi.Response{Body: decreased{Messages: append([]pushes.PushMessage{}, messages...), Decreased: true}}
}

// decode reads a post_receive. A gl_repository that names none is not refused: the push is over, and git must not fail it.
func decode(params *httpapi.Params) (*push, error) {
	p := &push{requestID: params.CallerID()}
	p.name, _ = params.Text("gl_repository")
	p.identifier, _ = params.Text("identifier")
	p.raw, _ = params.Bytes("changes")
	p.given = params.Texts("push_options")
	if err := params.Err(); err != nil {
		return nil, err
	}
	if p.name == "" {
		return nil, httpapi.BadRequest("gl_repository is missing")
	}
	var err error
	if p.changes, err = gitlab.ParseChanges(p.raw); err != nil {
		return nil, httpapi.BadRequest("changes is malformed")
	}
	p.kept, p.truncated = gitlab.BoundOptions(p.given)
	p.options = gitlab.ParsePushOptions(p.kept)
	p.identifier = gitlab.CutText(p.identifier, gitlab.MaxIdentifier)
	p.repository, err = gitlab.ParseRepository(p.name)
	p.known = err == nil
	return p, nil
}

// note tells the log what is told, before anything can fail.
func note(ctx context.Context, p *push) {
	line := requestlog.From(ctx)
	line.SetActor(p.identifier)
	line.SetContainer(p.name)
	line.SetAction("git-receive-pack")
}

// query asks for what the messages need.
func (p *push) query() pushes.PostQuery {
	q := pushes.PostQuery{Actor: gitlab.ParseIdentifier(p.identifier), Repository: p.repository, RequestID: p.requestID}
	if p.repository.Kind == gitlab.ProjectRepository {
		q.Branches = p.linkedBranches()
		if p.asksForMergeRequests() {
			q.Rights, q.Target = true, p.options.Get("merge_request", "target")
			q.TargetProject = p.options.Get("merge_request", "target_project")
		}
	}
	return q
}

// mostLinks bounds for how many branches a push prints links: more than a screen shows nobody reads.
const mostLinks = 50

// linkedBranches are the first changed branches for which links are looked up.
func (p *push) linkedBranches() []string {
	branches := p.branches()
	return branches[:min(len(branches), mostLinks)]
}

// branches are the branches that were changed and are still there, each once.
func (p *push) branches() []string {
	var names []string
	seen := map[string]bool{}
	for _, c := range p.changes {
		if name, ok := c.Branch(); ok && !c.Deletes() && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// sideBranches are those of them that are not the default branch. A push prints links for them.
func (p *push) sideBranches() []string {
	return slices.DeleteFunc(p.branches(), func(name string) bool { return name == p.found.Container.Project.DefaultBranch })
}

// accepted is what goes into the outbox, with the messages that are answered.
func (h *handler) accepted(ctx context.Context, p *push) (*pushes.AcceptedPush, error) {
	a := &pushes.AcceptedPush{
		Push: gitlab.Push{
			Repository: p.repository, Identifier: p.identifier, Changes: p.changes, Options: p.kept, OptionsTruncated: p.truncated,
			RequestID: p.requestID, At: h.now(),
		},
		RawChanges: p.raw,
		Given:      p.given,
		Ended:      p.found.Ended,
	}
	if user := p.found.Actor.User; user != nil {
		a.UserID = user.ID
	}
	asked := p.mergeRequests(h.now())
	created, err := h.reserve(ctx, &asked)
	if err != nil {
		return nil, err
	}
	if len(asked.changes) > 0 {
		a.MergeRequests, a.MergeTarget = asked.changes, p.found.Target.Project.ID
	}
	a.Messages = p.messages(asked.problems, created, h.now())
	for kind := range p.found.Messages {
		a.Shown = append(a.Shown, kind)
	}
	// In an order of their own, so that a repeat makes the same transaction.
	slices.Sort(a.Shown)
	return a, nil
}
