package directory

import (
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// refs are where branches and tags point to. The service keeps them up to date afterwards.
func refs() kind {
	return &records[gitlab.Ref]{
		array:    "refs",
		identity: []string{"project_id", "ref"},
		record:   record.RefRecord,
	}
}

// snippets are personal, or belong to a project.
func snippets() kind {
	return &records[gitlab.Snippet]{
		array:    "snippets",
		identity: []string{"id"},
		fresh: func(time.Time) gitlab.Snippet {
			return gitlab.Snippet{Visibility: gitlab.Private, DefaultBranch: "main"}
		},
		record: record.SnippetRecord,
		settle: func(r *run, e *entry[gitlab.Snippet]) {
			if e.old != nil && e.old.Filled {
				e.next.EmptyRepo = false // a push has filled it since the document was written
			}
			if e.fields.Has("storage") {
				r.checkStorage(e.Place+".storage", e.next.Storage, e.m)
			}
		},
	}
}

// mergeRequests are identified by the project that they lead into. They come from there, too, unless the document says
// otherwise.
func mergeRequests() kind {
	return &records[gitlab.MergeRequest]{
		array:    "merge_requests",
		identity: []string{"project_id", "iid"},
		fresh: func(time.Time) gitlab.MergeRequest {
			return gitlab.MergeRequest{State: gitlab.MergeRequestOpened}
		},
		record: record.MergeRequestRecord,
		settle: func(_ *run, e *entry[gitlab.MergeRequest]) {
			// Kept as an id and not as absent: a fork that is named and one's own project are then looked up alike.
			if e.next.SourceProjectID == 0 {
				e.next.SourceProjectID = e.next.ProjectID
			}
		},
	}
}
