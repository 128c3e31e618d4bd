package tenants

import (
	"context"
	"fmt"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/scimkeys"
)

// PlaceSCIMIdentities gives new identities that a document lists their places in their tenants' lists, in the order of the
// document: index is where it has the first one. Writing an identity with its place enters it there and counts it.
func (s *Tenants) PlaceSCIMIdentities(ctx context.Context, at time.Time, indexes []int, identities []*gitlab.SCIMIdentity) error {
	next := map[gitlab.ID]*scimRoom{}
	for i, identity := range identities {
		tenant := gitlab.ID(0)
		if identity.NamespaceID != nil {
			tenant = *identity.NamespaceID
		}
		if next[tenant] == nil {
			room, err := s.scimRoom(ctx, tenant)
			if err != nil {
				return err
			}
			next[tenant] = room
		}
		// The user keeps apart what two documents of one moment list at the same index.
		identity.Place = scimkeys.Place(next[tenant].take(), at, fmt.Sprintf("%09d#%d", indexes[i], identity.UserID))
	}
	return nil
}

// scimRoom is where the next identities of a tenant go.
type scimRoom struct {
	block int
	taken int64
}

// take returns the block for one more.
func (r *scimRoom) take() int {
	if r.taken >= scimkeys.BlockSize {
		r.block, r.taken = r.block+1, 0
	}
	r.taken++
	return r.block
}

// scimRoom reads where that is.
func (s *Tenants) scimRoom(ctx context.Context, tenant gitlab.ID) (*scimRoom, error) {
	v := s.newView()
	var blocks scimBlocks
	counted, _ := s.hints.scimCounts.Get(tenant)
	err := v.Resolve(ctx, func() bool {
		var known bool
		blocks, known = v.scimBlocks(tenant, max(counted-1, 0))
		return known
	})
	return &scimRoom{block: blocks.next(), taken: blocks.in(blocks.next())}, err
}
