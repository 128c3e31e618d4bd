package rotation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// Events is the part of *eventbridge.Client that the function uses.
type Events interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Source and DetailType identify the function's events.
const (
	Source     = "postern"
	DetailType = "SecretRotation"
)

// errRefused reports that the bus rejected an event. A retry may succeed.
var errRefused = errors.New("rotation: the event bus rejected the event")

// notice is the detail of an event. It never contains the secret.
type notice struct {
	Secret      string     `json:"secret"` // shell or kas
	SecretID    string     `json:"secret_id"`
	VersionID   string     `json:"version_id"`
	Phase       string     `json:"phase"` // pending, then current
	UseFrom     time.Time  `json:"use_from"`
	CurrentFrom *time.Time `json:"current_from,omitempty"` // earliest time
}

// publish publishes a notice, at least once.
func (h handler) publish(ctx context.Context, s *secret, n notice) error {
	n.Secret, n.SecretID = s.name, s.id
	detail, err := json.Marshal(n) //nolint:gosec // the name of a secret, not its text
	if err != nil {
		return fmt.Errorf("rotation: encode event: %w", err)
	}
	source, kind, text, now := Source, DetailType, string(detail), h.Now()
	out, err := h.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: &h.Bus, Source: &source, DetailType: &kind, Detail: &text, Time: &now,
	}}})
	if err != nil {
		return fmt.Errorf("rotation: publish: %w", err)
	}
	if out.FailedEntryCount > 0 {
		return errRefused
	}
	return nil
}
