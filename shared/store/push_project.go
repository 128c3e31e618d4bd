package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// applyPushToProject writes that a project and the pusher have been active, and what the first push makes of a project.
// Each of these writes says for itself when there is nothing left to do, so that all may be repeated in any order.
func (s *Store) applyPushToProject(ctx context.Context, p *gitlab.Push) error {
	if err := s.fillRepository(ctx, p); err != nil {
		return err
	}
	at := p.At.UTC().Format(time.RFC3339) // of one width, so that texts compare as times do
	if err := s.touch(ctx, projectKey(p.Repository.ID), "last_activity_at", at, at); err != nil {
		return err
	}
	// Not everybody who pushes is a user.
	if p.UserID == 0 {
		return nil
	}
	day, before := gitlab.DateOf(p.At), gitlab.DateOf(p.At.Add(-usedEvery))
	return s.touch(ctx, userKey(p.UserID), "last_activity_on", string(day), string(before))
}

// fillRepository notes that a repository is not empty any more, and its default branch, when a push creates branches in an
// empty one.
func (s *Store) fillRepository(ctx context.Context, p *gitlab.Push) error {
	var created []string
	for i := range p.Changes {
		if name, ok := p.Changes[i].Branch(); ok && p.Changes[i].Creates() {
			created = append(created, name)
		}
	}
	if len(created) == 0 {
		return nil
	}
	k := projectKey(p.Repository.ID)
	found, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return err
	}
	var project gitlab.Project
	// A project that is gone decodes to one that is not empty.
	if err := decode(found[k], &project); err != nil || !project.EmptyRepo {
		return err
	}
	branch := firstDefaultBranch(project.DefaultBranch, created)
	update, condition := "REMOVE empty_repo, repository_due SET default_branch = :branch", "empty_repo = :true"
	err = s.update(ctx, &dynamodb.UpdateItemInput{
		Key: k.item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeValues: Item{":branch": textValue(branch), ":true": &types.AttributeValueMemberBOOL{Value: true}},
	})
	return err
}

// firstDefaultBranch chooses the default branch of a repository that was empty: the one that the project names if it was
// created, the only one, or one of the usual names.
func firstDefaultBranch(named string, created []string) string {
	for _, name := range []string{named, "main", "master"} {
		if slices.Contains(created, name) && (name == named || len(created) > 1) {
			return name
		}
	}
	return created[0]
}

// update updates an item under a condition, again while a transaction holds the item. A condition that fails is no error:
// there is nothing to update then.
func (s *Store) update(ctx context.Context, in *dynamodb.UpdateItemInput) error {
	in.TableName, in.ReturnConsumedCapacity = &s.table, types.ReturnConsumedCapacityTotal
	for attempt := 0; ; attempt++ {
		out, err := s.api.UpdateItem(ctx, in)
		var busy *types.TransactionConflictException
		if errors.As(err, &busy) && attempt+1 < attempts && backoff(ctx, attempt) == nil {
			continue
		}
		switch err = failed("UpdateItem", err); {
		case errors.Is(err, ErrConflict):
			countWrite(ctx, nil)
			return nil
		case err != nil:
			return err
		}
		countWrite(ctx, out.ConsumedCapacity)
		return nil
	}
}
