package access

import "postern/shared/gitlab"

// mayDownload refuses those who see the project but not what is in the repository.
func mayDownload(q *question) verdict {
	switch q.kinds {
	case wikis:
		return unless(q.readsWiki(), denied(textDownloadWiki))
	case snippets:
		return unless(q.readsSnippet(), denied(textReadSnippet))
	}
	return unless(q.downloadsCode(), denied(textDownloadProject))
}

// downloadsCode: everybody who sees a project that is not private, unless its repository is for members. Guests are
// no members here: they see a private project, its issues for instance, but not its code. A repository that is
// switched off is so for administrators, too.
func (q *question) downloadsCode() bool {
	project := q.Container.Project
	membersOnly := project.RepositoryAccessLevel == gitlab.FeaturePrivate
	switch {
	case project.RepositoryAccessLevel == gitlab.FeatureDisabled:
		return false
	case q.Actor.DeployKey():
		return q.Link != nil || (project.Visibility == gitlab.Public && !membersOnly)
	case membersOnly || project.Visibility == gitlab.Private:
		return q.level >= gitlab.Reporter
	}
	return true
}

// wikiFeature returns who may use the wiki; groups have no setting for theirs.
func (q *question) wikiFeature() gitlab.FeatureLevel {
	if q.Container.Project == nil {
		return gitlab.FeatureEnabled
	}
	return q.Container.Project.WikiAccessLevel
}

// readsWiki: everybody who sees the project, or its members from guest up. A deploy key's link makes it one of them.
func (q *question) readsWiki() bool {
	switch q.wikiFeature() {
	case gitlab.FeatureDisabled:
		return false
	case gitlab.FeaturePrivate:
		return q.Link != nil || q.level >= gitlab.Guest
	case gitlab.FeatureEnabled:
	}
	return true
}
