package store

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
)

const (
	// outboxTime is how long a push stays in the outbox: longer than its stream keeps it, so that a repeat is known and a
	// record that failed can be sent through again.
	outboxTime = 7 * 24 * time.Hour
)

// PushMessage is a line that a push prints, of type "basic" or "alert" (internal API, post_receive).
type PushMessage struct {
	Text string `json:"message"`
	Type string `json:"type"`
}

// AcceptedPush is a push that git has accepted, as its post_receive describes it.
type AcceptedPush struct {
	gitlab.Push               // AcceptPush sets its ID
	RawChanges  string        // the lines of Changes
	Given       []string      // all options, also those that are cut
	Messages    []PushMessage // the reply, to it and to its repeats
	Shown       []MessageKind // messages that were kept for this push, and are deleted with it
	Ended       EndedLease    // as it was loaded
}

// AcceptPush ends the lease of a push and puts the push into the outbox, in one transaction. For the repeat of a request that is in
// the outbox it changes nothing and returns the first reply, with again.
func (s *Store) AcceptPush(ctx context.Context, p *AcceptedPush) (messages []PushMessage, again bool, err error) {
	p.Ended.repository = p.Repository.String()
	if p.RequestID == "" && !p.Ended.loaded {
		if err := p.Ended.reload(ctx, s, p.ID, outboxKey(p.Repository, p.ID, 0)); err != nil {
			return nil, false, err
		}
	}
	for attempt := range leaseChoices {
		if s.identify(p) {
			return s.pushMessages(ctx, outboxKey(p.Repository, p.ID, 0))
		}
		items, err := s.acceptance(p, attempt)
		if err != nil {
			return nil, false, err
		}
		refused, err := s.transactItems(ctx, items)
		if err != nil || refused < 0 {
			return p.Messages, false, err
		}
		if err := p.Ended.reload(ctx, s, p.ID, outboxKey(p.Repository, p.ID, 0)); err != nil {
			return nil, false, err
		}
	}
	return nil, false, &UnavailableError{Op: "TransactWriteItems", Err: errBusyLease}
}

// leaseChoices bounds the attempts to choose a lease that no other push ends first.
const leaseChoices = 40

// errBusyLease reports that other pushes changed the lease item again and again.
var errBusyLease = errors.New("the lease item is changed by other pushes")

// acceptance returns the writes of a transaction: the outbox first, the lease last.
func (s *Store) acceptance(p *AcceptedPush, attempt int) ([]types.TransactWriteItem, error) {
	changes, err := p.packed()
	if err != nil {
		return nil, err
	}
	var items []types.TransactWriteItem
	for part, chunk := range slices.Collect(slices.Chunk(changes.data, gitlab.ChangesPart)) {
		item := outboxKey(p.Repository, p.ID, part).item()
		item["changes"] = &types.AttributeValueMemberB{Value: chunk}
		item["expires"] = number(p.At.Add(outboxTime).Unix())
		items = append(items, s.putNew(item))
	}
	// Only the first part says what the others belong to: it is the one that the stream tells of.
	s.describe(items[0].Put.Item, p, changes.zipped, len(items))
	for _, kind := range p.Shown {
		items = append(items, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: messageKey(p.UserID, p.Repository.String(), string(kind)).item(),
		}})
	}
	update := s.leaseUpdate(&p.Ended, p.RequestID, attempt)
	s.note(update, p, attempt)
	return append(items, update.item(s.table)), nil
}

// putNew puts an item where none is.
func (s *Store) putNew(item Item) types.TransactWriteItem {
	condition := "attribute_not_exists(pk)"
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: item, ConditionExpression: &condition}}
}

// describe adds what is said of the push beside its changes.
func (s *Store) describe(item Item, p *AcceptedPush, zipped bool, parts int) {
	text := func(name, value string) { item[name] = &types.AttributeValueMemberS{Value: value} }
	text("kind", OutboxPush)
	text("id", p.ID)
	text("gl_repository", p.Repository.String())
	text("identifier", p.Identifier)
	text("request_id", p.RequestID)
	text("at", p.At.UTC().Format(time.RFC3339Nano))
	item["user_id"], item["parts"] = number(p.UserID), number(int64(parts))
	item["zipped"] = &types.AttributeValueMemberBOOL{Value: zipped}
	item["options"] = texts(p.Options)
	item["options_truncated"] = &types.AttributeValueMemberBOOL{Value: p.OptionsTruncated}
	item["changes_total"] = number(int64(p.ChangesTotal))
	reserved := Item{}
	for branch, iid := range p.MergeRequests {
		reserved[branch] = number(iid)
	}
	if len(reserved) > 0 { // DynamoDB Local's streams garble empty maps
		item["merge_requests"] = &types.AttributeValueMemberM{Value: reserved}
	}
	list := make([]types.AttributeValue, len(p.Messages))
	for i := range p.Messages {
		list[i] = &types.AttributeValueMemberM{Value: encode(p.Messages[i])}
	}
	item["messages"] = &types.AttributeValueMemberL{Value: list}
}

// transactItems writes a transaction, again while it only collides. It returns the place of the first write whose condition
// failed, -1 when all were written.
func (s *Store) transactItems(ctx context.Context, items []types.TransactWriteItem) (int, error) {
	token := rand.Text()
	for attempt := 0; ; attempt++ {
		_, err := s.api.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token, TransactItems: items})
		requestlog.From(ctx).CountCall(0, itemsUnits(items))
		var canceled *types.TransactionCanceledException
		if !errors.As(err, &canceled) {
			return -1, failed("TransactWriteItems", err)
		}
		refused := slices.IndexFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && *r.Code == "ConditionalCheckFailed"
		})
		switch {
		// Trying again would not help: a condition that failed is an answer.
		case refused >= 0:
			return refused, nil
		case attempt+1 == attempts || !transient(canceled.CancellationReasons):
			return -1, failed("TransactWriteItems", err)
		}
		if err := backoff(ctx, attempt); err != nil {
			return -1, &UnavailableError{Op: "TransactWriteItems", Err: err}
		}
	}
}

// tryItems writes a transaction once. It returns why it was cancelled, nil when it was not. What was cancelled for reasons
// that do not pass is an error.
func (s *Store) tryItems(ctx context.Context, items []types.TransactWriteItem) ([]types.CancellationReason, error) {
	token := rand.Text()
	_, err := s.api.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token, TransactItems: items})
	requestlog.From(ctx).CountCall(0, itemsUnits(items))
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return nil, failed("TransactWriteItems", err)
	}
	if !conditionFailed(canceled.CancellationReasons) && !transient(canceled.CancellationReasons) {
		return nil, failed("TransactWriteItems", err)
	}
	return canceled.CancellationReasons, nil
}

// passing returns those of a transaction's first items whose condition did not fail.
func passing[T any](items []T, reasons []types.CancellationReason) []T {
	var left []T
	for i, item := range items {
		if i >= len(reasons) || !conditionFailed(reasons[i:i+1]) {
			left = append(left, item)
		}
	}
	return left
}

// itemsUnits computes what a transaction is billed: two write units for each KB begun of each item; an item that is updated
// or deleted is taken to have one.
func itemsUnits(items []types.TransactWriteItem) float64 {
	units := 0.0
	for i := range items {
		size := 1
		if put := items[i].Put; put != nil {
			size = itemSize(put.Item)
		}
		units += float64(2 * ((size + 1023) / 1024))
	}
	return units
}

// pushMessages returns what the first of several equal requests was answered.
func (s *Store) pushMessages(ctx context.Context, k Key) ([]PushMessage, bool, error) {
	found, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return nil, false, err
	}
	var first struct {
		Messages []PushMessage `json:"messages"`
	}
	if err := decode(found[k], &first); err != nil {
		return nil, false, err
	}
	return first.Messages, true, nil
}
