package pushes

import (
	"context"
	"errors"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"time"

	"postern/shared/table"
)

// EndedLease is a repository's lease item as a post_receive knows it. The zero value assumes a first request with one open lease
// of its id, which is nearly always right and costs no read.
type EndedLease struct {
	repository string
	loaded     bool
	item       table.Item
	taken      map[string]time.Time // ids of the outbox that this push may not use, with the times of their pushes
}

// EndLeaseOf returns the lease item of a repository that was not looked up.
func EndLeaseOf(repository string) EndedLease { return EndedLease{repository: repository} }

// identify gives the push its id, and reports whether it is the repeat of a request that was accepted before. A push of known
// content is a repeat, unless something shows that it is another push (newPush).
func (s *Pushes) identify(p *AcceptedPush) (repeated bool) {
	e := &p.Ended
	before, known := "", e.noteOf(p)
	if known != nil {
		if !e.newPush(known, p.RequestID, p.At) {
			p.ID = known.id
			return true
		}
		before = known.id
	}
	for {
		p.ID = p.digest(before)
		at, taken := e.taken[p.ID]
		switch {
		case !taken:
			return false
		// The note is trimmed already, so many pushes came after it.
		case known == nil && p.At.Sub(at) <= trimmedTime && !e.begunAfter(at, p.RequestID):
			return true
		}
		before = p.ID
	}
}

// noteOf returns the note of the last push with the same content, nil for none.
func (e *EndedLease) noteOf(p *AcceptedPush) *note {
	name := noteName(p.content())
	notes := notesOf(e.item)
	if i := slices.IndexFunc(notes, func(n note) bool { return n.name == name }); i >= 0 {
		return &notes[i]
	}
	return nil
}

// newPush reports whether a request with the content of an accepted push is another push: a lease of its request id has begun
// since then, a later push may have undone it, or it comes too late for a repeat.
func (e *EndedLease) newPush(known *note, requestID string, at time.Time) bool {
	if at.Sub(known.at) > noteTime {
		return true
	}
	for attribute := range e.item {
		name, ok := strings.CutPrefix(attribute, leasePrefix)
		if ok && ownLease(name, requestID) && table.Integer(e.item, orderPrefix+name) > known.order {
			return true
		}
	}
	return slices.ContainsFunc(notesOf(e.item), func(n note) bool { return n.order > known.order && n.touches(known) })
}

// trimmedTime is how long a push without a note still has repeats: gitlab-shell's pauses and a request of 29 s each.
const trimmedTime = 2 * time.Minute

// begunAfter reports whether a lease of a request id began after a time.
func (e *EndedLease) begunAfter(at time.Time, requestID string) bool {
	for attribute := range e.item {
		name, ok := strings.CutPrefix(attribute, leasePrefix)
		if ok && ownLease(name, requestID) && table.Integer(e.item, attribute) > at.UnixMilli() {
			return true
		}
	}
	return false
}

// ownLease reports whether a lease was begun with a request id. All leases without an id count as own for a request without one.
func ownLease(name, requestID string) bool {
	if requestID == "" {
		return strings.HasPrefix(name, unnamed)
	}
	return name == leaseName(requestID)
}

// chooseLease returns the lease that a push ends, "" for none, and the count of its unfinished pushes. Among leases without an id
// it prefers the newest, so a lost one expires. Pushes that end at the same time choose among more leases with each attempt.
func (s *Pushes) chooseLease(e *EndedLease, requestID string, attempt int) (name string, open int64) {
	if requestID != "" {
		if name = leaseName(requestID); !e.loaded {
			return name, 1
		}
		return name, table.Integer(e.item, openPrefix+name)
	}
	alive, _ := s.leases(e.item)
	alive = slices.DeleteFunc(alive, func(name string) bool { return !strings.HasPrefix(name, unnamed) })
	if len(alive) == 0 {
		return "", 0
	}
	among := 1
	if attempt > 0 {
		among = min(2<<min(attempt, 10), len(alive))
	}
	//nolint:gosec // spreads load; no secret depends on it
	return alive[len(alive)-1-mathrand.IntN(among)], 1
}

// reload reads the lease item and, if given, a push of the outbox that the condition of a write has found.
func (e *EndedLease) reload(ctx context.Context, s *Pushes, id string, push table.Key) error {
	keys := []table.Key{leaseKey(e.repository)}
	if id != "" {
		keys = append(keys, push)
	}
	found, err := s.db.Get(ctx, keys)
	if err != nil {
		return err
	}
	e.item, e.loaded = found[keys[0]], true
	if found[push] == nil {
		return nil
	}
	if e.taken == nil {
		e.taken = map[string]time.Time{}
	}
	at, _ := time.Parse(time.RFC3339Nano, table.Text(found[push], "at")) // the zero time is no time for a repeat
	e.taken[id] = at
	return nil
}

// EndLease ends a lease without a push. A repository without an open lease is no error.
func (s *Pushes) EndLease(ctx context.Context, e EndedLease, requestID string) error {
	for attempt := range leaseChoices {
		if requestID == "" && !e.loaded || attempt > 0 {
			if err := e.reload(ctx, s, "", table.Key{}); err != nil {
				return err
			}
		}
		update := s.leaseUpdate(&e, requestID, attempt)
		if update.lease == "" {
			return nil
		}
		if err := s.db.Transact(ctx, []table.Write{update.write()}); !errors.Is(err, table.ErrConflict) {
			return err
		}
	}
	return nil
}
