package gitlab

import "time"

// Agent is a Kubernetes agent, configured in a project.
type Agent struct {
	// number of the agent
	ID ID `json:"id" directory:"required"`
	// name, by which policies refer to it
	Name string `json:"name,omitempty" directory:"required"`
	// project that configures the agent
	ProjectID ID `json:"project_id" directory:"required"`
	// creator
	CreatedByUserID *ID `json:"created_by_user_id,omitempty"`
	// has reported findings, for information
	HasVulnerabilities bool `json:"has_vulnerabilities,omitempty"`
}

// AgentToken is one credential of an agent. Token is the clear text of a document; the table keeps Digest only.
type AgentToken struct {
	// number of the token
	ID ID `json:"id" directory:"required"`
	// agent of the token
	AgentID ID `json:"agent_id" directory:"required"`
	// name
	Name string `json:"name,omitempty"`
	// state of the token
	Status string `json:"status,omitempty"`
	// the token, or its digest as token_digest; only the digest is stored
	Digest string `json:"token_digest,omitempty" directory:"token"`
	// LastUsedAt is written once an hour at most. Kept by the service.
	LastUsedAt *time.Time `json:"last_used_at,omitempty" directory:"-"`
}

// Active reports whether the token still opens anything.
func (t *AgentToken) Active() bool { return t.Status == "active" }

// SecurityPolicy is a scan execution policy of a project or namespace; exactly one of the two ids is set.
type SecurityPolicy struct {
	// project of the policy
	ProjectID *ID `json:"project_id,omitempty"`
	// group of the policy, for all projects below it
	NamespaceID *ID `json:"namespace_id,omitempty"`
	// name
	Name string `json:"name" directory:"required"`
	// kind of policy
	Type string `json:"type,omitempty" directory:"required"`
	// the policy as GitLab writes it
	YAML string `json:"yaml,omitempty" directory:"required"`
	// is in force, unless its YAML disables it
	Enabled bool `json:"enabled,omitempty"`
	// when the policy was changed
	UpdatedAt time.Time `json:"updated_at"`

	// The content of the YAML, read when the policy is loaded.
	Description string           `json:"description,omitempty" directory:"-"`
	SwitchedOff bool             `json:"switched_off,omitempty" directory:"-"` // the YAML has enabled: false
	Schedules   []PolicySchedule `json:"schedules,omitempty" directory:"-"`
}

// On reports whether the policy is in force: neither its record nor its YAML switches it off.
func (p *SecurityPolicy) On() bool { return p.Enabled && !p.SwitchedOff }

// PolicySchedule is a rule of a policy that agents follow by the clock.
type PolicySchedule struct {
	Cadence string              `json:"cadence"`          // as cron has it
	Agents  map[string][]string `json:"agents,omitempty"` // namespaces by the agent's name; none: all
}
