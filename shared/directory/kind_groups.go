package directory

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/policy"
	"postern/shared/store/layout"
	"postern/shared/store/record"
)

// securityPolicies belong to a project or a namespace. When one was updated is the document's to say; a new one that does
// not say it is as old as the document's application.
func securityPolicies() kind {
	return &records[gitlab.SecurityPolicy]{
		array:    "security_policies",
		identity: []string{"project_id", "namespace_id", "name"},
		either:   true,
		fresh: func(now time.Time) gitlab.SecurityPolicy {
			return gitlab.SecurityPolicy{Enabled: true, UpdatedAt: now}
		},
		record: record.SecurityPolicyRecord,
		settle: func(_ *run, e *entry[gitlab.SecurityPolicy]) {
			if e.next.YAML == "" { // that it is missing is said already
				return
			}
			if err := policy.Read(e.next); err != nil {
				e.wrong("yaml", "%v", err)
			}
		},
	}
}

// samlGroupLinks have no defaults: a link without its level means nothing.
func samlGroupLinks() kind {
	return &records[gitlab.SAMLGroupLink]{
		array:    "saml_group_links",
		identity: []string{"namespace_id", "saml_group_name"},
		record:   record.SAMLGroupLinkRecord,
	}
}

// storageLimitExclusions get their ids from the service, once and never again: an exclusion that is removed and made
// again has another one. An id that was taken for a write which then failed is left out.
func storageLimitExclusions() kind {
	return &records[gitlab.StorageLimitExclusion]{
		array:    "storage_limit_exclusions",
		identity: []string{"namespace_id"},
		record:   record.StorageLimitExclusionRecord,
		locate: func(ctx context.Context, r *run, entries []*entry[gitlab.StorageLimitExclusion]) error {
			for _, e := range entries {
				// Checking a document must not use up ids: it is often checked and refused.
				if !r.writing || e.next.ID != 0 {
					continue
				}
				id, err := r.store.NextID(ctx, layout.KindExclusion)
				if err != nil {
					return err
				}
				e.next.ID = id
			}
			return nil
		},
	}
}
