package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A lease says that a push to a repository has begun and not ended. The leases of a repository are attributes of one item,
// each with the time when it began, so that one that is never ended counts for ten minutes and not for ever, and a push that
// takes longer takes nothing away from the others.

const (
	// leaseTime is how long a push counts that nobody ends (internal API, pre_receive).
	leaseTime = 10 * time.Minute
	// leasesKept bounds the item: past it, those whose time is over are taken out.
	leasesKept = 1000
	// leaseItemTime is how long an item is kept that nobody touches.
	leaseItemTime = 24 * time.Hour

	// Leases are named after the request, or have a name that nobody knows.
	leasePrefix   = "lease_"
	unnamedPrefix = "lease_any_"
)

// leaseName names the lease of a request that carries an id by that id, so that its end finds it; others get a name of their own.
func leaseName(requestID string) string {
	if requestID == "" {
		return unnamedPrefix + rand.Text()
	}
	sum := sha256.Sum256([]byte(requestID))
	return leasePrefix + hex.EncodeToString(sum[:10])
}

// BeginLease writes down that a push to a repository has begun, with one write. The request id is what the push's other
// requests carry, "" for none. Beginning again with the same id is the same lease.
func (s *Store) BeginLease(ctx context.Context, repository, requestID string) error {
	name := leaseName(requestID)
	err := s.addLease(ctx, leaseKey(repository), name)
	if !errors.Is(err, ErrConflict) {
		return err
	}
	if err := s.dropOldLeases(ctx, leaseKey(repository)); err != nil {
		return err
	}
	// Still full: a thousand pushes are alive. One more changes nothing that anybody could want to know.
	if err := s.addLease(ctx, leaseKey(repository), name); !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}

// addLease sets one lease, unless there are too many.
func (s *Store) addLease(ctx context.Context, k Key, name string) error {
	now := s.now()
	update := "SET #lease = :begun, expires = :expires ADD begun :one"
	condition := "attribute_not_exists(begun) OR begun < :most"
	out, err := s.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &s.table,
		Key:                      k.item(),
		UpdateExpression:         &update,
		ConditionExpression:      &condition,
		ExpressionAttributeNames: map[string]string{"#lease": name},
		ExpressionAttributeValues: Item{
			":begun": number(now.UnixMilli()), ":expires": number(now.Add(leaseItemTime).Unix()),
			":one": number(1), ":most": number(leasesKept),
		},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err = failed("UpdateItem", err); err != nil {
		return err
	}
	countWrite(ctx, out.ConsumedCapacity)
	return nil
}

// dropOldLeases takes out what does not count any more, and counts what is left.
func (s *Store) dropOldLeases(ctx context.Context, k Key) error {
	found, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return err
	}
	alive, old := s.leases(found[k])
	item := k.item()
	for _, name := range alive {
		item[name] = found[k][name]
	}
	if len(old) == 0 && int64(len(alive)) == integer(found[k], "begun") {
		return nil
	}
	item["begun"], item["expires"] = number(int64(len(alive))), number(s.now().Add(leaseItemTime).Unix())
	// The item also remembers the last push without a request id, which is not for this to forget.
	for _, name := range []string{lastPush, lastContent} {
		if v, ok := found[k][name]; ok {
			item[name] = v
		}
	}
	condition := "begun = :seen"
	_, err = s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: item, ConditionExpression: &condition,
		ExpressionAttributeValues: Item{":seen": number(integer(found[k], "begun"))},
	})
	if err = failed("PutItem", err); errors.Is(err, ErrConflict) {
		return nil // somebody else has begun or ended one, and the next one tries again
	}
	return err
}

// leases returns the names of the leases that count now, the oldest first, and of those that do not any more.
func (s *Store) leases(item Item) (alive, old []string) {
	since := s.now().Add(-leaseTime).UnixMilli()
	for name := range item {
		switch {
		case !strings.HasPrefix(name, leasePrefix):
		case integer(item, name) > since:
			alive = append(alive, name)
		default:
			old = append(old, name)
		}
	}
	slices.SortFunc(alive, func(a, b string) int { return int(integer(item, a) - integer(item, b)) })
	return alive, old
}

// EndLeaseOf names the lease of a push whose repository was not looked up. Without a request id there is none that could be
// named, and what was begun ends by itself.
func EndLeaseOf(repository, requestID string) EndedLease {
	e := EndedLease{repository: repository}
	if requestID != "" {
		e.name = leaseName(requestID)
	}
	return e
}

// EndLease ends a lease, without anything else. One that is gone has ended.
func (s *Store) EndLease(ctx context.Context, e EndedLease) error {
	if e.name == "" {
		return nil
	}
	_, err := s.transactItems(ctx, []types.TransactWriteItem{s.endOfLease(leaseKey(e.repository), e.name, e.old)})
	return err
}

// LiveLeases returns how many pushes to a repository have begun in the last ten minutes and not ended.
func (s *Store) LiveLeases(ctx context.Context, repository string) (int, error) {
	found, err := s.batchGet(ctx, []Key{leaseKey(repository)})
	if err != nil {
		return 0, err
	}
	alive, _ := s.leases(found[leaseKey(repository)])
	return len(alive), nil
}

// endOfLease is the operation that ends a lease and takes the old ones with it. Its condition is that the lease is there: of
// two requests that chose the same one, one must choose again.
func (s *Store) endOfLease(k Key, name string, old []string) types.TransactWriteItem {
	names := map[string]string{"#lease": name}
	update := "SET expires = :expires ADD begun :ended REMOVE #lease"
	for i, o := range old[:min(len(old), 50)] {
		placeholder := "#old" + string(rune('A'+i/26)) + string(rune('a'+i%26))
		names[placeholder] = o
		update += ", " + placeholder
	}
	condition := "attribute_exists(#lease)"
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: k.item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames: names,
		ExpressionAttributeValues: Item{
			":expires": number(s.now().Add(leaseItemTime).Unix()), ":ended": number(-int64(1 + min(len(old), 50))),
		},
	}}
}
