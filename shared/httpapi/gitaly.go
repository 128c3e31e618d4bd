package httpapi

import "postern/shared/gitlab"

// GitalyServer is the server that has a repository, as clients are told of it (internal API, allowed and agent_info).
type GitalyServer struct {
	Address  string            `json:"address"`
	Token    *string           `json:"token"`
	Features map[string]string `json:"features"` // never null
}

// GitalyRepository names a repository as Gitaly's protocol does. What belongs to a push that is under way stays empty:
// whoever is told this has not begun one.
type GitalyRepository struct {
	StorageName                   string   `json:"storage_name"`
	RelativePath                  string   `json:"relative_path"`
	GitObjectDirectory            string   `json:"git_object_directory"`
	GitAlternateObjectDirectories []string `json:"git_alternate_object_directories"`
	GLRepository                  string   `json:"gl_repository"`
	GLProjectPath                 string   `json:"gl_project_path"`
}

// Gitaly says which server has a container's repository, and what it is called there.
func Gitaly(storage gitlab.Storage, c *gitlab.Container) (GitalyServer, GitalyRepository) {
	features := storage.Features
	if features == nil {
		features = map[string]string{}
	}
	return GitalyServer{Address: storage.Address, Token: storage.Token, Features: features}, GitalyRepository{
		StorageName:                   storage.Name,
		RelativePath:                  c.RelativePath(),
		GitAlternateObjectDirectories: []string{},
		GLRepository:                  c.Repository.String(),
		GLProjectPath:                 c.FullPath(),
	}
}
