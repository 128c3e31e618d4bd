package access

import "postern/shared/gitlab"

// snippetExists comes so early that it must not tell more than the later checks do: a snippet of a project that the
// actor may not see looks like none, and a login that is confined elsewhere hears of that instead.
func snippetExists(q *question) verdict {
	return unless(q.visible() || (q.isConfined() && !q.pathConfined()), q.notFound())
}

// readsSnippet: the author, administrators, and whom the visibility lets in.
func (q *question) readsSnippet() bool {
	if q.Container.Project != nil && !q.usesProjectSnippets() {
		return false
	}
	switch {
	case q.admin || q.isAuthor():
		return true
	case q.Container.Snippet.Visibility == gitlab.Public:
		return true
	case q.Container.Snippet.Visibility == gitlab.Internal && q.insider():
		return true
	}
	return q.Container.Project != nil && q.level >= gitlab.Guest
}

// updatesSnippet: the author and administrators; in a project also its maintainers, while it is not archived.
func (q *question) updatesSnippet() bool {
	project := q.Container.Project
	if project == nil {
		return q.admin || q.isAuthor()
	}
	if project.Archived || !q.usesProjectSnippets() {
		return false
	}
	return q.isAuthor() || q.level >= gitlab.Maintainer
}

// usesProjectSnippets reports whether the project's setting lets the actor use its snippets at all.
func (q *question) usesProjectSnippets() bool {
	switch q.Container.Project.SnippetsAccessLevel {
	case gitlab.FeatureDisabled:
		return false
	case gitlab.FeaturePrivate:
		return q.level >= gitlab.Guest
	case gitlab.FeatureEnabled:
	}
	return true
}

// isAuthor reports whether the person wrote the snippet, whatever else he or she may do in its project now.
func (q *question) isAuthor() bool {
	return q.person != nil && q.person.ID == q.Container.Snippet.AuthorID
}
