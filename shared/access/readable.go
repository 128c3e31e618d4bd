package access

import "postern/shared/gitlab"

// projectReadable hides what the actor may not see. Deploy keys are held against the address list by a check of
// their own.
func projectReadable(q *question) verdict {
	ok := q.reads() && (q.Actor.DeployKey() || q.addressFits())
	return unless(ok, q.notFound())
}

// deployKeyAddress holds deploy keys against the address list.
func deployKeyAddress(q *question) verdict {
	return unless(!q.Actor.DeployKey() || q.addressAllowed(), q.notFound())
}

// visible reports whether the actor may know that the container is there. Checks that come before the one for it
// must not tell others.
func (q *question) visible() bool { return q.exists() && q.reads() && q.addressFits() }

// addressFits exempts administrators from the address lists.
func (q *question) addressFits() bool { return q.admin || q.addressAllowed() }

// reads reports whether the actor may see the project, or for a group's wiki the group.
func (q *question) reads() bool {
	switch {
	case q.Container.Project != nil:
		return q.sees(q.Container.Project.Visibility)
	case q.Container.Group != nil:
		return q.sees(q.Container.Group.Visibility)
	}
	return true
}

// sees reports whether the actor may see something that lies here and has a visibility.
func (q *question) sees(v gitlab.Visibility) bool {
	switch {
	case v == gitlab.Public:
		return true
	case q.Actor.DeployKey():
		return q.Link != nil
	case v == gitlab.Internal && q.insider():
		return true
	}
	return q.level >= gitlab.Guest
}

// noteMove remembers to tell the person that the repository has moved.
func noteMove(q *question) verdict {
	q.moved = q.Container.RedirectedPath != "" && q.person != nil
	return verdict{}
}

// containerExists hides nothing: it says that there is nothing.
func containerExists(q *question) verdict { return unless(q.exists(), q.notFound()) }

// repositoryExists rejects repositories that the storage does not have (git-family 6.14). Group wikis have no such flag.
func repositoryExists(q *question) verdict {
	project := q.project()
	switch {
	case q.kinds == snippets:
		return unless(q.Container.Snippet.HasRepository(), hidden(textNoSnippetRepository))
	case project == nil:
		return verdict{}
	case q.kinds == wikis:
		return unless(project.RepositoryExists && (project.HasWikiRepository() || q.makesWiki()), hidden(textNoWikiRepository))
	}
	return unless(project.RepositoryExists, hidden(textNoProjectRepository))
}

// makesWiki reports whether the request is a push that makes the missing repository of a wiki: any push with the right to write.
func (q *question) makesWiki() bool { return q.when == pushes && q.writesWiki() }
