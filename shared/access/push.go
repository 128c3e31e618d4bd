package access

import "postern/shared/gitlab"

// repositoryWritable refuses pushes to a repository that is just being moved to another storage.
func repositoryWritable(q *question) verdict {
	project := q.project()
	return unless(project == nil || !project.RepositoryReadOnly, denied(textRepositoryReadOnly))
}

// notArchived refuses pushes to projects that are kept for reading.
func notArchived(q *question) verdict {
	project := q.project()
	return unless(project == nil || !project.Archived, denied(textArchived))
}

// deployKeyWrites refuses deploy keys that are not linked to the project, or linked for reading only.
func deployKeyWrites(q *question) verdict {
	ok := !q.Actor.DeployKey() || (q.Link != nil && q.Link.CanPush)
	return unless(ok, denied(textDeployKeyWrite))
}

// uploaderKnown refuses pushes by nobody.
func uploaderKnown(q *question) verdict {
	if q.person != nil || q.Actor.DeployKey() {
		return verdict{}
	}
	if q.kinds == snippets {
		return denied(textUpdateSnippet)
	}
	return denied(textUpload)
}

// mayPush asks for the right to push. For a project that is asked here only while the changes are not known; they
// are then judged one by one. A push without changes has none to judge.
//
// It also rejects a push whose list of changes cannot be stored, since the changes of every kind of repository are stored.
func mayPush(q *question) verdict {
	v := q.pushPermitted()
	if v == (verdict{}) && q.Large {
		return denied(gitlab.ManyChangesMessage(len(q.Refs)))
	}
	return v
}

// pushPermitted asks for the right to push alone.
func (q *question) pushPermitted() verdict {
	switch q.kinds {
	case wikis:
		return unless(q.writesWiki(), denied(q.wikiRefusal()))
	case snippets:
		return unless(q.updatesSnippet(), denied(textUpdateSnippet))
	}
	return unless(q.Changes != AnyChanges || q.pushesCode(), denied(textPush))
}

// pushesCode: deploy keys (whether they may write here has been asked), developers up, and those who are invited by
// a merge request. The invitation is to one branch; which one is pushed to is not known yet.
func (q *question) pushesCode() bool {
	if q.Container.Project.RepositoryAccessLevel == gitlab.FeatureDisabled {
		return false
	}
	return q.Actor.DeployKey() || q.level >= gitlab.Developer || len(q.Collaborations) > 0
}

// writesWiki: deploy keys and developers up. A wiki's changes are not judged one by one, so this is asked on every
// push, whatever its changes are.
func (q *question) writesWiki() bool {
	if q.wikiFeature() == gitlab.FeatureDisabled {
		return false
	}
	return q.Actor.DeployKey() || q.level >= gitlab.Developer
}

// wikiRefusal names whose wiki it is.
func (q *question) wikiRefusal() string {
	if q.kind == gitlab.GroupWikiRepository {
		return textWriteGroupWiki
	}
	return textWriteWiki
}
