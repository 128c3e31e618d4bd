package store

import "postern/shared/gitlab"

// PersonalAccessTokenRecord is a personal access token, found by its digest.
func PersonalAccessTokenRecord(t *gitlab.PersonalAccessToken) *Record {
	r := newRecord(personalTokenKey(t.ID), t)
	r.lead(digestKey(t.Digest), KindPersonalToken, t.ID)
	r.referTo(userKey(t.UserID), "pat#"+num(t.ID))
	return r
}

// AgentRecord is an agent, listed with its project and the user who made it.
func AgentRecord(a *gitlab.Agent) *Record {
	r := newRecord(agentKey(a.ID), a)
	r.referTo(projectKey(a.ProjectID), "agent#"+num(a.ID))
	if a.CreatedByUserID != nil {
		r.referTo(userKey(*a.CreatedByUserID), "agent#"+num(a.ID))
	}
	return r
}

// AgentTokenRecord is a token of an agent, found by its digest.
func AgentTokenRecord(t *gitlab.AgentToken) *Record {
	r := newRecord(agentTokenKey(t.ID), t)
	r.lead(digestKey(t.Digest), KindAgentToken, t.ID)
	r.referTo(agentKey(t.AgentID), "agenttoken#"+num(t.ID))
	return r
}

// SecurityPolicyRecord is a security policy of a project or namespace.
func SecurityPolicyRecord(p *gitlab.SecurityPolicy) *Record {
	place := container(p.ProjectID, p.NamespaceID)
	r := newRecord(policyKey(place, p.Name), p)
	r.refer(ownKey(place))
	return r
}

// SSHCertificateRecord is a certificate authority that a group trusts, found by its fingerprint.
func SSHCertificateRecord(c *gitlab.SSHCertificate) *Record {
	r := newRecord(sshCAKey(c.Fingerprint, c.NamespaceID), c)
	r.refer(namespaceKey(c.NamespaceID))
	r.own(sshCABackKey(c.Fingerprint, c.NamespaceID), nil)
	return r
}

// StorageLimitExclusionRecord frees a namespace from the storage limit. A copy lies in the order of the ids, and is counted
// there; an exclusion that is only being checked has no id yet.
func StorageLimitExclusionRecord(e *gitlab.StorageLimitExclusion) *Record {
	r := newRecord(exclusionKey(e.NamespaceID), e)
	r.refer(namespaceKey(e.NamespaceID))
	if e.ID != 0 {
		r.own(exclusionOrderKey(e.ID), encode(e))
		r.tallies = []tally{{exclusionCountsKey(), blockName(exclusionBlock(e.ID))}}
	}
	return r
}
