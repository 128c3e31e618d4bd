package lookup

import (
	"strings"

	"postern/shared/gitlab"
)

// collaborations returns the source branches of a project's open merge requests by the projects that they lead into. The
// keys of the map in the item are "<target project id>:<iid>".
func collaborations(p *gitlab.Project) map[gitlab.ID][]string {
	branches := make(map[gitlab.ID][]string, len(p.Collaborations))
	for key, branch := range p.Collaborations {
		digits, _, _ := strings.Cut(key, ":")
		if id, ok := gitlab.ParseID(digits); ok {
			branches[id] = append(branches[id], branch)
		}
	}
	return branches
}
