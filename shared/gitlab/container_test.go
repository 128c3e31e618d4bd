package gitlab_test

import (
	"slices"
	"testing"

	"postern/shared/gitlab"
)

// The hashed layout derives the path of a repository from the SHA-256 of its decimal id.
const (
	hash3  = "4e/07/4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce"
	hash7  = "79/02/7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"
	hash20 = "f5/ca/f5ca38f748a1d6eaf726b8a42fb575c3c71f1864a8143301782de13da2d9202b"
	hash31 = "eb/1e/eb1e33e8a81b697b75855af6bfcdbcbf7cbbde9f94962ceaec1ed8af21f5a50f"
)

func chain() gitlab.Chain {
	return gitlab.Chain{
		{ID: 20, Kind: gitlab.GroupNamespace, Path: "Acme"},
		{ID: 21, Kind: gitlab.GroupNamespace, Path: "sub"},
	}
}

func TestContainerPaths(t *testing.T) {
	project := &gitlab.Project{ID: 7, Path: "app"}
	placed := &gitlab.Project{ID: 7, Path: "app", RelativePath: "@hashed/legacy/app.git"}
	bare := &gitlab.Project{ID: 7, Path: "app", RelativePath: "legacy/app"}
	dotted := &gitlab.Project{ID: 7, Path: "app.wiki"}
	of := func(kind gitlab.RepositoryKind, id gitlab.ID, p *gitlab.Project) gitlab.Container {
		return gitlab.Container{
			Repository: gitlab.Repository{Kind: kind, ID: id}, Project: p, Chain: chain(),
		}
	}
	groupWiki := of(gitlab.GroupWikiRepository, 20, nil)
	groupWiki.Group, groupWiki.Chain = &groupWiki.Chain[0], groupWiki.Chain[:1]
	personal := of(gitlab.SnippetRepository, 31, nil)
	personal.Chain = nil
	tests := []struct {
		name           string
		c              gitlab.Container
		full, relative string
	}{
		{"project", of(gitlab.ProjectRepository, 7, project), "Acme/sub/app", "@hashed/" + hash7 + ".git"},
		{"wiki", of(gitlab.WikiRepository, 7, project), "Acme/sub/app.wiki", "@hashed/" + hash7 + ".wiki.git"},
		{"design", of(gitlab.DesignRepository, 7, project), "Acme/sub/app.design", "@hashed/" + hash7 + ".design.git"},
		{"project snippet", of(gitlab.SnippetRepository, 31, project), "Acme/sub/app/snippets/31", "@snippets/" + hash31 + ".git"},
		{"personal snippet", personal, "snippets/31", "@snippets/" + hash31 + ".git"},
		{"group wiki", groupWiki, "Acme.wiki", "@groups/" + hash20 + ".wiki.git"},
		{"project with a place of its own", of(gitlab.ProjectRepository, 7, placed), "Acme/sub/app", "@hashed/legacy/app.git"},
		{"its wiki beside it", of(gitlab.WikiRepository, 7, placed), "Acme/sub/app.wiki", "@hashed/legacy/app.wiki.git"},
		{"its designs beside it", of(gitlab.DesignRepository, 7, placed), "Acme/sub/app.design", "@hashed/legacy/app.design.git"},
		{"a place without suffix", of(gitlab.ProjectRepository, 7, bare), "Acme/sub/app", "legacy/app.git"},
		{"project named like a wiki", of(gitlab.ProjectRepository, 7, dotted), "Acme/sub/app.wiki", "@hashed/" + hash7 + ".git"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.c.FullPath(); got != tt.full {
				t.Errorf("full path %q, want %q", got, tt.full)
			}
			if got := tt.c.RelativePath(); got != tt.relative {
				t.Errorf("relative path %q, want %q", got, tt.relative)
			}
		})
	}
}

func TestDiskPath(t *testing.T) {
	if got := gitlab.DiskPath("@hashed", 3); got != "@hashed/"+hash3 {
		t.Errorf("got %q", got)
	}
}

func TestContainerStorage(t *testing.T) {
	tests := []struct {
		name string
		c    gitlab.Container
		want string
	}{
		{"the project's", gitlab.Container{Project: &gitlab.Project{Storage: "fast"}}, "fast"},
		{"the snippet's, not its project's", gitlab.Container{
			Project: &gitlab.Project{Storage: "fast"}, Snippet: &gitlab.Snippet{Storage: "slow"},
		}, "slow"},
		{"the default", gitlab.Container{Project: &gitlab.Project{}}, ""},
		{"the default for a group's wiki", gitlab.Container{Group: &gitlab.Namespace{}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.c.Storage(); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestChain(t *testing.T) {
	c := chain()
	if got := c.Root(); got == nil || got.ID != 20 {
		t.Errorf("root %+v", got)
	}
	if got := c.Parent(); got == nil || got.ID != 21 {
		t.Errorf("parent %+v", got)
	}
	if got := c.IDs(); !slices.Equal(got, []gitlab.ID{20, 21}) {
		t.Errorf("ids %v", got)
	}
	for want, got := range map[string]string{
		"Acme/sub":         c.FullPath(),
		"Acme/sub/app":     c.FullPath("app"),
		"Acme/sub/app/x/y": c.FullPath("app", "x", "y"),
		"app":              gitlab.Chain(nil).FullPath("app"),
		"":                 gitlab.Chain(nil).FullPath(),
	} {
		if got != want {
			t.Errorf("full path %q, want %q", got, want)
		}
	}
	var empty gitlab.Chain
	if empty.Root() != nil || empty.Parent() != nil || len(empty.IDs()) != 0 {
		t.Error("an empty chain has a namespace")
	}
}
