package pushes

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// packed is text as it is stored.
type packed struct {
	data   []byte
	zipped bool
}

// pack compresses text that does not fit one item. Empty text is one empty part.
func pack(text string) (packed, error) {
	if len(text) < gitlab.ChangesPart {
		return packed{data: append([]byte(text), '\n')}, nil
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		return packed{}, fmt.Errorf("store: pack changes: %w", err)
	}
	return packed{data: b.Bytes(), zipped: true}, nil
}

// StorableChanges reports whether the changes of a push can be stored.
func StorableChanges(raw string) bool {
	if len(raw) < gitlab.MaxChanges-1024 { // compression adds a few bytes at worst
		return true
	}
	p, err := pack(raw)
	return err == nil && len(p.data) <= gitlab.MaxChanges
}

// packed returns the changes as they are stored. /allowed rejects a push that is too large, so a cut concerns only a push that
// /allowed has not seen.
func (p *AcceptedPush) packed() (packed, error) {
	for raw := p.RawChanges; ; {
		data, err := pack(raw)
		if err != nil || len(data.data) <= gitlab.MaxChanges {
			return data, err
		}
		p.ChangesTotal = len(p.Changes)
		raw = raw[:strings.LastIndexByte(raw[:len(raw)/2], '\n')+1]
	}
}

// OutboxPush is the kind of outbox items that are pushes.
const OutboxPush = "push"

// LoadPush returns a push of the outbox by the item that the stream has of its first part, and reads the other parts.
func (s *Pushes) LoadPush(ctx context.Context, item table.Item) (*gitlab.Push, error) {
	data, err := s.joinChanges(ctx, item)
	if err != nil {
		return nil, err
	}
	return decodePush(item, data)
}

// joinChanges returns the bytes of all parts of a push's changes.
func (s *Pushes) joinChanges(ctx context.Context, item table.Item) ([]byte, error) {
	data, ok := table.Binary(item, "changes")
	if !ok {
		return nil, ErrMalformedPush
	}
	own := table.KeyOf(item)
	keys := make([]table.Key, 0, table.Integer(item, "parts"))
	for part := 1; part < int(table.Integer(item, "parts")); part++ {
		keys = append(keys, table.Key{PK: own.PK, SK: own.SK + "#" + strconv.Itoa(part)})
	}
	if len(keys) == 0 {
		return data, nil
	}
	found, err := s.db.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	// The stream's item belongs to who called: append may write behind the slice that was given.
	data = slices.Clone(data)
	for _, k := range keys {
		more, ok := table.Binary(found[k], "changes")
		// All parts are written in one transaction, so one that is missing has been taken away by hand.
		if !ok {
			return nil, fmt.Errorf("%w: part %s is missing", ErrMalformedPush, k)
		}
		data = append(data, more...)
	}
	return data, nil
}

// ErrMalformedPush says that an item of the outbox is no push, and never will be.
var ErrMalformedPush = errors.New("store: malformed push")

// decodePush reads a push from its first item and the bytes of its changes.
func decodePush(item table.Item, data []byte) (*gitlab.Push, error) {
	var said struct {
		ID            string               `json:"id"`
		Repository    string               `json:"gl_repository"`
		Identifier    string               `json:"identifier"`
		UserID        gitlab.ID            `json:"user_id"`
		RequestID     string               `json:"request_id"`
		At            time.Time            `json:"at"`
		Zipped        bool                 `json:"zipped"`
		Options       []string             `json:"options"`
		Truncated     bool                 `json:"options_truncated"`
		Total         int                  `json:"changes_total"`
		MergeRequests map[string]gitlab.ID `json:"merge_requests"`
		MergeTarget   gitlab.ID            `json:"merge_target"`
	}
	if err := table.Decode(item, &said); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformedPush, err)
	}
	// What was packed here is at most what a request may have, so it is read whole.
	if said.Zipped {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformedPush, err)
		}
		if data, err = io.ReadAll(r); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformedPush, err)
		}
	}
	repository, err := gitlab.ParseRepository(said.Repository)
	changes, changesErr := gitlab.ParseChanges(string(data))
	if err = errors.Join(err, changesErr); err != nil || said.ID == "" {
		return nil, fmt.Errorf("%w: %w", ErrMalformedPush, err)
	}
	return &gitlab.Push{
		ID: said.ID, Repository: repository, Identifier: said.Identifier, UserID: said.UserID, Changes: changes,
		Options: said.Options, OptionsTruncated: said.Truncated, ChangesTotal: said.Total, RequestID: said.RequestID,
		At: said.At, MergeRequests: said.MergeRequests,
		// A push that was accepted before targets were kept has its merge requests in its own project.
		MergeTarget: cmp.Or(said.MergeTarget, repository.ID),
	}, nil
}
