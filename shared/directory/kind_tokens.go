package directory

import (
	"encoding/json"
	"time"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// personalAccessTokens, as all tokens, are given in clear and kept as digests: the same token again changes nothing.
func personalAccessTokens() kind {
	return &records[gitlab.PersonalAccessToken]{
		array:    "personal_access_tokens",
		identity: []string{"id"},
		record:   record.PersonalAccessTokenRecord,
	}
}

// agents are configured in a project; who made one is kept as long as that user is there.
func agents() kind {
	return &records[gitlab.Agent]{
		array:    "agents",
		identity: []string{"id"},
		record:   record.AgentRecord,
	}
}

// agentTokens of an agent may be several, so that one can be exchanged for another.
func agentTokens() kind {
	return &records[gitlab.AgentToken]{
		array:    "agent_tokens",
		identity: []string{"id"},
		fresh:    func(time.Time) gitlab.AgentToken { return gitlab.AgentToken{Status: "active"} },
		record:   record.AgentTokenRecord,
	}
}

// certificate is a trusted certificate authority as documents have it: by its fingerprint, or by its key, from which
// that is computed.
type certificate struct {
	// top-level group that trusts the authority
	NamespaceID gitlab.ID `json:"namespace_id" directory:"required"`
	// SHA-256 in base64 without padding and prefix; empty: computed from key
	Fingerprint string `json:"fingerprint"`
	// the authority's public key, instead of the fingerprint
	Key string `json:"key"`
	// title
	Title string `json:"title" directory:"required"`
}

// sshCertificates are identified by namespace and fingerprint. Where the key is given instead, the fingerprint follows
// from it, and where both are given they have to agree.
func sshCertificates() kind {
	return &records[certificate]{
		array:    "ssh_certificates",
		identity: []string{"namespace_id", "fingerprint"},
		record: func(c *certificate) *record.Record {
			return record.SSHCertificateRecord(&gitlab.SSHCertificate{
				NamespaceID: c.NamespaceID, Fingerprint: c.Fingerprint, Title: c.Title,
			})
		},
		adopt: func(value any) *certificate {
			c, ok := value.(*gitlab.SSHCertificate)
			if !ok {
				return nil
			}
			return &certificate{NamespaceID: c.NamespaceID, Fingerprint: c.Fingerprint, Title: c.Title}
		},
		source: "key",
		named: func(c *certificate, fields document.Object) {
			var line string
			// A key that does not parse leaves no fingerprint here; settle says what is wrong with it.
			if c.Fingerprint == "" && json.Unmarshal(fields["key"], &line) == nil {
				c.Fingerprint, _ = fingerprintOf(line)
			}
		},
		settle: func(_ *run, e *entry[certificate]) {
			computed := settleKey(e, e.next.Key)
			switch {
			case e.next.Fingerprint == "" && e.next.Key == "":
				e.wrong("fingerprint", "or key is required")
			case computed != "" && computed != e.next.Fingerprint:
				e.wrong("fingerprint", "is not that of the key")
			}
		},
	}
}
