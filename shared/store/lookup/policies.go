package lookup

import (
	"context"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// LoadPolicies reads the scan execution policies of a project and of the groups above it, the nearest place first.
func (s *Loader) LoadPolicies(ctx context.Context, c *gitlab.Container) ([]gitlab.SecurityPolicy, error) {
	places := []string{layout.ProjectKey(c.Project.ID).PK}
	for _, ns := range slices.Backward(c.Chain) {
		places = append(places, layout.NamespaceKey(ns.ID).PK)
	}
	var policies []gitlab.SecurityPolicy
	// A Query cannot leave its partition, so each place costs one. Scanners ask for this, and no push waits for it.
	for _, place := range places {
		err := s.db.Query(ctx, place, layout.PolicyKey(place, "").SK, func(item table.Item) error {
			var p gitlab.SecurityPolicy
			if err := table.Decode(item, &p); err != nil {
				return err
			}
			policies = append(policies, p)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return policies, nil
}
