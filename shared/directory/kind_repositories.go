package directory

import (
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
)

func refs() kind {
	return &records[gitlab.Ref]{
		array:    "refs",
		identity: []string{"project_id", "ref"},
		record:   store.RefRecord,
	}
}

func snippets() kind {
	return &records[gitlab.Snippet]{
		array:    "snippets",
		identity: []string{"id"},
		fresh: func(time.Time) gitlab.Snippet {
			return gitlab.Snippet{Visibility: gitlab.Private, DefaultBranch: "main"}
		},
		record: store.SnippetRecord,
		settle: func(r *run, e *entry[gitlab.Snippet]) {
			if e.fields.has("storage") {
				r.checkStorage(e.place+".storage", e.next.Storage, e.m)
			}
		},
	}
}

func mergeRequests() kind {
	return &records[gitlab.MergeRequest]{
		array:    "merge_requests",
		identity: []string{"project_id", "iid"},
		fresh: func(time.Time) gitlab.MergeRequest {
			return gitlab.MergeRequest{State: gitlab.MergeRequestOpened}
		},
		record: store.MergeRequestRecord,
		settle: func(_ *run, e *entry[gitlab.MergeRequest]) {
			if e.next.SourceProjectID == 0 {
				e.next.SourceProjectID = e.next.ProjectID
			}
		},
	}
}
