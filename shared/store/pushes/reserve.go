package pushes

import (
	"context"
	"errors"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// claimTime is how long a pair keeps the number that was reserved for it: longer than the worker's backlog.
const claimTime = 24 * time.Hour

// errBusyPair is the cause when other pushes reserved a number for the same pair at each attempt.
var errBusyPair = errors.New("store: other pushes reserve the pair")

// claimKey keeps the number that is reserved for a pair.
func claimKey(p record.MergeRequestPair) table.Key {
	return table.Key{PK: "mrclaim#" + table.ID(p.Target), SK: p.Digest()}
}

// ReserveMergeRequest reserves a number of the target project for the merge request of a pair. Pushes that ask for the same
// pair before the merge request is there get the same number.
func (s *Pushes) ReserveMergeRequest(ctx context.Context, pair record.MergeRequestPair) (gitlab.ID, error) {
	for attempt := 0; ; {
		iid, used, err := s.claimed(ctx, pair)
		if err != nil || iid != 0 && !used {
			return iid, err
		}
		next, err := s.nextMergeRequest(ctx, pair.Target)
		if err != nil {
			return 0, err
		}
		if done, err := s.claim(ctx, pair, iid, next); err != nil || done {
			return next, err
		}
		if err := table.WaitForOthers(ctx, &attempt, errBusyPair); err != nil {
			return 0, err
		}
	}
}

// claimed returns the number that is reserved for a pair, 0 for none. It is used when a merge request has it that is not the
// open one of the pair, or when its time is over.
func (s *Pushes) claimed(ctx context.Context, pair record.MergeRequestPair) (iid gitlab.ID, used bool, err error) {
	item, err := s.db.GetOne(ctx, claimKey(pair))
	if err != nil || item == nil {
		return 0, false, err
	}
	iid = table.Integer(item, "iid")
	old, err := s.records.RecordAt(ctx, layout.MergeRequestKey(pair.Target, iid))
	if err != nil {
		return 0, false, err
	}
	if old == nil {
		return iid, table.Integer(item, "expires") <= s.db.Now().Unix(), nil
	}
	mr, ok := old.Value().(*gitlab.MergeRequest)
	return iid, !ok || mr.State != gitlab.MergeRequestOpened || record.PairOf(mr) != pair, nil
}

// claim notes the number that is reserved for a pair, in place of a used one. It reports false after another push's.
func (s *Pushes) claim(ctx context.Context, pair record.MergeRequestPair, used, iid gitlab.ID) (bool, error) {
	return s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: claimKey(pair),
		Update: "SET iid = :iid, expires = :expires", If: table.Absent + " OR iid = :used",
		Values: table.Item{":iid": table.Number(iid), ":used": table.Number(used), ":expires": s.db.Expires(claimTime)},
	})
}

// nextMergeRequest returns the next number of a project's merge requests. The counter begins at 1. After numbers from
// documents it continues with the highest.
func (s *Pushes) nextMergeRequest(ctx context.Context, project gitlab.ID) (gitlab.ID, error) {
	kind := "merge_request#" + table.ID(project)
	for {
		iid, err := s.records.NextID(ctx, kind)
		if err != nil {
			return 0, err
		}
		// The counter does not know the numbers from documents.
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
