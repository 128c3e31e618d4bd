package gitaccess

import (
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
)

// quarantine is where the objects of a push lie until it is accepted, relative to the repository that Gitaly named, which
// may be a snapshot of the one that clients name (internal API, allowed: env and relative_path).
type quarantine struct {
	relativePath string
	objects      string
	alternates   []string
}

// decodeQuarantine reads what Gitaly tells of the quarantine; what cannot be read is taken as not told.
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

// repository names a container as Gitaly does, with the objects of the push.
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
