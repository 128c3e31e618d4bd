package limits

import (
	"context"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// ExclusionContext is the result of LoadExclusionContext.
type ExclusionContext struct {
	Settings  record.Settings
	Namespace *gitlab.Namespace             // nil: not found
	Exclusion *gitlab.StorageLimitExclusion // nil: it is not excluded
	version   int64                         // of the exclusion
}

// LoadExclusionContext reads a namespace by its number or full path, and its exclusion from the storage limit. It takes one round
// trip by number, two by a top-level path.
func (s *Limits) LoadExclusionContext(ctx context.Context, namespace string) (ExclusionContext, error) {
	v := s.newView()
	var c ExclusionContext
	err := v.Resolve(ctx, func() bool {
		var known bool
		c, known = v.exclusionContext(namespace)
		return known
	})
	return c, err
}

// exclusionContext evaluates the namespace and its exclusion; a number is an id at once, so both are read in one trip.
func (v *view) exclusionContext(namespace string) (c ExclusionContext, known bool) {
	settings, settingsKnown := v.Settings()
	found, id, foundKnown := v.namespaceNamed(namespace)
	c = ExclusionContext{Settings: settings, Namespace: found}
	if id == 0 {
		return c, settingsKnown && foundKnown
	}
	exclusion, exclusionKnown := lookup.Read[gitlab.StorageLimitExclusion](v.View, layout.ExclusionKey(id))
	c.Exclusion, c.version = exclusion, table.Integer(v.Item(layout.ExclusionKey(id)), "v")
	return c, settingsKnown && foundKnown && exclusionKnown
}

// namespaceNamed evaluates a number or a full path, as the public API takes them. The id is there as soon as it is known.
func (v *view) namespaceNamed(name string) (ns *gitlab.Namespace, id gitlab.ID, known bool) {
	if strings.Trim(name, "0123456789") == "" {
		id, ok := gitlab.ParseID(name)
		if !ok {
			return nil, 0, true
		}
		ns, known = lookup.Read[gitlab.Namespace](v.View, layout.NamespaceKey(id))
		return ns, id, known
	}
	if !table.Nameable(name) {
		return nil, 0, true
	}
	chain, known := v.GroupAt(gitlab.FoldPath(name))
	if ns = chain.Parent(); ns != nil {
		id = ns.ID
	}
	return ns, id, known
}

// CreateExclusion excludes a namespace from the storage limit, under an id that is never reused. ErrConflict reports that it is
// excluded already, or that it was removed.
func (s *Limits) CreateExclusion(
	ctx context.Context, namespace gitlab.ID, reason string, by audit.Author,
) (*gitlab.StorageLimitExclusion, error) {
	id, err := s.records.NextID(ctx, layout.KindExclusion)
	if err != nil {
		return nil, err
	}
	made := &gitlab.StorageLimitExclusion{ID: id, NamespaceID: namespace, Reason: reason}
	a := s.audits.Audited(table.ID(namespace), by, "storage_limit_exclusion_created")
	a.After = audit.JSON(made)
	return made, s.audits.ApplyAudited(ctx, a, record.Change{New: record.StorageLimitExclusionRecord(made)})
}

// RemoveExclusion applies the storage limit to a namespace again. ErrConflict reports that another writer has changed or removed
// the exclusion since the read.
func (s *Limits) RemoveExclusion(ctx context.Context, c *ExclusionContext, by audit.Author) error {
	gone := record.StorageLimitExclusionRecord(c.Exclusion).AtVersion(c.version)
	a := s.audits.Audited(table.ID(c.Exclusion.NamespaceID), by, "storage_limit_exclusion_removed")
	a.Before = audit.JSON(c.Exclusion)
	return s.audits.ApplyAudited(ctx, a, record.Change{Old: gone})
}
