package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// OutboxAgentEvent is the kind of outbox items that are events around agents.
const OutboxAgentEvent = "agent_event"

// AgentEvent is something that happened around an agent, once or more often on a day.
type AgentEvent struct {
	ID      string    `json:"id"` // of the event on its day; the store gives it
	Name    string    `json:"name"`
	Payload string    `json:"payload"` // JSON: whom and what it is about; equal events have equal payloads
	At      time.Time `json:"at"`      // of the first time on its day, UTC
}

// errBusyEvents says that others wrote the same events again and again.
var errBusyEvents = errors.New("events are written by others")

const (
	eventsTogether = 25                  // in one transaction
	eventKept      = 90 * 24 * time.Hour // as what pushes did
)

// KeepAgentEvents puts events into the outbox, each once a day, 25 in a transaction. After an error some may be there; the same
// again adds the others.
func (s *Store) KeepAgentEvents(ctx context.Context, events []AgentEvent) error {
	now := s.now().UTC()
	items := make(map[Key]Item, len(events))
	keys := make([]Key, 0, len(events))
	for _, e := range events {
		sum := sha256.Sum256([]byte(e.Name + "\x00" + e.Payload))
		digest := hex.EncodeToString(sum[:16])
		k := agentEventKey(digest, now.Format(time.DateOnly))
		e.ID, e.At = digest+"-"+k.SK, now
		item := encode(e)
		for name, v := range k.item() {
			item[name] = v
		}
		item["kind"], item["expires"] = textValue(OutboxAgentEvent), number(now.Add(eventKept).Unix())
		items[k] = item
		keys = append(keys, k)
	}
	// The same event twice in one request is one item, and a transaction takes no item twice.
	for part := range slices.Chunk(distinct(keys), eventsTogether) {
		if err := s.keepNew(ctx, part, items); err != nil {
			return err
		}
	}
	return nil
}

// keepNew puts the items that are not there yet: a cancelled transaction tells which are.
func (s *Store) keepNew(ctx context.Context, keys []Key, items map[Key]Item) error {
	for attempt := 0; len(keys) > 0; {
		writes := make([]types.TransactWriteItem, len(keys))
		for i, k := range keys {
			writes[i] = s.putNew(items[k])
		}
		reasons, err := s.tryItems(ctx, writes)
		switch {
		case err != nil || reasons == nil:
			return err
		case conditionFailed(reasons):
			// Those that are there were told before on the same day: nothing is left to be done for them.
			keys = passing(keys, reasons)
			continue
		}
		if err := waitForOthers(ctx, &attempt, errBusyEvents); err != nil {
			return err
		}
	}
	return nil
}

// DecodeAgentEvent reads an event by the item that the stream has of it. ErrMalformedEvent says that it is none.
func DecodeAgentEvent(item Item) (AgentEvent, error) {
	var e AgentEvent
	if err := decode(item, &e); err != nil {
		return e, fmt.Errorf("%w: %w", ErrMalformedEvent, err)
	}
	if e.ID == "" || e.Name == "" || !json.Valid([]byte(e.Payload)) {
		return e, ErrMalformedEvent
	}
	return e, nil
}

// ErrMalformedEvent says that an item of the outbox is no event, and never will be.
var ErrMalformedEvent = errors.New("store: malformed event")
