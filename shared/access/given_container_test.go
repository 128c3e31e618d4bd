package access

import (
	"slices"

	"postern/shared/gitlab"
)

// What it is about.

func project(change func(p *gitlab.Project)) with {
	return func(r *Request) { change(r.Container.Project) }
}

func visibility(v gitlab.Visibility) with {
	return project(func(p *gitlab.Project) { p.Visibility = v })
}

func repositoryFeature(l gitlab.FeatureLevel) with {
	return project(func(p *gitlab.Project) { p.RepositoryAccessLevel = l })
}

func archived(p *gitlab.Project) { p.Archived = true }

// in puts the container below a chain.
func in(chain gitlab.Chain) with { return func(r *Request) { r.Container.Chain = chain } }

// root changes the top-level namespace of the container, or of where it would be.
func root(change func(n *gitlab.Namespace)) with {
	return func(r *Request) {
		if r.Container == nil {
			change(r.Parent.Root())
			return
		}
		change(r.Container.Chain.Root())
	}
}

func wiki(r *Request) {
	r.AskedPath += ".wiki"
	kind(gitlab.WikiRepository)(r)
}

func kind(k gitlab.RepositoryKind) with {
	return func(r *Request) { r.Asked, r.Container.Repository.Kind = k, k }
}

func groupWiki(r *Request) {
	kind(gitlab.GroupWikiRepository)(r)
	r.AskedPath = "acme.wiki"
	r.Container.Project, r.Container.Group = nil, r.Container.Chain.Root()
}

// snippet asks for snippet 32 of acme/app, which is @dan's; change it as given.
func snippet(change func(s *gitlab.Snippet)) with {
	return func(r *Request) {
		kind(gitlab.SnippetRepository)(r)
		r.AskedPath = "acme/app/snippets/32"
		r.Container.Snippet = &gitlab.Snippet{ID: 32, AuthorID: 13, Visibility: gitlab.Private, DefaultBranch: "main"}
		change(r.Container.Snippet)
	}
}

func ofDan(*gitlab.Snippet) {}

func ofAnother(s *gitlab.Snippet) { s.AuthorID = 12 }

// personalSnippet asks for @dan's own one instead, changed as given.
func personalSnippet(change func(s *gitlab.Snippet)) with {
	return func(r *Request) {
		snippet(change)(r)
		r.AskedPath = "snippets/31"
		r.Container.Project, r.Container.Chain, r.Members = nil, nil, nil
	}
}

// byID names the repository by its gl_repository.
func byID(r *Request) { r.AskedPath = "" }

// missing asks for a path where nothing is; parent is where it would be created.
func missing(path string, parent gitlab.Chain) with {
	return func(r *Request) { r.Container, r.AskedPath, r.Parent = nil, path, slices.Clone(parent) }
}

// gone takes the container away and leaves all else.
func gone(r *Request) { r.Container = nil }
