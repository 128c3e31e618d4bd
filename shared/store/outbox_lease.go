package store

import (
	"context"
	mathrand "math/rand/v2"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// endOf is the write that ends the push's lease, nil when there is none to end. A push without request id leaves its own id
// and content for the next one, and builds on what it read of the one before.
func (s *Store) endOf(p *AcceptedPush) *types.TransactWriteItem {
	e := &p.Ended
	if p.RequestID != "" {
		if e.name == "" {
			return nil
		}
		end := s.endOfLease(leaseKey(e.repository), e.name, e.old)
		return &end
	}
	return s.endUnnamed(p)
}

// endUnnamed ends a lease for a push without request id, and leaves word of the push for the next one.
func (s *Store) endUnnamed(p *AcceptedPush) *types.TransactWriteItem {
	end := s.endOfLease(leaseKey(p.Ended.repository), p.Ended.name, p.Ended.old).Update
	expression := "SET last_push = :push, last_content = :content, expires = :expires"
	if p.Ended.name == "" {
		end.ConditionExpression, end.ExpressionAttributeNames = nil, nil
		delete(end.ExpressionAttributeValues, ":ended")
	} else {
		expression += strings.TrimPrefix(*end.UpdateExpression, "SET expires = :expires")
	}
	end.UpdateExpression = &expression
	end.ExpressionAttributeValues[":push"] = &types.AttributeValueMemberS{Value: p.ID}
	end.ExpressionAttributeValues[":content"] = &types.AttributeValueMemberS{Value: p.content()}
	return &types.TransactWriteItem{Update: end}
}

// content is what the push says, whichever push came before it.
func (p *AcceptedPush) content() string {
	return gitlab.PushID(p.Repository, p.Identifier, p.RawChanges, p.Options, "", "")
}

// Identify gives the push its id. A push without request id that says what the last such push said is its repeat: between
// two pushes that do the same to a ref, another one must have undone it.
func (p *AcceptedPush) Identify() {
	p.ID = gitlab.PushID(p.Repository, p.Identifier, p.RawChanges, p.Options, p.RequestID, p.Ended.before)
	if p.RequestID == "" && p.Ended.content == p.content() {
		p.ID = p.Ended.before
	}
}

// nextLease chooses another lease, after the one that was chosen was found to be gone.
func (s *Store) nextLease(ctx context.Context, p *AcceptedPush, attempt int) (EndedLease, error) {
	if p.RequestID != "" {
		return EndedLease{repository: p.Ended.repository}, nil
	}
	k := leaseKey(p.Ended.repository)
	found, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return EndedLease{}, err
	}
	p.Ended = s.endedLease(p.Ended.repository, "", found[k], 2<<min(attempt, 10))
	p.Identify()
	return p.Ended, nil
}

// endedLease chooses the lease that a push ends: the one of its request id, or else the newest that is nobody's own, so that
// one which was lost grows old. Of the pushes that end at once, those that come too late choose by chance from more and more.
func (s *Store) endedLease(repository, requestID string, item Item, among int) EndedLease {
	e := EndedLease{repository: repository, before: text(item, lastPush), content: text(item, lastContent)}
	if requestID != "" {
		e.name = leaseName(requestID)
		return e
	}
	alive, old := s.leases(item)
	alive = slices.DeleteFunc(alive, func(name string) bool { return !strings.HasPrefix(name, unnamedPrefix) })
	if e.old = old; len(alive) > 0 {
		//nolint:gosec // spreads load; nothing secret depends on it
		e.name = alive[len(alive)-1-mathrand.IntN(min(among, len(alive)))]
	}
	return e
}
