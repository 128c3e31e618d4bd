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
	// LastUsedAt is written once an hour at most. Kept by the service.
	LastUsedAt *time.Time `json:"last_used_at,omitempty" directory:"-"`
}

// Active reports whether the token still opens anything.
func (t *AgentToken) Active() bool { return t.Status == "active" }

// SecurityPolicy is a scan execution policy of a project or namespace; exactly one of the two ids is set.
type SecurityPolicy struct {
	ProjectID   *ID       `json:"project_id,omitempty"`
	NamespaceID *ID       `json:"namespace_id,omitempty"`
	Name        string    `json:"name" directory:"required"`
	Type        string    `json:"type,omitempty" directory:"required"` // "scan_execution"
	YAML        string    `json:"yaml,omitempty" directory:"required"`
	Enabled     bool      `json:"enabled,omitempty"`
	UpdatedAt   time.Time `json:"updated_at"`

	// What the YAML says, read when the policy is loaded.
	Description string           `json:"description,omitempty" directory:"-"`
	SwitchedOff bool             `json:"switched_off,omitempty" directory:"-"` // the YAML says enabled: false
	Schedules   []PolicySchedule `json:"schedules,omitempty" directory:"-"`
}

// On reports whether the policy is in force: neither its record nor its YAML switches it off.
func (p *SecurityPolicy) On() bool { return p.Enabled && !p.SwitchedOff }

// PolicySchedule is a rule of a policy that agents follow by the clock.
type PolicySchedule struct {
	Cadence string              `json:"cadence"`          // as cron has it
	Agents  map[string][]string `json:"agents,omitempty"` // namespaces by the agent's name; none: all
}
