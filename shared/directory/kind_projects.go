package directory

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// projects lie in a namespace. Where that lies is not kept with them, so moving it does not touch them.
func projects() kind {
	return &records[record.PlacedProject]{
		array:    "projects",
		identity: []string{"id"},
		fresh: func(time.Time) record.PlacedProject {
			return record.PlacedProject{Project: gitlab.DefaultProject()}
		},
		record: record.ProjectRecord,
		settle: func(r *run, e *entry[record.PlacedProject]) {
			// As GitLab does: a project that nobody has named is called like its path.
			if e.next.Name == "" {
				e.next.Name = e.next.Path
			}
			if e.old != nil && e.old.LastActivityAt != nil && !e.old.EmptyRepo {
				e.next.EmptyRepo = false // a push has filled it since the document was written
			}
			if e.old != nil && e.old.WikiMade {
				e.next.WikiRepositoryExists = nil // made since the document was written
			}
			if e.fields.Has("storage") {
				r.checkStorage(e.Place+".storage", e.next.Storage, e.m)
			}
		},
		locate: locateProjects,
	}
}

// locateProjects gives those that are new or have moved their place.
func locateProjects(ctx context.Context, r *run, entries []*entry[record.PlacedProject]) error {
	// Nothing that is checked depends on it, so a check reads no chains.
	if !r.writing {
		return nil
	}
	var moved []*entry[record.PlacedProject]
	var parents []gitlab.ID
	for _, e := range entries {
		if e.old == nil || e.old.Path != e.next.Path || e.old.NamespaceID != e.next.NamespaceID {
			moved = append(moved, e)
			parents = append(parents, e.next.NamespaceID)
		}
	}
	// All at once, so that the portion costs one read and not one for each project.
	if err := r.tree.fetch(ctx, parents); err != nil {
		return err
	}
	for _, e := range moved {
		chain, path, err := r.tree.place(ctx, e.next.NamespaceID, e.next.Path)
		if err != nil {
			return err
		}
		e.next.Place = e.next.Moved(chain, path)
	}
	return nil
}
