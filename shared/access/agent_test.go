package access_test

import (
	"testing"

	"postern/shared/access"
	"postern/shared/gitlab"
)

func TestAgentReads(t *testing.T) {
	open := gitlab.Project{ID: 8, Visibility: gitlab.Public, RepositoryAccessLevel: gitlab.FeatureEnabled}
	with := func(change func(*gitlab.Project)) *gitlab.Container {
		p := open
		change(&p)
		return &gitlab.Container{Project: &p}
	}
	rows := []struct {
		name      string
		container *gitlab.Container
		want      bool
	}{
		{"nothing", nil, false},
		{"a public project", with(func(*gitlab.Project) {}), true},
		{"its own, private", with(func(p *gitlab.Project) { p.ID, p.Visibility = 7, gitlab.Private }), true},
		{"a private project", with(func(p *gitlab.Project) { p.Visibility = gitlab.Private }), false},
		{"an internal project", with(func(p *gitlab.Project) { p.Visibility = gitlab.Internal }), false},
		{"a repository for members", with(func(p *gitlab.Project) { p.RepositoryAccessLevel = gitlab.FeaturePrivate }), false},
		{"a repository that is off", with(func(p *gitlab.Project) { p.RepositoryAccessLevel = gitlab.FeatureDisabled }), false},
		{"below an address list", &gitlab.Container{
			Project: &open, Chain: gitlab.Chain{{ID: 20, IPRanges: []string{"10.0.0.0/8"}}},
		}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := access.AgentReads(&gitlab.Agent{ID: 3, ProjectID: 7}, row.container); got != row.want {
				t.Errorf("AgentReads = %v, want %v", got, row.want)
			}
		})
	}
}
