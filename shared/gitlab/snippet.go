package gitlab

// Snippet is a small repository of a user, or of a project.
type Snippet struct {
	// number of the snippet
	ID ID `json:"id" directory:"required"`
	// project; null: a personal snippet
	ProjectID *ID `json:"project_id,omitempty"`
	// author
	AuthorID ID `json:"author_id" directory:"required"`
	// visibility of the snippet
	Visibility Visibility `json:"visibility,omitempty"`
	// default branch
	DefaultBranch string `json:"default_branch,omitempty"`
	// storage of the repository; empty: the instance's default
	Storage string `json:"storage,omitempty"`
	// repository exists on the storage; null: true
	RepositoryExists *bool `json:"repository_exists,omitempty"`
	// repository has no branch yet
	EmptyRepo bool `json:"empty_repo,omitempty"`

	// Filled reports that a push has filled the repository. Kept by the service.
	Filled bool `json:"filled,omitempty" directory:"-"`
	// HeadDue is the default branch that HEAD has to be set to on the storage, "" once it is. Kept by the service.
	HeadDue string `json:"head_due,omitempty" directory:"-"`
}

// HasRepository reports whether the storage has the repository of the snippet.
func (s *Snippet) HasRepository() bool { return s.RepositoryExists == nil || *s.RepositoryExists }

// HeadDue returns the branch that HEAD of the container's repository has to be set to, "" for none.
func (c *Container) HeadDue() string {
	switch {
	case c.Repository.Kind == SnippetRepository && c.Snippet != nil:
		return c.Snippet.HeadDue
	case c.Repository.Kind == ProjectRepository && c.Project != nil:
		return c.Project.HeadDue
	}
	return ""
}
