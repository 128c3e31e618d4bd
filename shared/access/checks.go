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
}

func (c *check) concerns(q *question) bool { return c.kinds&q.kinds != 0 && c.when&q.when != 0 }

// checks is the table of all checks. Its order is the order of the answers (internal API, allowed).
//
// Not in it: smartcards, commands disabled over HTTP, Geo, storage limits and licenses that block pushes, because
// nothing in the directory sets them.
var checks = []check{
	{"rate_limit", everything, always, withinRateLimit, "Checking the rate limit"},
	{"design_protocol", designs, always, designsOnWebOnly, "Checking the protocol"},
	{"design_permission", designs, always, mayManageDesigns, "Checking if you are allowed to manage designs"},
	{"snippet_exists", snippets, always, snippetExists, "Checking if the snippet exists"},
	{"maintenance_mode", repositories, pushes, outsideMaintenance, "Checking for maintenance mode"},
	{"two_factor", repositories, always, oneTimePassword, "Checking your one-time password"},
	{"protocol", repositories, always, protocolEnabled, "Checking the protocol"},
	{"actor_supported", snippets, always, actorSupported, "Checking how you logged in"},
	{"key_valid", repositories, always, keyValid, "Checking your key"},
	{"user_may_use_git", repositories, always, userMayUseGit, "Checking your account"},
	{"command_known", repositories, always, commandKnown, "Checking the command"},
	{"instance_writable", repositories, pushes, instanceWritable, "Checking if the instance is read-only"},
	{"namespace_given", projects, always, namespaceGiven, "Checking the path"},
	{"namespace_access", repositories, always, namespaceAccess, "Checking the namespace"},
	{"project_creation", projects, pushes, createOnPush, "Checking if the project can be created"},
	{"container_exists", projects | wikis, always, containerExists, "Checking if the repository is known"},
	{"project_readable", projects | wikis, always, projectReadable, "Checking if you are allowed to see the project"},
	{"deploy_key_address", projects | wikis, always, deployKeyAddress, "Checking the address of the deploy key"},
	{"moved", repositories, always, noteMove, "Checking if the repository has moved"},
	{"repository_exists", projects | wikis, always, repositoryExists, "Checking if the repository exists"},
	{"download_permission", repositories, downloads, mayDownload, "Checking if you are allowed to download"},
	{"repository_writable", projects | wikis, pushes, repositoryWritable, "Checking if the repository is read-only"},
	{"not_archived", projects | wikis, pushes, notArchived, "Checking if the project is archived"},
	{"deploy_key_write_access", projects | wikis, pushes, deployKeyWrites, "Checking the deploy key's write access"},
	{"uploader_known", repositories, pushes, uploaderKnown, "Checking who pushes"},
	{"push_permission", repositories, pushes, mayPush, sayPush},
	{"changes", projects | snippets, pushes, changesAllowed, "Running checks for the pushed changes"},
	{"sso_session", repositories, always, ssoSession, "Checking your SSO session"},
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
