package pushes

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// ReserveMergeRequest sets the next number of a project's merge requests aside. The counter begins at 1; where a document has
// brought merge requests of higher numbers, it goes on after the highest.
func (s *Pushes) ReserveMergeRequest(ctx context.Context, project gitlab.ID) (gitlab.ID, error) {
	kind := "merge_request#" + table.ID(project)
	for {
		iid, err := s.records.NextID(ctx, kind)
		if err != nil {
			return 0, err
		}
		// Documents bring merge requests of any number, and the counter knows nothing of them until it meets one.
		found, err := s.db.Get(ctx, []table.Key{layout.MergeRequestKey(project, iid)})
		if err != nil || len(found) == 0 {
			return iid, err
		}
		if err := s.passMergeRequests(ctx, kind, project, iid); err != nil {
			return 0, err
		}
	}
}

// passMergeRequests moves the counter behind the highest number that is taken.
func (s *Pushes) passMergeRequests(ctx context.Context, kind string, project, seen gitlab.ID) error {
	highest := seen
	prefix := layout.MergeRequestKey(project, 0)
	prefix.SK = prefix.SK[:len(prefix.SK)-1]
	err := s.db.Query(ctx, prefix.PK, prefix.SK, func(item table.Item) error {
		highest = max(highest, table.Integer(item, "iid"))
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.db.WriteIf(ctx, table.Write{ // another request may have moved it further, which is as good
		Verb: table.Update, Key: layout.CounterKey(kind), Update: "SET n = :highest", If: "n < :highest",
		Values: table.Item{":highest": table.Number(highest)},
	})
	return err
}
