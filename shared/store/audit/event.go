package audit

import (
	"cmp"
	"context"
	"crypto/rand"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
)

const (
	// auditTime is how long audit events are kept.
	auditTime = 365 * 24 * time.Hour
	// auditRepeats is how long a repeated request is known: clients give up after seconds.
	auditRepeats = time.Hour
)

// AuditEvent is a git command that has ended, in a top-level group that wants to know (internal API, git_audit_event).
type AuditEvent struct {
	Group         gitlab.ID         `json:"group_id"`
	At            time.Time         `json:"at"`
	Repository    gitlab.Repository `json:"-"`
	GLRepository  string            `json:"gl_repository"`
	Path          string            `json:"path,omitempty"` // as it was then
	Action        string            `json:"action,omitempty"`
	Protocol      string            `json:"protocol,omitempty"`
	Username      string            `json:"username,omitempty"`
	KeyID         gitlab.ID         `json:"key_id,omitempty"`
	CheckIP       string            `json:"check_ip,omitempty"`
	Changes       string            `json:"changes,omitempty"`
	NamespacePath string            `json:"namespace_path,omitempty"`
	PayloadSize   int64             `json:"payload_size,omitempty"` // bytes
	Packets       int64             `json:"packets,omitempty"`
	RequestID     string            `json:"request_id,omitempty"`
	Request       string            `json:"-"` // fingerprint of the HTTP request
}

// KeepAuditEvent keeps an event for a year. The repeat of a request, which has its fingerprint, leaves no second event.
func (s *Audits) KeepAuditEvent(ctx context.Context, e AuditEvent) error {
	id := cmp.Or(e.Request, rand.Text())
	e.GLRepository = e.Repository.String()
	event := table.Encode(e)
	event["expires"] = table.Number(e.At.Add(auditTime).Unix())
	err := s.db.Transact(ctx, []table.Write{
		table.PutNew(auditSeenKey(e.Group, id), table.Item{"expires": table.Number(e.At.Add(auditRepeats).Unix())}),
		table.PutNew(auditKey(e.Group, e.At, id), event),
	})
	return table.IgnoreConflict(err) // stored by an earlier arrival of the request
}

// AuditEvents returns the events of a top-level group from a time on and before another, the oldest first, at most limit.
func (s *Audits) AuditEvents(ctx context.Context, group gitlab.ID, from, to time.Time, limit int) ([]AuditEvent, error) {
	first, last := auditKey(group, from, ""), auditKey(group, to, "")
	var events []AuditEvent
	err := s.db.Between(ctx, first, last, limit, func(item table.Item) error {
		var e AuditEvent
		if err := table.Decode(item, &e); err != nil {
			return err
		}
		e.Repository, _ = gitlab.ParseRepository(e.GLRepository)
		events = append(events, e)
		return nil
	})
	return events, err
}
