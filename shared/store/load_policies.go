package store

import (
	"context"
	"slices"

	"postern/shared/gitlab"
)

// LoadPolicies reads the scan execution policies of a project and of the groups above it, the nearest place first.
func (s *Store) LoadPolicies(ctx context.Context, c *gitlab.Container) ([]gitlab.SecurityPolicy, error) {
	places := []string{projectKey(c.Project.ID).PK}
	for _, ns := range slices.Backward(c.Chain) {
		places = append(places, namespaceKey(ns.ID).PK)
	}
	var policies []gitlab.SecurityPolicy
	// A Query cannot leave its partition, so each place costs one. Scanners ask for this, and no push waits for it.
	for _, place := range places {
		err := s.query(ctx, place, policyKey(place, "").SK, func(item Item) error {
			var p gitlab.SecurityPolicy
			if err := decode(item, &p); err != nil {
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
