package pushes

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
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
func (s *Pushes) AcceptPush(ctx context.Context, p *AcceptedPush) (messages []PushMessage, again bool, err error) {
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
		writes, err := s.acceptance(p, attempt)
		if err != nil {
			return nil, false, err
		}
		if err := s.db.Transact(ctx, writes); !errors.Is(err, table.ErrConflict) {
			return p.Messages, false, err
		}
		if err := p.Ended.reload(ctx, s, p.ID, outboxKey(p.Repository, p.ID, 0)); err != nil {
			return nil, false, err
		}
	}
	return nil, false, &table.UnavailableError{Op: "TransactWriteItems", Err: errBusyLease}
}

// leaseChoices bounds the attempts to choose a lease that no other push ends first.
const leaseChoices = 40

// errBusyLease reports that other pushes changed the lease item again and again.
var errBusyLease = errors.New("the lease item is changed by other pushes")

// acceptance returns the writes of a transaction: the outbox first, the lease last.
func (s *Pushes) acceptance(p *AcceptedPush, attempt int) ([]table.Write, error) {
	changes, err := p.packed()
	if err != nil {
		return nil, err
	}
	var writes []table.Write
	for part, chunk := range slices.Collect(slices.Chunk(changes.data, gitlab.ChangesPart)) {
		writes = append(writes, table.PutNew(outboxKey(p.Repository, p.ID, part), table.Item{
			"changes": table.Bytes(chunk), "expires": table.Number(p.At.Add(outboxTime).Unix()),
		}))
	}
	// Only the first part says what the others belong to: it is the one that the stream tells of.
	s.describe(writes[0].Item, p, changes.zipped, len(writes))
	for _, kind := range p.Shown {
		writes = append(writes, table.Write{Verb: table.Delete, Key: messageKey(p.UserID, p.Repository.String(), string(kind))})
	}
	update := s.leaseUpdate(&p.Ended, p.RequestID, attempt)
	s.note(update, p, attempt)
	return append(writes, update.write()), nil
}

// describe adds what is said of the push beside its changes.
func (s *Pushes) describe(item table.Item, p *AcceptedPush, zipped bool, parts int) {
	set := func(name, value string) { item[name] = table.String(value) }
	set("kind", OutboxPush)
	set("id", p.ID)
	set("gl_repository", p.Repository.String())
	set("identifier", p.Identifier)
	set("request_id", p.RequestID)
	set("at", p.At.UTC().Format(time.RFC3339Nano))
	item["user_id"], item["parts"] = table.Number(p.UserID), table.Number(int64(parts))
	item["zipped"] = table.Bool(zipped)
	item["options"] = table.Strings(p.Options)
	item["options_truncated"] = table.Bool(p.OptionsTruncated)
	item["changes_total"] = table.Number(int64(p.ChangesTotal))
	reserved := table.Item{}
	for branch, iid := range p.MergeRequests {
		reserved[branch] = table.Number(iid)
	}
	if len(reserved) > 0 { // DynamoDB Local's streams garble empty maps
		item["merge_requests"] = table.Map(reserved)
		item["merge_target"] = table.Number(p.MergeTarget)
	}
	item["messages"] = table.Maps(p.Messages)
}

// pushMessages returns what the first of several equal requests was answered.
func (s *Pushes) pushMessages(ctx context.Context, k table.Key) ([]PushMessage, bool, error) {
	found, err := s.db.Get(ctx, []table.Key{k})
	if err != nil {
		return nil, false, err
	}
	var first struct {
		Messages []PushMessage `json:"messages"`
	}
	if err := table.Decode(found[k], &first); err != nil {
		return nil, false, err
	}
	return first.Messages, true, nil
}

// outboxKey is a push whose effects are still to come; large ones are continued in numbered parts.
func outboxKey(repository gitlab.Repository, push string, part int) table.Key {
	k := table.Key{PK: "outbox#" + repository.String(), SK: "push#" + push}
	if part > 0 {
		k.SK += "#" + strconv.Itoa(part)
	}
	return k
}

// BeginsInOutbox reports whether a key is that of something in the outbox, and not of a further part of it. The stream tells of
// every item; what is read there begins with such a one.
func BeginsInOutbox(k table.Key) bool {
	return strings.HasPrefix(k.PK, "outbox#") && strings.Count(k.SK, "#") <= 1
}
