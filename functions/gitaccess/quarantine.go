package gitaccess

import (
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
)

// quarantine has the object directories of a push before its acceptance. They are relative to the repository that Gitaly named,
// which may be a snapshot of the clients' repository (internal API, allowed: env and relative_path).
type quarantine struct {
	relativePath string
	objects      string
	alternates   []string
}

// decodeQuarantine reads Gitaly's quarantine. An unreadable one counts as absent.
func decodeQuarantine(p *httpapi.Params) quarantine {
	var q quarantine
	q.relativePath, _ = p.Text("relative_path")
	q.objects, _ = p.Member("env", "GIT_OBJECT_DIRECTORY_RELATIVE").(string)
	alternates, _ := p.Member("env", "GIT_ALTERNATE_OBJECT_DIRECTORIES_RELATIVE").([]any)
	for _, entry := range alternates {
		if directory, ok := entry.(string); ok {
			q.alternates = append(q.alternates, directory)
		}
	}
	return q
}

// repository names a container to Gitaly, with the objects of the push.
func (q *quarantine) repository(c *gitlab.Container, storage string) gitaly.Repository {
	path := q.relativePath
	if path == "" {
		path = c.RelativePath()
	}
	return gitaly.Repository{
		Storage:                    storage,
		RelativePath:               path,
		ObjectDirectory:            q.objects,
		AlternateObjectDirectories: q.alternates,
		GLRepository:               c.Repository.String(),
		ProjectPath:                c.FullPath(),
	}
}
