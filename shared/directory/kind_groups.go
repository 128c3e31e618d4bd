package directory

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
)

func securityPolicies() kind {
	return &records[gitlab.SecurityPolicy]{
		array:    "security_policies",
		identity: []string{"project_id", "namespace_id", "name"},
		either:   true,
		fresh: func(now time.Time) gitlab.SecurityPolicy {
			return gitlab.SecurityPolicy{Enabled: true, UpdatedAt: now}
		},
		record: store.SecurityPolicyRecord,
	}
}

func samlGroupLinks() kind {
	return &records[gitlab.SAMLGroupLink]{
		array:    "saml_group_links",
		identity: []string{"namespace_id", "saml_group_name"},
		record:   store.SAMLGroupLinkRecord,
	}
}

func storageLimitExclusions() kind {
	return &records[gitlab.StorageLimitExclusion]{
		array:    "storage_limit_exclusions",
		identity: []string{"namespace_id"},
		record:   store.StorageLimitExclusionRecord,
		locate: func(ctx context.Context, r *run, entries []*entry[gitlab.StorageLimitExclusion]) error {
			for _, e := range entries {
				if !r.writing || e.next.ID != 0 {
					continue
				}
				id, err := r.store.NextID(ctx, "storage_limit_exclusion")
				if err != nil {
					return err
				}
				e.next.ID = id
			}
			return nil
		},
	}
}
