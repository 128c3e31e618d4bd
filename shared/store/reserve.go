package store

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// ReserveMergeRequest sets the next number of a project's merge requests aside. The counter begins at 1; where a document has
// brought merge requests of higher numbers, it goes on after the highest.
func (s *Store) ReserveMergeRequest(ctx context.Context, project gitlab.ID) (gitlab.ID, error) {
	kind := "merge_request#" + num(project)
	for {
		iid, err := s.NextID(ctx, kind)
		if err != nil {
			return 0, err
		}
		// Documents bring merge requests of any number, and the counter knows nothing of them until it meets one.
		found, err := s.batchGet(ctx, []Key{mergeRequestKey(project, iid)})
		if err != nil || len(found) == 0 {
			return iid, err
		}
		if err := s.passMergeRequests(ctx, kind, project, iid); err != nil {
			return 0, err
		}
	}
}

// passMergeRequests moves the counter behind the highest number that is taken.
func (s *Store) passMergeRequests(ctx context.Context, kind string, project, seen gitlab.ID) error {
	highest := seen
	prefix := mergeRequestKey(project, 0)
	prefix.SK = prefix.SK[:len(prefix.SK)-1]
	err := s.query(ctx, prefix.PK, prefix.SK, func(item Item) error {
		highest = max(highest, integer(item, "iid"))
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.db.WriteIf(ctx, table.Write{ // another request may have moved it further, which is as good
		Verb: table.Update, Key: counterKey(kind), Update: "SET n = :highest", If: "n < :highest",
		Values: Item{":highest": number(highest)},
	})
	return err
}
