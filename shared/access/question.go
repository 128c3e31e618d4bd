package access

import (
	"slices"

	"postern/shared/gitlab"
)

// question is a request with what several checks need to know of it.
type question struct {
	*Request
	kind   gitlab.RepositoryKind
	kinds  kinds
	when   actions
	person *gitlab.User // nil for a deploy key, a key without owner, and nobody
	admin  bool
	level  gitlab.AccessLevel

	// Noted on the way: the person is to be told of the move; what Gitaly has to be asked; steps that stand for a check's own.
	moved bool
	ask   Ask
	steps Trail
}

// newQuestion gathers what can be told before the first check. It judges nothing.
func newQuestion(r *Request) *question {
	q := &question{Request: r, kind: r.Asked, when: downloads, person: r.Actor.Person()}
	if r.Container != nil {
		q.kind = r.Container.Repository.Kind
	}
	if r.Action == ReceivePack {
		q.when = pushes
	}
	q.kinds = kindsOf(q.kind)
	q.admin = q.person != nil && q.person.Admin
	q.level = q.effectiveLevel()
	return q
}

// effectiveLevel returns the highest level that the person holds here, whatever it comes from: levels are inherited
// from the namespaces above, and a lower one in the project does not take a higher one away.
func (q *question) effectiveLevel() gitlab.AccessLevel {
	return q.levelOf(q.person, q.Members)
}

// levelOf returns the highest level that a user holds here.
func (q *question) levelOf(user *gitlab.User, members []gitlab.Member) gitlab.AccessLevel {
	return Level(user, q.chain(), members, q.Now)
}

// ownsNamespace reports whether the place is in the person's own namespace.
func (q *question) ownsNamespace() bool { return owns(q.person, q.chain()) }

// chain returns the namespaces of what is asked for: those above the container, or where it would be created.
func (q *question) chain() gitlab.Chain {
	if q.Container != nil {
		return q.Container.Chain
	}
	return q.Parent
}

// project returns the project that the repository belongs to, or nil.
func (q *question) project() *gitlab.Project {
	if q.Container == nil {
		return nil
	}
	return q.Container.Project
}

// exists reports whether there is something to ask for. A project that is being deleted is gone already, and groups
// have wikis only under the license.
func (q *question) exists() bool {
	c := q.Container
	switch {
	case c == nil || (c.Project != nil && c.Project.PendingDelete):
		return false
	case q.kind == gitlab.GroupWikiRepository:
		return c.Group != nil && q.Instance.Licensed()
	case q.kind == gitlab.SnippetRepository:
		return c.Snippet != nil
	}
	return c.Project != nil
}

// insider reports whether the person is a logged-in user for whom internal things are meant.
func (q *question) insider() bool { return isInsider(q.person) }

// isInsider reports the same of any user.
func isInsider(user *gitlab.User) bool { return user != nil && user.Active() && !user.External }

// human reports whether the actor is a person of flesh and blood: rules on how to log in concern only those.
func (q *question) human() bool { return q.person != nil && q.person.UserType == gitlab.UserHuman }

// notFound is the answer for what is not there, and for what must look so.
func (q *question) notFound() verdict {
	switch q.kinds {
	case wikis:
		return hidden(textNoWiki)
	case snippets:
		return hidden(textNoSnippet)
	}
	return hidden(textNoProject)
}

// userTypes lists the accounts that may use git: people, and the bots that are made to.
var userTypes = []gitlab.UserType{
	gitlab.UserHuman, "project_bot", "service_user", "service_account", "placeholder",
	"migration_bot", "security_bot", "security_policy_bot",
}

// mayUseGit reports whether accounts of a type are meant to use git at all.
func mayUseGit(t gitlab.UserType) bool { return slices.Contains(userTypes, t) }
