package store

import (
	"strings"

	"postern/shared/gitlab"
)

// collaborationTargets returns the projects that open merge requests from a project lead into, each once. The keys
// of the map are "<target project id>:<iid>".
func collaborationTargets(p *gitlab.Project) []gitlab.ID {
	seen := make(map[gitlab.ID]bool, len(p.Collaborations))
	var targets []gitlab.ID
	for key := range p.Collaborations {
		digits, _, _ := strings.Cut(key, ":")
		if id, ok := gitlab.ParseID(digits); ok && !seen[id] {
			seen[id] = true
			targets = append(targets, id)
		}
	}
	return targets
}
