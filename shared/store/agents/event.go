package agents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/shared/table"
)

// OutboxAgentEvent is the kind of outbox items that are events around agents.
const OutboxAgentEvent = "agent_event"

// AgentEvent is something that happened around an agent, once or more often on a day.
type AgentEvent struct {
	ID      string    `json:"id"` // of the event on its day; the store gives it
	Name    string    `json:"name"`
	Payload string    `json:"payload"` // JSON: the subjects of the event; equal events have equal payloads
	At      time.Time `json:"at"`      // of the first time on its day, UTC
}

const (
	eventsTogether = 25                  // in one transaction
	eventKept      = 90 * 24 * time.Hour // as the events of pushes
)

// KeepAgentEvents puts events into the outbox, each once a day, 25 in a transaction. After an error some may be there; the same
// again adds the others.
func (s *Agents) KeepAgentEvents(ctx context.Context, events []AgentEvent) error {
	now := s.db.Now().UTC()
	writes := make([]table.Write, 0, len(events))
	seen := map[table.Key]bool{}
	for _, e := range events {
		sum := sha256.Sum256([]byte(e.Name + "\x00" + e.Payload))
		digest := hex.EncodeToString(sum[:16])
		k := agentEventKey(digest, now.Format(time.DateOnly))
		e.ID, e.At = digest+"-"+k.SK, now
		item := table.Encode(e)
		item["kind"], item["expires"] = table.String(OutboxAgentEvent), table.Number(now.Add(eventKept).Unix())
		// An event that a request repeats is one item, and a transaction takes each item once.
		if !seen[k] {
			writes = append(writes, table.PutNew(k, item))
		}
		seen[k] = true
	}
	for part := range slices.Chunk(writes, eventsTogether) {
		if err := s.keepNew(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// keepNew puts the items that are missing: a failed transaction reports the others, which need nothing more.
func (s *Agents) keepNew(ctx context.Context, writes []table.Write) error {
	for len(writes) > 0 {
		err := s.db.Transact(ctx, writes)
		if !errors.Is(err, table.ErrConflict) {
			return err
		}
		writes = table.Passing(writes, err)
	}
	return nil
}

// DecodeAgentEvent decodes the stream's item of an event. ErrMalformedEvent reports another item.
func DecodeAgentEvent(item table.Item) (AgentEvent, error) {
	var e AgentEvent
	if err := table.Decode(item, &e); err != nil {
		return e, fmt.Errorf("%w: %w", ErrMalformedEvent, err)
	}
	if e.ID == "" || e.Name == "" || !json.Valid([]byte(e.Payload)) {
		return e, ErrMalformedEvent
	}
	return e, nil
}

// ErrMalformedEvent reports an item of the outbox that is not an event.
var ErrMalformedEvent = errors.New("store: malformed event")
