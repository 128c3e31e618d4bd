package directory

import (
	"context"
	"fmt"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
)

// numbered are the arrays whose records the service makes, too, with ids of its own, by the counters of these.
var numbered = map[string]string{"projects": layout.KindProject, "personal_access_tokens": layout.KindPersonalToken}

// noteID remembers the highest id that looks like one of the service's. An export has such ids: loaded elsewhere, the
// service there must not give them out again.
func (r *run) noteID(array string, p *plan) {
	kind, ok := numbered[array]
	if !ok || !p.fresh {
		return
	}
	var id gitlab.ID
	switch v := p.value.(type) {
	case *record.PlacedProject:
		id = v.ID
	case *gitlab.PersonalAccessToken:
		id = v.ID
	}
	// Smaller ones are people's, which the counters never reach.
	if id > record.FirstID {
		r.highest[kind] = max(r.highest[kind], id)
	}
}

// raiseIDs moves the counters behind the ids of the document, before there are records with them.
func (r *run) raiseIDs(ctx context.Context) error {
	for kind, id := range r.highest {
		if err := r.store.RaiseID(ctx, kind, id); err != nil {
			return fmt.Errorf("directory: counter of %s: %w", kind, err)
		}
	}
	return nil
}
