package access

import "postern/shared/gitlab"

// AgentReads reports whether an agent may read a project's repository (internal API, project_info): it is the agent's
// own, or one that anybody may download from. Below a group with an address list that is nobody in particular, because
// an agent's address is not known.
func AgentReads(agent *gitlab.Agent, c *gitlab.Container) bool {
	if c == nil || c.Project == nil {
		return false
	}
	if c.Project.ID == agent.ProjectID {
		return true
	}
	for i := range c.Chain {
		if len(c.Chain[i].IPRanges) > 0 {
			return false
		}
	}
	return c.Project.Visibility == gitlab.Public && c.Project.RepositoryAccessLevel == gitlab.FeatureEnabled
}
