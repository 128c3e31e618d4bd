package tenants

import (
	"context"
	"sync"

	"postern/shared/gitlab"
)

// idsReserved is how many numbers a process sets aside at a time.
const idsReserved = 16

// mostSkipped bounds how many numbers are passed over at a time.
const mostSkipped = 1 << 20

// idRanges are numbers that this process has set aside, by kind, so that few records cost a call for their ids. What is not
// used when the process ends is left out.
type idRanges struct {
	mu     sync.Mutex
	ranges map[string]*idRange
}

type idRange struct {
	next, end gitlab.ID
	size      int64 // of the range that is set aside next
}

func newIDRanges() *idRanges { return &idRanges{ranges: map[string]*idRange{}} }

// take gives out a number of a kind. Who comes while others are being set aside waits for those.
func (r *idRanges) take(ctx context.Context, s *Tenants, kind string) (gitlab.ID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.of(kind)
	if own.next == own.end {
		last, err := s.records.ReserveIDs(ctx, kind, own.size)
		if err != nil {
			return 0, err
		}
		own.next, own.end = last-idsReserved+1, last+1
		own.size = idsReserved
	}
	own.next++
	return own.next - 1, nil
}

// skip gives up what is set aside, because records have these ids which the counter does not know of: those of an installation
// whose directory was moved here. Every time it passes over twice as many.
func (r *idRanges) skip(kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.of(kind)
	own.next = own.end
	own.size = min(own.size*2, mostSkipped)
}

// of returns what is set aside of a kind's ids; the lock is the caller's.
func (r *idRanges) of(kind string) *idRange {
	if r.ranges[kind] == nil {
		r.ranges[kind] = &idRange{size: idsReserved}
	}
	return r.ranges[kind]
}
