package access

import (
	"strings"

	"postern/shared/gitlab"
)

// createOnPush lets a push to a path where nothing is create the project, for people who may create one there. For
// everybody else nothing is there. Only the announcement of a push creates: Gitaly's call comes when there is a
// repository already.
func createOnPush(q *question) verdict {
	if q.Container != nil || q.Changes != AnyChanges || q.AskedPath == "" || !q.createsProjects() {
		return verdict{}
	}
	if problems := ProjectPathProblems(q.newPath()); len(problems) > 0 {
		return couldNotCreate(problems)
	}
	return verdict{outcome: CreateProject, status: 200}
}

// newPath returns the last segment of the path asked for.
func (q *question) newPath() string { return q.AskedPath[strings.LastIndexByte(q.AskedPath, '/')+1:] }

// creationLevels are the levels that may create projects in a group, by the group's setting. The settings that are
// not here let no member do it.
var creationLevels = map[gitlab.ProjectCreationLevel]gitlab.AccessLevel{
	gitlab.CreationOwner:      gitlab.Owner,
	gitlab.CreationMaintainer: gitlab.Maintainer,
	gitlab.CreationDeveloper:  gitlab.Developer,
}

// createsProjects reports whether the person may create projects in the parent namespace. The limit on projects
// concerns a person's own namespace only.
func (q *question) createsProjects() bool {
	parent := q.Parent.Parent()
	switch {
	case q.person == nil || parent == nil || parent.ProjectCreationLevel == gitlab.CreationNoOne:
		return false
	case q.admin:
		return true
	case !q.person.CanCreateProject || q.person.External:
		return false
	case parent.Kind == gitlab.UserNamespace:
		return q.ownsNamespace() && q.person.ProjectsLimit > 0
	}
	needed, ok := creationLevels[parent.ProjectCreationLevel]
	return ok && q.level >= needed
}

// onceCreated checks the push again as it will be when the project is there, and gives that answer unless the push
// is allowed: a project that its creator cannot push to is not created.
func (q *question) onceCreated(d Decision) Decision {
	later := *q.Request
	later.Container = &gitlab.Container{
		Repository: gitlab.Repository{Kind: gitlab.ProjectRepository},
		Project: &gitlab.Project{
			NamespaceID:      q.Parent.Parent().ID,
			Path:             q.newPath(),
			Visibility:       gitlab.Private,
			RepositoryExists: true,
		},
		Chain: q.Parent,
	}
	then := newQuestion(&later).answer()
	if then.Outcome != Allowed {
		return then
	}
	if q.Explain {
		d.Trail = append(d.Trail, then.Trail.after(d.Trail[len(d.Trail)-1].Name)...)
	}
	return d
}

// CouldNotCreate is the decision on a push whose project could not be created, for reasons that read like those of
// ProjectPathProblems.
func CouldNotCreate(problems []string) Decision {
	d := Decision{}
	d.end("project_creation", couldNotCreate(problems))
	return d
}

// couldNotCreate is told to those who may create there: the path is what is wrong.
func couldNotCreate(problems []string) verdict {
	return verdict{outcome: Denied, status: 422, message: textCouldNotCreate + strings.Join(problems, ", ")}
}
