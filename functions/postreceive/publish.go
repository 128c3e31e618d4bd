package postreceive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"postern/shared/gitlab"
)

// Events is the event bus; *eventbridge.Client implements it.
type Events interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// The source and the types of events.
const (
	Source          = "postern"
	DetailType      = "PushReceived"
	AgentDetailType = "AgentEvent"
)

// mostDetail bounds a detail in bytes. EventBridge takes 256 KB for an entry.
const mostDetail = 240 << 10

// errRefused reports an event that the bus rejected for now.
var errRefused = errors.New("postreceive: the event bus refused the event")

// detail is the detail of a push's event.
type detail struct {
	PushID       string                    `json:"push_id"`
	GLRepository string                    `json:"gl_repository"`
	ProjectID    gitlab.ID                 `json:"project_id,omitempty"`
	ProjectPath  string                    `json:"project_path,omitempty"`
	UserID       gitlab.ID                 `json:"user_id,omitempty"`
	Identifier   string                    `json:"identifier"`
	RequestID    string                    `json:"request_id"`
	At           time.Time                 `json:"at"`
	Refs         []refDetail               `json:"refs"`
	Truncated    bool                      `json:"refs_truncated,omitempty"`
	Total        int                       `json:"refs_total,omitempty"`
	PushOptions  map[string]map[string]any `json:"push_options"` // null if they do not fit
	OptionsCut   bool                      `json:"push_options_truncated,omitempty"`
}

type refDetail struct {
	Ref    string           `json:"ref"`
	Old    string           `json:"old"`
	New    string           `json:"new"`
	Action gitlab.RefAction `json:"action"`
	Forced *bool            `json:"forced,omitempty"`
}

// publish sends an event of a type with its time.
func (h handler) publish(ctx context.Context, kind, detail string, at time.Time) error {
	source := Source
	out, err := h.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: &h.Bus, Source: &source, DetailType: &kind, Detail: &detail, Time: &at,
	}}})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if out.FailedEntryCount > 0 {
		code := ""
		for i := range out.Entries {
			if out.Entries[i].ErrorCode != nil {
				code = *out.Entries[i].ErrorCode
			}
		}
		return fmt.Errorf("%w: %s", errRefused, code)
	}
	return nil
}

// describe encodes the detail of a push's event, with as many refs as fit.
func describe(p *gitlab.Push, c *gitlab.Container, forced map[int]bool) (string, error) {
	d := detail{
		PushID: p.ID, GLRepository: p.Repository.String(), UserID: p.UserID, Identifier: p.Identifier,
		RequestID: p.RequestID, At: p.At.UTC(), Refs: []refDetail{}, PushOptions: gitlab.ParsePushOptions(p.Options).Values(),
		OptionsCut: p.OptionsTruncated, Truncated: p.ChangesTotal > 0, Total: p.ChangesTotal,
	}
	if c != nil && c.Project != nil {
		d.ProjectID, d.ProjectPath = c.Project.ID, c.Chain.FullPath(c.Project.Path)
	}
	around, err := encode(d)
	if err != nil {
		return "", err
	}
	if len(around) > mostDetail/2 {
		d.PushOptions, d.OptionsCut = nil, true
		if around, err = encode(d); err != nil {
			return "", err
		}
	}
	left := mostDetail - len(around)
	for i := range p.Changes {
		ref := refOf(p, i, forced)
		one, err := encode(ref)
		if err != nil {
			return "", err
		}
		if left -= len(one) + 1; left < 0 {
			d.Truncated, d.Total = true, max(len(p.Changes), p.ChangesTotal)
			break
		}
		d.Refs = append(d.Refs, ref)
	}
	return encode(d)
}

// refOf describes the change at an index. Bytes that are not UTF-8 become U+FFFD, as JSON has texts only.
func refOf(p *gitlab.Push, i int, forced map[int]bool) refDetail {
	change := &p.Changes[i]
	ref := refDetail{Ref: strings.ToValidUTF8(change.Ref, "\uFFFD"), Old: change.Old, New: change.New, Action: change.Action()}
	if known, ok := forced[i]; ok {
		ref.Forced = &known
	}
	return ref
}

func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("postreceive: encode event: %w", err)
	}
	return string(text), nil
}
