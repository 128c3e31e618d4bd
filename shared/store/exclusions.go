package store

import (
	"context"
	"strings"

	"postern/shared/gitlab"
)

// KindExclusion is what the numbers of storage limit exclusions are given out under.
const KindExclusion = "storage_limit_exclusion"

// exclusionBlockSize is how many ids are counted together: a page is found by the counts, and at most so many records
// before it are read in vain.
const exclusionBlockSize = 100

// exclusionBlock is the block that an exclusion is counted in.
func exclusionBlock(id gitlab.ID) int64 { return (id - 1) / exclusionBlockSize }

// ExclusionContext is what LoadExclusionContext found.
type ExclusionContext struct {
	Settings  Settings
	Namespace *gitlab.Namespace             // nil: there is none
	Exclusion *gitlab.StorageLimitExclusion // nil: it is not excluded
	version   int64                         // of the exclusion
}

// LoadExclusionContext reads a namespace, named by its number or full path, and whether it is excluded from the storage
// limit: in one round trip by number, in two by a top-level path.
func (s *Store) LoadExclusionContext(ctx context.Context, namespace string) (ExclusionContext, error) {
	v := s.newView()
	var c ExclusionContext
	err := v.resolve(ctx, func() bool {
		var known bool
		c, known = v.exclusionContext(namespace)
		return known
	})
	return c, err
}

// exclusionContext evaluates the namespace and its exclusion; a number is an id at once, so both are read in one trip.
func (v *view) exclusionContext(namespace string) (c ExclusionContext, known bool) {
	settings, settingsKnown := v.settings()
	found, id, foundKnown := v.namespaceNamed(namespace)
	c = ExclusionContext{Settings: settings, Namespace: found}
	if id == 0 {
		return c, settingsKnown && foundKnown
	}
	exclusion, exclusionKnown := record[gitlab.StorageLimitExclusion](v, exclusionKey(id))
	c.Exclusion, c.version = exclusion, integer(v.item(exclusionKey(id)), "v")
	return c, settingsKnown && foundKnown && exclusionKnown
}

// namespaceNamed evaluates a number or a full path, as the public API takes them. The id is there as soon as it is known.
func (v *view) namespaceNamed(name string) (ns *gitlab.Namespace, id gitlab.ID, known bool) {
	if strings.Trim(name, "0123456789") == "" {
		id, ok := gitlab.ParseID(name)
		if !ok {
			return nil, 0, true
		}
		ns, known = record[gitlab.Namespace](v, namespaceKey(id))
		return ns, id, known
	}
	if !nameable(name) {
		return nil, 0, true
	}
	chain, known := v.groupAt(gitlab.FoldPath(name))
	if ns = chain.Parent(); ns != nil {
		id = ns.ID
	}
	return ns, id, known
}

// CreateExclusion frees a namespace from the storage limit, under an id that is never given out again. ErrConflict says that
// it is free already, or that it is gone.
func (s *Store) CreateExclusion(
	ctx context.Context, namespace gitlab.ID, reason string, by Author,
) (*gitlab.StorageLimitExclusion, error) {
	id, err := s.NextID(ctx, KindExclusion)
	if err != nil {
		return nil, err
	}
	made := &gitlab.StorageLimitExclusion{ID: id, NamespaceID: namespace, Reason: reason}
	a := s.audited(num(namespace), by, "storage_limit_exclusion_created")
	a.After = asJSON(made)
	return made, s.applyAudited(ctx, a, Change{New: StorageLimitExclusionRecord(made)})
}

// RemoveExclusion puts a namespace below the storage limit again. ErrConflict says that somebody else has changed or removed
// the exclusion since it was read.
func (s *Store) RemoveExclusion(ctx context.Context, c *ExclusionContext, by Author) error {
	gone := StorageLimitExclusionRecord(c.Exclusion).atVersion(c.version)
	a := s.audited(num(c.Exclusion.NamespaceID), by, "storage_limit_exclusion_removed")
	a.Before = asJSON(c.Exclusion)
	return s.applyAudited(ctx, a, Change{Old: gone})
}
