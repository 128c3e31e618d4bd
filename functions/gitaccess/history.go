package gitaccess

import (
	"context"
	"errors"
	"time"

	"postern/shared/access"
	"postern/shared/gitaly"
	"postern/shared/store/lookup"
)

// historyRounds bounds how often one decision may ask for more facts: the default branch, the protected branches, the history.
const historyRounds = 4

// errHistory reports a decision that still asks after all answers were given.
var errHistory = errors.New("gitaccess: the history is never known")

// decide checks a request and gets the facts that the checks ask for. With an error a fact is missing, and the decision has the
// trail so far.
func (h *handler) decide(ctx context.Context, q *query, c *lookup.PushContext, r *access.Request) (access.Decision, error) {
	if deadline, ok := ctx.Deadline(); ok {
		r.Deadline = h.now().Add(time.Until(deadline)) // the context's timers do not know this clock
	}
	d := access.Check(r)
	for range historyRounds {
		if d.Outcome != access.AskHistory {
			return d, nil
		}
		if err := h.learn(ctx, q, c, r, &d.Ask); err != nil {
			return d, err
		}
		d = access.Check(r)
	}
	if d.Outcome == access.AskHistory {
		return d, errHistory
	}
	return d, nil
}

// learn gets the facts that a decision asks for.
func (h *handler) learn(ctx context.Context, q *query, c *lookup.PushContext, r *access.Request, ask *access.Ask) error {
	if ask.Tips {
		tips, err := h.store.LoadProtectedTips(ctx, r.Container.Project.ID, r.Rules.Branches)
		if err != nil {
			return err
		}
		r.History.Tips, r.History.TipsKnown = tips, true
	}
	if ask.DefaultBranch {
		server := c.Settings.Storage(r.Container.Storage())
		branch, err := h.gitaly.DefaultBranch(ctx, server, q.quarantine.repository(r.Container, server.Name))
		if err != nil {
			return err
		}
		r.History.DefaultBranch, r.History.DefaultBranchKnown = branch, true
	}
	if len(ask.Descents) == 0 {
		return nil
	}
	pairs := make([]gitaly.Pair, len(ask.Descents))
	for i, d := range ask.Descents {
		pairs[i] = gitaly.Pair{Ancestor: d.Ancestor, Child: d.Descendant}
	}
	server := c.Settings.Storage(r.Container.Storage())
	answers, err := h.gitaly.Ancestors(ctx, server, q.quarantine.repository(r.Container, server.Name), pairs)
	if err != nil {
		return err
	}
	if r.History.Descents == nil {
		r.History.Descents = make(map[access.Descent]bool, len(answers))
	}
	for i, d := range ask.Descents {
		r.History.Descents[d] = answers[i]
	}
	return nil
}
