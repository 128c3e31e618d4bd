package postreceive

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"postern/shared/requestlog"
	"postern/shared/store/agents"
	"postern/shared/table"
)

// agentDetail is the detail of an event around an agent.
type agentDetail struct {
	ID   string          `json:"event_id"`
	Name string          `json:"event"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"` // ids, and the facts that the agent reported
}

// agentEvent publishes an agent's event from the outbox, and writes its log line.
func (h handler) agentEvent(ctx context.Context, k table.Key, item table.Item) error {
	record, began := &requestlog.Record{}, h.Now()
	ctx = requestlog.With(ctx, record)
	about := subject{what: "agent event"}
	e, err := agents.DecodeAgentEvent(item)
	if err != nil {
		return h.line(ctx, record, began, about, k, failed, err)
	}
	about.at = e.At
	about.attrs = []slog.Attr{slog.String("event", e.Name), slog.String("agent_event_id", e.ID)}
	done, err := h.Store.Published(ctx, k)
	if err != nil || done {
		return h.line(ctx, record, began, about, k, outcome("repeated", err), err)
	}
	err = h.announce(ctx, k, e)
	return h.line(ctx, record, began, about, k, outcome(published, err), err)
}

// announce publishes an event and marks it as published.
func (h handler) announce(ctx context.Context, k table.Key, e agents.AgentEvent) error {
	detail, err := json.Marshal(agentDetail{ID: e.ID, Name: e.Name, At: e.At, Data: json.RawMessage(e.Payload)})
	if err != nil {
		return fmt.Errorf("postreceive: encode event: %w", err)
	}
	if err := h.publish(ctx, AgentDetailType, string(detail), e.At); err != nil {
		return err
	}
	if err := h.Store.MarkPublished(ctx, k); err != nil {
		return fmt.Errorf("mark event: %w", err)
	}
	return nil
}
