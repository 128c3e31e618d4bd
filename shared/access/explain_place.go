package access

import (
	"fmt"
	"strings"

	"postern/shared/gitlab"
)

// What the checks of the place say of themselves.

// tellNamespace accounts for the path's form: a repository lies in a namespace.
func tellNamespace(q *question) Account {
	return Account{
		Looked: Facts{"path": q.AskedPath, "found": q.Container != nil},
		Change: fmt.Sprintf("a path with a namespace, such as group/project; is %q", q.AskedPath),
	}
}

// tellConfinement accounts for both directions: a login that is confined elsewhere, and a group that wants confined ones.
func tellConfinement(q *question) Account {
	a := Account{Looked: Facts{"actor": q.who(), "path": q.AskedPath, "confined_to": nil, "enforce_ssh_certificates": false}}
	root := q.chain().Root()
	if root != nil {
		a.Looked["enforce_ssh_certificates"] = root.EnforceSSHCertificates
	}
	switch {
	case q.isConfined():
		a.Looked["confined_to"] = q.NamespacePath
		a.Change = fmt.Sprintf("a repository in %s, to which the certificate is confined", q.NamespacePath)
	case root != nil:
		a.Change = fmt.Sprintf("a login with a certificate that %s trusts, or enforce_ssh_certificates of %s: false", root.Path, root.Path)
	}
	return a
}

// tellCreation accounts for a push to where nothing is. Anything else passes this check without a look.
func tellCreation(q *question) Account {
	if q.Container != nil || q.Changes != AnyChanges || q.AskedPath == "" {
		return Account{Looked: Facts{"found": q.Container != nil}}
	}
	a := Account{Looked: q.standing()}
	a.Looked["found"], a.Looked["path"], a.Looked["may_create"] = false, q.AskedPath, q.createsProjects()
	if parent := q.Parent.Parent(); parent != nil {
		a.Looked["namespace"], a.Looked["project_creation_level"] = q.Parent.FullPath(), parent.ProjectCreationLevel
	}
	if q.person != nil {
		a.Looked["can_create_project"], a.Looked["external"] = q.person.CanCreateProject, q.person.External
		a.Looked["projects_limit"] = q.person.ProjectsLimit
	}
	a.Change = "another path: " + strings.Join(ProjectPathProblems(q.newPath()), ", ")
	return a
}

// tellContainer says what is missing. Administrators alone read it: others must not learn what is there.
func tellContainer(q *question) Account {
	a := Account{Looked: Facts{"path": q.AskedPath, "repository": nil, "pending_delete": false}}
	if q.Container != nil {
		a.Looked["repository"] = q.Container.Repository.String()
	}
	switch project := q.project(); {
	case project != nil && project.PendingDelete:
		a.Looked["pending_delete"] = true
		a.Change = setting("pending_delete", q.where(), false, true)
	case q.kind == gitlab.GroupWikiRepository && q.Container != nil:
		a.Change = setting("edition", theInstance, "ee, which groups' wikis need", q.Instance.Edition)
	case q.AskedPath == "":
		a.Change = "a repository that is there"
	case q.when == pushes && q.kinds == projects:
		a.Change = fmt.Sprintf("a project at %s, or the right of %s to create it by this push", q.AskedPath, q.who())
	default:
		a.Change = "a project at " + q.AskedPath
	}
	return a
}

// tellReadable accounts for what hides a repository from the actor, the address it comes from included.
func tellReadable(q *question) Account {
	a := Account{Looked: q.standing()}
	a.Looked["visibility"], a.Looked["address"] = q.visibility(), q.CheckIP
	if q.Actor.DeployKey() {
		a.Looked["linked"] = q.Link != nil
	}
	switch {
	case q.reads():
		a.Change = q.addressNeeds()
	case q.Actor.DeployKey():
		a.Change = fmt.Sprintf("%s to be linked to %s, or a visibility of public; is %s", q.who(), q.where(), q.visibility())
	default:
		a.Change = q.actorNeeds(gitlab.Guest) + fmt.Sprintf("; or a wider visibility; is %s", q.visibility())
	}
	return a
}

// visibility is that of the project, or of a wiki's group.
func (q *question) visibility() gitlab.Visibility {
	if q.Container.Project != nil {
		return q.Container.Project.Visibility
	}
	if q.Container.Group != nil {
		return q.Container.Group.Visibility
	}
	return ""
}

// tellAddress accounts for the lists of the groups above.
func tellAddress(q *question) Account {
	a := Account{Looked: Facts{"actor": q.who(), "address": q.CheckIP, "ip_ranges": q.ranges()}}
	a.Change = q.addressNeeds()
	return a
}

// ranges lists the addresses that the namespaces above let in.
func (q *question) ranges() Facts {
	listed := Facts{}
	for i, chain := 0, q.chain(); i < len(chain); i++ {
		if len(chain[i].IPRanges) > 0 {
			listed[chain[:i+1].FullPath()] = chain[i].IPRanges
		}
	}
	return listed
}

// addressNeeds names the groups whose lists the address would have to be in.
func (q *question) addressNeeds() string {
	var lists []string
	for i, chain := 0, q.chain(); i < len(chain); i++ {
		if ranges := chain[i].IPRanges; len(ranges) > 0 && !withinRanges(q.CheckIP, ranges) {
			lists = append(lists, fmt.Sprintf("ip_ranges of %s (%s)", chain[:i+1].FullPath(), strings.Join(ranges, ", ")))
		}
	}
	return fmt.Sprintf("an address within %s; is %s", strings.Join(lists, " and "), q.CheckIP)
}

// tellMove never refuses; it says where the repository is now.
func tellMove(q *question) Account {
	return Account{Looked: Facts{"path": q.AskedPath, "is_now": q.where(), "moved": q.Container.RedirectedPath != ""}}
}

// tellRepository accounts for the repository that the storage has or has not.
func tellRepository(q *question) Account {
	project := q.project()
	if q.kinds == snippets {
		return q.explainStored("repository_exists", q.where(), q.Container.Snippet.HasRepository())
	}
	if project == nil {
		return Account{Looked: Facts{"project": nil}}
	}
	path := q.chain().FullPath(project.Path)
	if q.kinds == wikis && project.RepositoryExists {
		return q.explainStored("wiki_repository_exists", path, project.HasWikiRepository())
	}
	return q.explainStored("repository_exists", path, project.RepositoryExists)
}

// explainStored accounts for a flag that reports whether the storage has a repository.
func (q *question) explainStored(field, of string, exists bool) Account {
	return Account{
		Looked: Facts{field: exists, "storage": q.Container.Storage()},
		Change: setting(field, of, true, false),
	}
}

// tellSnippet tells a snippet that is not there from one that the actor may not see, as the answer itself does not.
func tellSnippet(q *question) Account {
	a := Account{
		Looked: Facts{"path": q.AskedPath, "found": q.exists(), "visible": q.visible()},
		Change: "a snippet that is there",
	}
	if q.exists() {
		a.Change = fmt.Sprintf("a snippet in a project that %s may see", q.who())
	}
	return a
}
