package credentials

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// handoutTTL is the life of the note of an answer.
const handoutTTL = 10 * time.Minute

// NewRecoveryCodes are codes to be kept as digests (gitlab.TokenDigest).
type NewRecoveryCodes struct {
	User     gitlab.ID
	Digests  []string
	Request  string // fingerprint
	Replaces string // RecoveryState.Request as it was read
	Handout  Handout
}

// ReplaceRecoveryCodes replaces the user's codes, in one write with the note of the answer. ErrConflict reports that the request
// was answered already, or that other codes were made since the read. Then nothing changes, and these codes must not be issued.
func (s *Credentials) ReplaceRecoveryCodes(ctx context.Context, c NewRecoveryCodes) error {
	write := table.PutNew(recoveryKey(c.User), table.Item{"codes": table.Set(c.Digests...), "request": table.String(c.Request)})
	if c.Replaces != "" {
		write.If, write.Values = "#request = :replaces", table.Item{":replaces": table.String(c.Replaces)}
		write.Names = map[string]string{"#request": "request"}
	}
	return s.db.Transact(ctx, []table.Write{write, record.CheckPresent(layout.UserKey(c.User)), s.noteHandout(c.Request, c.Handout)})
}

// CreatePersonalToken stores a new token under an id of the service, in one write with the note of the answer. ErrConflict
// reports that the request was answered already, or that the user was removed.
func (s *Credentials) CreatePersonalToken(ctx context.Context, t gitlab.PersonalAccessToken, request string, h Handout) error {
	n, err := s.records.NextID(ctx, layout.KindPersonalToken)
	if err != nil {
		return err
	}
	t.ID = record.FirstID + n
	return s.records.ApplyWith(ctx, []record.Change{{New: record.PersonalAccessTokenRecord(&t)}}, s.noteHandout(request, h))
}

// noteHandout is the write that only one arrival of a request can make.
func (s *Credentials) noteHandout(request string, h Handout) table.Write {
	item := table.Encode(h)
	item["expires"] = s.db.Expires(handoutTTL)
	return table.PutNew(handoutKey(request), item)
}
