package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// FirstID is where the ids begin that the service gives out, far from those that directory documents use.
const FirstID gitlab.ID = 1_000_000_000_000

// ErrLimit says that a user may not have one more project of their own.
var ErrLimit = errors.New("store: limit reached")

// NewProject is a private project to be created by a push.
type NewProject struct {
	Path    string       // one segment
	Parent  gitlab.Chain // the namespace it is created in, and those above it
	Creator *gitlab.User
}

// CreateProject creates an empty private project with an id of the service's own. ErrConflict says that its path is
// taken or its namespace gone, ErrLimit that the creator's personal namespace is full. Two pushes at once create one
// project: the second is told of the conflict.
func (s *Store) CreateProject(ctx context.Context, n NewProject) (*gitlab.Container, error) {
	parent := n.Parent.Parent()
	if parent.Kind == gitlab.UserNamespace {
		if err := s.checkLimit(ctx, parent.ID, n.Creator.ProjectsLimit); err != nil {
			return nil, err
		}
	}
	id, err := s.nextID(ctx, kindProject)
	if err != nil {
		return nil, err
	}
	project := PlacedProject{
		Project: gitlab.Project{
			ID: id, NamespaceID: parent.ID, Path: n.Path, Name: n.Path,
			Visibility: gitlab.Private, DefaultBranch: "main", EmptyRepo: true, RepositoryExists: true,
			LFSEnabled:            true,
			RepositoryAccessLevel: gitlab.FeatureEnabled, WikiAccessLevel: gitlab.FeatureEnabled,
			SnippetsAccessLevel: gitlab.FeatureEnabled, MergeRequestsAccessLevel: gitlab.FeatureEnabled,
			PrintingMergeRequestLinkEnabled: true,
		},
		Place: Place{}.Moved(n.Parent.IDs(), n.Parent.FullPath(n.Path)),
	}
	if err := s.Apply(ctx, Change{New: ProjectRecord(&project)}); err != nil {
		return nil, err
	}
	return &gitlab.Container{
		Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: id},
		Project:    &project.Project,
		Chain:      n.Parent,
	}, nil
}

// checkLimit counts the projects of a personal namespace. It is not exact under pushes that create at the same time,
// which a limit on somebody's own projects need not be.
func (s *Store) checkLimit(ctx context.Context, namespace gitlab.ID, limit int64) error {
	count := int64(0)
	err := s.query(ctx, namespaceKey(namespace).PK, childKey(namespace, "").SK, func(Item) error {
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

// nextID gives out an id once and never again. An answer that is lost loses the id.
func (s *Store) nextID(ctx context.Context, kind string) (gitlab.ID, error) {
	update := "ADD n :one"
	out, err := s.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &s.table,
		Key:                       counterKey(kind).item(),
		UpdateExpression:          &update,
		ExpressionAttributeValues: Item{":one": number(1)},
		ReturnValues:              types.ReturnValueUpdatedNew,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return 0, failed("UpdateItem", err)
	}
	countWrite(ctx, out.ConsumedCapacity)
	n := integer(out.Attributes, "n")
	if n <= 0 {
		return 0, fmt.Errorf("store: counter of %s ids is broken", kind)
	}
	return FirstID + n, nil
}
