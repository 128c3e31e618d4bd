package access

import (
	"fmt"

	"postern/shared/gitlab"
)

// What the checks of downloads and pushes say of themselves.

func tellDownload(q *question) Account {
	a := Account{Looked: q.standing()}
	switch q.kinds {
	case wikis:
		a.Looked["wiki_access_level"] = q.wikiFeature()
		a.Change = q.featureNeeds("wiki_access_level", q.wikiFeature(), gitlab.Guest)
		return a
	case snippets:
		return q.tellAuthor(a, gitlab.Guest)
	}
	project := q.Container.Project
	a.Looked["visibility"], a.Looked["repository_access_level"] = project.Visibility, project.RepositoryAccessLevel
	if q.Actor.DeployKey() {
		a.Looked["linked"] = q.Link != nil
	}
	a.Change = q.featureNeeds("repository_access_level", project.RepositoryAccessLevel, gitlab.Reporter)
	return a
}

// featureNeeds says what the use of a project's feature takes.
func (q *question) featureNeeds(name string, is gitlab.FeatureLevel, needed gitlab.AccessLevel) string {
	switch {
	case is == gitlab.FeatureDisabled:
		return setting(name, q.where(), gitlab.FeatureEnabled, is)
	case q.Actor.DeployKey():
		return fmt.Sprintf("%s to be linked to %s", q.who(), q.where())
	}
	return q.actorNeeds(needed)
}

// tellAuthor accounts for the rights on a snippet; needed is what a member of its project needs.
func (q *question) tellAuthor(a Account, needed gitlab.AccessLevel) Account {
	snippet := q.Container.Snippet
	a.Looked["author"], a.Looked["visibility"] = snippet.AuthorID, snippet.Visibility
	a.Change = fmt.Sprintf("the author, user %d, or an administrator; is %s", snippet.AuthorID, q.who())
	if project := q.Container.Project; project != nil {
		a.Looked["snippets_access_level"], a.Looked["archived"] = project.SnippetsAccessLevel, project.Archived
		a.Change += "; or " + q.featureNeeds("snippets_access_level", project.SnippetsAccessLevel, needed)
	}
	return a
}

func tellReadOnly(q *question) Account {
	project := q.project()
	return Account{
		Looked: Facts{"repository_read_only": project != nil && project.RepositoryReadOnly},
		Change: setting("repository_read_only", q.where(), false, true),
	}
}

func tellArchived(q *question) Account {
	project := q.project()
	return Account{
		Looked: Facts{"archived": project != nil && project.Archived},
		Change: setting("archived", q.where(), false, true),
	}
}

func tellPush(q *question) Account {
	a := Account{Looked: q.standing()}
	switch q.kinds {
	case wikis:
		a.Looked["wiki_access_level"] = q.wikiFeature()
		a.Change = q.featureNeeds("wiki_access_level", q.wikiFeature(), gitlab.Developer)
		return a
	case snippets:
		return q.tellAuthor(a, gitlab.Maintainer)
	}
	level := q.Container.Project.RepositoryAccessLevel
	a.Looked["repository_access_level"], a.Looked["changes_known"] = level, q.Changes != AnyChanges
	a.Looked["collaborations"] = q.Collaborations
	a.Change = q.featureNeeds("repository_access_level", level, gitlab.Developer)
	return a
}

// tellChanges accounts for a push without changes to judge; steps of their own tell of the others.
func tellChanges(q *question) Account {
	return Account{Looked: Facts{"known": q.Changes != AnyChanges, "refs": len(q.Refs)}}
}
