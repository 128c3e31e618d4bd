package audit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/table"
)

// AuditedChange is a change over the API: its author, its action, and the state before and after.
type AuditedChange struct {
	Tenant    string    `json:"-"` // a group by its id, or "instance"
	At        time.Time `json:"at"`
	UserID    gitlab.ID `json:"user_id,omitempty"` // the author
	Token     string    `json:"token,omitempty"`   // or else the beginning of the digest of the tenant's SCIM token
	Action    string    `json:"action"`            // such as "storage_limit_exclusion_created"
	Before    string    `json:"before,omitempty"`  // JSON, "" for nothing
	After     string    `json:"after,omitempty"`   // likewise
	RequestID string    `json:"request_id,omitempty"`
}

// Author is the user behind a change, with the request.
type Author struct {
	UserID    gitlab.ID
	RequestID string
}

// AuditedChanges returns the changes that concern a tenant from a time on and before another, the oldest first, at most
// limit.
func (s *Audits) AuditedChanges(ctx context.Context, tenant string, from, to time.Time, limit int) ([]AuditedChange, error) {
	var changes []AuditedChange
	err := s.db.Between(ctx, auditChangeKey(tenant, from, ""), auditChangeKey(tenant, to, ""), limit, func(item table.Item) error {
		c := AuditedChange{Tenant: tenant}
		if err := table.Decode(item, &c); err != nil {
			return err
		}
		changes = append(changes, c)
		return nil
	})
	return changes, err
}

// ApplyAudited writes changes in one transaction, together with the record of them.
func (s *Audits) ApplyAudited(ctx context.Context, a AuditedChange, changes ...record.Change) error {
	return s.records.ApplyWith(ctx, changes, a.Kept())
}

// Kept is the write that keeps the record for a year.
func (a AuditedChange) Kept() table.Write {
	item := table.Encode(a)
	item["expires"] = table.Number(a.At.Add(auditTime).Unix())
	return table.PutNew(auditChangeKey(a.Tenant, a.At, rand.Text()), item)
}

// Audited begins the record of a change.
func (s *Audits) Audited(tenant string, by Author, action string) AuditedChange {
	return AuditedChange{Tenant: tenant, At: s.db.Now().UTC(), UserID: by.UserID, Action: action, RequestID: by.RequestID}
}

// JSON is a record of the domain as an audit record shows it.
func JSON(value any) string {
	raw, err := json.Marshal(value)
	if err != nil { // such records hold nothing that cannot be encoded
		return ""
	}
	return string(raw)
}
