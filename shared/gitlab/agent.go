package gitlab

import "time"

// Agent is a Kubernetes agent, configured in a project.
type Agent struct {
	ID                 ID     `json:"id" directory:"required"`
	Name               string `json:"name,omitempty" directory:"required"`
	ProjectID          ID     `json:"project_id" directory:"required"`
	CreatedByUserID    *ID    `json:"created_by_user_id,omitempty"`
	HasVulnerabilities bool   `json:"has_vulnerabilities,omitempty"`
}

// AgentToken is one credential of an agent. Token is the clear text of a document; the table keeps Digest only.
type AgentToken struct {
	ID      ID     `json:"id" directory:"required"`
	AgentID ID     `json:"agent_id" directory:"required"`
	Name    string `json:"name,omitempty"`
	Status  string `json:"status,omitempty"` // "active" or "revoked"
	Digest  string `json:"token_digest,omitempty" directory:"token"`
}

// SecurityPolicy is a scan execution policy of a project or namespace; exactly one of the two ids is set.
type SecurityPolicy struct {
	ProjectID   *ID       `json:"project_id,omitempty"`
	NamespaceID *ID       `json:"namespace_id,omitempty"`
	Name        string    `json:"name" directory:"required"`
	Type        string    `json:"type,omitempty" directory:"required"` // "scan_execution"
	YAML        string    `json:"yaml,omitempty" directory:"required"`
	Enabled     bool      `json:"enabled,omitempty"`
	UpdatedAt   time.Time `json:"updated_at"`
}
