package record

import (
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// PersonalAccessTokenRecord is a personal access token, found by its digest.
func PersonalAccessTokenRecord(t *gitlab.PersonalAccessToken) *Record {
	r := newRecord(layout.PersonalTokenKey(t.ID), t)
	r.lead(layout.DigestKey(t.Digest), layout.KindPersonalToken, t.ID)
	r.referTo(layout.UserKey(t.UserID), "pat#"+table.ID(t.ID))
	return r
}

// AgentRecord is an agent, listed with its project and the user who made it.
func AgentRecord(a *gitlab.Agent) *Record {
	r := newRecord(layout.AgentKey(a.ID), a)
	r.referTo(layout.ProjectKey(a.ProjectID), "agent#"+table.ID(a.ID))
	if a.CreatedByUserID != nil {
		r.referTo(layout.UserKey(*a.CreatedByUserID), "agent#"+table.ID(a.ID))
	}
	return r
}

// AgentTokenRecord is a token of an agent, found by its digest.
func AgentTokenRecord(t *gitlab.AgentToken) *Record {
	r := newRecord(layout.AgentTokenKey(t.ID), t)
	r.lead(layout.DigestKey(t.Digest), layout.KindAgentToken, t.ID)
	r.referTo(layout.AgentKey(t.AgentID), "agenttoken#"+table.ID(t.ID))
	return r
}

// SecurityPolicyRecord is a security policy of a project or namespace.
func SecurityPolicyRecord(p *gitlab.SecurityPolicy) *Record {
	place := layout.Partition(p.ProjectID, p.NamespaceID)
	r := newRecord(layout.PolicyKey(place, p.Name), p)
	r.refer(ownKey(place))
	return r
}

// SSHCertificateRecord is a certificate authority that a group trusts, found by its fingerprint.
func SSHCertificateRecord(c *gitlab.SSHCertificate) *Record {
	r := newRecord(layout.SSHCAKey(c.Fingerprint, c.NamespaceID), c)
	r.refer(layout.NamespaceKey(c.NamespaceID))
	r.own(sshCABackKey(c.Fingerprint, c.NamespaceID), nil)
	return r
}

// StorageLimitExclusionRecord frees a namespace from the storage limit. A copy lies in the order of the ids, and is counted
// there; an exclusion that is only being checked has no id yet.
func StorageLimitExclusionRecord(e *gitlab.StorageLimitExclusion) *Record {
	r := newRecord(layout.ExclusionKey(e.NamespaceID), e)
	r.refer(layout.NamespaceKey(e.NamespaceID))
	if e.ID != 0 {
		r.own(layout.ExclusionOrderKey(e.ID), table.Encode(e))
		r.tallies = []tally{{layout.ExclusionCountsKey(), BlockName(exclusionBlock(e.ID))}}
	}
	return r
}

// ExclusionBlockSize is how many ids are counted together: a page is found by the counts, and at most so many records
// before it are read in vain.
const ExclusionBlockSize = 100

// exclusionBlock is the block that an exclusion is counted in.
func exclusionBlock(id gitlab.ID) int64 { return (id - 1) / ExclusionBlockSize }
