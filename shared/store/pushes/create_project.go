package pushes

import (
	"context"
	"errors"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// ErrLimit says that a user may not have one more project of their own.
var ErrLimit = errors.New("store: limit reached")

// NewProject is a private project to be created by a push.
type NewProject struct {
	Path    string       // one segment
	Parent  gitlab.Chain // the namespace it is created in, and those above it
	Creator *gitlab.User
}

// CreateProject creates an empty private project with an id of the service's own, whose repository is due. ErrConflict says
// that its path is taken or its namespace gone, ErrLimit that the creator's personal namespace is full. Two pushes at once
// create one project: the second is told of the conflict.
func (s *Pushes) CreateProject(ctx context.Context, p NewProject) (*gitlab.Container, error) {
	if err := s.CheckProjectLimit(ctx, p); err != nil {
		return nil, err
	}
	parent := p.Parent.Parent()
	// An id that is then not used is lost, which is better than one that two projects have.
	n, err := s.records.NextID(ctx, layout.KindProject)
	if err != nil {
		return nil, err
	}
	id := record.FirstID + n
	project := record.PlacedProject{
		Project: gitlab.DefaultProject(),
		Place:   record.Place{}.Moved(p.Parent.IDs(), p.Parent.FullPath(p.Path)),
	}
	project.ID, project.NamespaceID = id, parent.ID
	project.Path, project.Name, project.EmptyRepo, project.RepositoryDue = p.Path, p.Path, true, true
	project.WikiRepositoryExists = new(bool)
	if err := s.records.Apply(ctx, record.Change{New: record.ProjectRecord(&project)}); err != nil {
		return nil, err
	}
	return &gitlab.Container{
		Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: id},
		Project:    &project.Project,
		Chain:      p.Parent,
	}, nil
}

// Repositories are the repositories of a project.
type Repositories struct{ Code, Wiki bool }

// RepositoriesMade notes that the storage has made repositories of a project. A project that is not found is no error.
func (s *Pushes) RepositoriesMade(ctx context.Context, project gitlab.ID, made Repositories) error {
	w := table.Write{Verb: table.Update, Key: layout.ProjectKey(project), If: table.Present}
	set, drop := "", []string{}
	if made.Wiki {
		set, drop = "SET wiki_made = :true ", append(drop, "wiki_repository_exists")
		w.Values = table.Item{":true": table.Bool(true)}
	}
	if made.Code {
		drop = append(drop, "repository_due")
	}
	if len(drop) == 0 {
		return nil
	}
	w.Update = set + "REMOVE " + strings.Join(drop, ", ")
	_, err := s.db.WriteIf(ctx, w)
	return err
}

// CheckProjectLimit counts the projects of a personal namespace and returns ErrLimit when there is no room for one more. It
// is not exact under pushes that create at the same time, which a limit on somebody's own projects need not be.
func (s *Pushes) CheckProjectLimit(ctx context.Context, p NewProject) error {
	parent := p.Parent.Parent()
	if parent.Kind != gitlab.UserNamespace {
		return nil
	}
	namespace, limit, count := parent.ID, p.Creator.ProjectsLimit, int64(0)
	err := s.db.Query(ctx, layout.NamespaceKey(namespace).PK, layout.ChildKey(namespace, "").SK, func(table.Item) error {
		if count++; count >= limit {
			return ErrLimit
		}
		return nil
	})
	if err == nil && limit <= 0 {
		return ErrLimit
	}
	return err
}
