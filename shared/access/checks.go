package access

import "postern/shared/gitlab"

// kinds is a set of kinds of repositories.
type kinds uint8

const (
	projects kinds = 1 << iota
	wikis
	snippets
	designs

	repositories = projects | wikis | snippets // designs have checks of their own
	everything   = repositories | designs
)

// actions is a set of what a request may want. Anything but a push counts as a download: the command is checked.
type actions uint8

const (
	downloads actions = 1 << iota
	pushes

	always = downloads | pushes
)

// check is one row of the table: for which repositories and actions it is made, and what it says while it runs.
type check struct {
	name  string
	kinds kinds
	when  actions
	run   func(q *question) verdict
	says  string
	tell  func(q *question) Account // to somebody who asks why
}

func (c *check) concerns(q *question) bool { return c.kinds&q.kinds != 0 && c.when&q.when != 0 }

// checks is the table of all checks. Its order is the order of the answers (internal API, allowed).
//
// Not in it: smartcards, commands disabled over HTTP, Geo, storage limits and licenses that block pushes, because
// nothing in the directory sets them.
var checks = []check{
	{"rate_limit", everything, always, withinRateLimit, "Checking the rate limit", tellRateLimit},
	{"design_protocol", designs, always, designsOnWebOnly, "Checking the protocol", tellDesignProtocol},
	{"design_permission", designs, always, mayManageDesigns, "Checking if you are allowed to manage designs", tellDesigns},
	{"snippet_exists", snippets, always, snippetExists, "Checking if the snippet exists", tellSnippet},
	{"maintenance_mode", repositories, pushes, outsideMaintenance, "Checking for maintenance mode", tellMaintenance},
	{"two_factor", repositories, always, oneTimePassword, "Checking your one-time password", tellTwoFactor},
	{"protocol", repositories, always, protocolEnabled, "Checking the protocol", tellProtocol},
	{"actor_supported", snippets, always, actorSupported, "Checking how you logged in", tellActor},
	{"key_valid", repositories, always, keyValid, "Checking your key", tellKey},
	{"user_may_use_git", repositories, always, userMayUseGit, "Checking your account", tellAccount},
	{"command_known", repositories, always, commandKnown, "Checking the command", tellCommand},
	{"instance_writable", repositories, pushes, instanceWritable, "Checking if the instance is read-only", tellWritable},
	{"namespace_given", projects, always, namespaceGiven, "Checking the path", tellNamespace},
	{"namespace_access", repositories, always, namespaceAccess, "Checking the namespace", tellConfinement},
	{"project_creation", projects, pushes, createOnPush, "Checking if the project can be created", tellCreation},
	{"container_exists", projects | wikis, always, containerExists, "Checking if the repository is known", tellContainer},
	{"project_readable", projects | wikis, always, projectReadable, "Checking if you are allowed to see the project", tellReadable},
	{"deploy_key_address", projects | wikis, always, deployKeyAddress, "Checking the address of the deploy key", tellAddress},
	{"moved", repositories, always, noteMove, "Checking if the repository has moved", tellMove},
	{"repository_exists", repositories, always, repositoryExists, "Checking if the repository exists", tellRepository},
	{"download_permission", repositories, downloads, mayDownload, "Checking if you are allowed to download", tellDownload},
	{"repository_writable", projects | wikis, pushes, repositoryWritable, "Checking if the repository is read-only", tellReadOnly},
	{"not_archived", projects | wikis, pushes, notArchived, "Checking if the project is archived", tellArchived},
	{"deploy_key_write_access", projects | wikis, pushes, deployKeyWrites, "Checking the deploy key's write access", tellLink},
	{"uploader_known", repositories, pushes, uploaderKnown, "Checking who pushes", tellUploader},
	{"push_permission", repositories, pushes, mayPush, sayPush, tellPush},
	{"changes", projects | snippets, pushes, changesAllowed, "Running checks for the pushed changes", tellChanges},
	{"sso_session", repositories, always, ssoSession, "Checking your SSO session", tellSSO},
}

// kindsOf returns the set of the one kind.
func kindsOf(kind gitlab.RepositoryKind) kinds {
	switch kind {
	case gitlab.WikiRepository, gitlab.GroupWikiRepository:
		return wikis
	case gitlab.SnippetRepository:
		return snippets
	case gitlab.DesignRepository:
		return designs
	case gitlab.ProjectRepository:
	}
	return projects
}
