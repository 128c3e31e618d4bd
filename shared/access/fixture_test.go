package access

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/shared/gitlab"
)

// now is the time of all requests of the tests.
var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) *time.Time {
	t := now.Add(d)
	return &t
}

func ptr[T any](v T) *T { return &v }

// with changes one thing about a request.
type with func(r *Request)

// ask returns a request by @dan's key to fetch the private project acme/app, of which he is a developer, changed as
// given. The instance runs under a license.
func ask(changes ...with) *Request {
	instance := gitlab.DefaultInstance()
	instance.URL = "https://gitlab.example.com"
	r := &Request{
		Action:    UploadPack,
		Protocol:  "ssh",
		Changes:   AnyChanges,
		Asked:     gitlab.ProjectRepository,
		AskedPath: "acme/app",
		Actor: gitlab.Actor{
			Key:  &gitlab.Key{ID: 102, UserID: ptr[gitlab.ID](13), Type: gitlab.PersonalKey},
			User: person(13, "dan"),
		},
		Container: &gitlab.Container{
			Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7},
			Project: &gitlab.Project{
				ID: 7, NamespaceID: 20, Path: "app", Visibility: gitlab.Private, RepositoryExists: true, DefaultBranch: "main",
				RepositoryAccessLevel: gitlab.FeatureEnabled, WikiAccessLevel: gitlab.FeatureEnabled,
				SnippetsAccessLevel: gitlab.FeatureEnabled,
			},
			Chain: group("acme"),
		},
		Members:  []gitlab.Member{{UserID: 13, ProjectID: ptr[gitlab.ID](7), AccessLevel: gitlab.Developer}},
		Instance: instance,
		Now:      now,
	}
	for _, change := range changes {
		change(r)
	}
	return r
}

func person(id gitlab.ID, name string) *gitlab.User {
	return &gitlab.User{
		ID: id, Username: name, State: gitlab.UserActive, UserType: gitlab.UserHuman,
		ConfirmedAt: at(-time.Hour), CanCreateProject: true, ProjectsLimit: 10,
	}
}

func group(path string) gitlab.Chain {
	return gitlab.Chain{{
		ID: 20, Kind: gitlab.GroupNamespace, Path: path, Visibility: gitlab.Private,
		ProjectCreationLevel: gitlab.CreationDeveloper, SAMLEnabled: true, DefaultBranchProtection: 2,
	}}
}

func personal(owner gitlab.ID, path string) gitlab.Chain {
	return gitlab.Chain{{
		ID: 100 + owner, Kind: gitlab.UserNamespace, Path: path, OwnerID: &owner,
		ProjectCreationLevel: gitlab.CreationDeveloper,
	}}
}

// What is wanted.

func push(r *Request) { r.Action = ReceivePack }

func action(a string) with { return func(r *Request) { r.Action = a } }

func protocol(p string) with { return func(r *Request) { r.Protocol = p } }

// changes are given as the lines of a hook; Z stands for no object, A to D for commits.
func changes(c string) with {
	return func(r *Request) {
		r.Changes, r.Refs = c, nil
		if c != AnyChanges {
			r.Refs = parsed(c)
		}
	}
}

// parsed reads lines of a hook in which letters stand for objects.
func parsed(lines string) []gitlab.Change {
	fields := strings.Fields(lines)
	for i := range fields {
		if i%3 < 2 && len(fields[i]) == 1 {
			fields[i] = object(fields[i])
		}
	}
	for i := 2; i < len(fields); i += 3 {
		fields[i] += "\n"
	}
	refs, err := gitlab.ParseChanges(strings.Join(fields, " "))
	if err != nil {
		return nil
	}
	return refs
}

// object returns the id that a letter stands for.
func object(letter string) string {
	if letter == "Z" {
		letter = "0"
	}
	return strings.Repeat(strings.ToLower(letter), 40)
}

const realChanges = "A B refs/heads/feat"

// knows gives the answers of Gitaly: B descends from A, C and D do not.
func knows(r *Request) {
	r.History.Descents = map[Descent]bool{
		{object("A"), object("B")}: true, {object("A"), object("C")}: false, {object("A"), object("D")}: false,
		{object("B"), object("A")}: false, {object("C"), object("A")}: false, {object("C"), object("B")}: false,
	}
}

// tips are the commits that protected branches point to.
func tips(letters ...string) with {
	return func(r *Request) {
		r.History.TipsKnown = true
		for _, l := range letters {
			r.History.Tips = append(r.History.Tips, object(l))
		}
	}
}

func levels(list ...gitlab.AccessLevel) []gitlab.Grantee {
	entries := make([]gitlab.Grantee, len(list))
	for i := range list {
		entries[i].AccessLevel = &list[i]
	}
	return entries
}

// branchRule protects branches by levels for pushing and merging.
func branchRule(name string, push, merge gitlab.AccessLevel) gitlab.ProtectedBranch {
	return gitlab.ProtectedBranch{Name: name, PushAccessLevels: levels(push), MergeAccessLevels: levels(merge)}
}

// protectedBy adds rules for branches.
func protectedBy(rules ...gitlab.ProtectedBranch) with {
	return func(r *Request) { r.Rules.Branches = append(r.Rules.Branches, rules...) }
}

// rules are those of the behavior cases.
func rules(r *Request) {
	dev := branchRule("dev", gitlab.Developer, gitlab.Developer)
	dev.AllowForcePush = true
	protectedBy(branchRule("main", gitlab.Maintainer, gitlab.Maintainer), branchRule("rel-*", gitlab.NoAccess, gitlab.Maintainer), dev)(r)
	r.Rules.Tags = []gitlab.ProtectedTag{{ProjectID: 7, Name: "v*", CreateAccessLevels: levels(gitlab.Maintainer)}}
}

// Who wants it.

func level(l gitlab.AccessLevel) with {
	return func(r *Request) {
		r.Members = nil
		if l != gitlab.NoAccess {
			r.Members = []gitlab.Member{{UserID: r.Actor.User.ID, AccessLevel: l}}
		}
	}
}

func stranger(r *Request) { level(gitlab.NoAccess)(r) }

func admin(r *Request) {
	stranger(r)
	r.Actor.User.Admin = true
}

func external(r *Request) { r.Actor.User.External = true }

func nobody(r *Request) { r.Actor, r.Members = gitlab.Actor{}, nil }

func byUser(r *Request) { r.Actor.Key = nil }

func ownerlessKey(r *Request) {
	r.Actor.User, r.Actor.Key.UserID, r.Members = nil, nil, nil
}

// deployKey acts instead, created by @dan; link is what lets it in.
func deployKey(link *gitlab.DeployKeyLink) with {
	return func(r *Request) {
		r.Actor.Key.Type, r.Link = gitlab.DeployKey, link
		r.CreatorMembers = r.Members
	}
}

var (
	unlinked *gitlab.DeployKeyLink
	readLink = &gitlab.DeployKeyLink{KeyID: 102, ProjectID: 7}
	pushLink = &gitlab.DeployKeyLink{KeyID: 102, ProjectID: 7, CanPush: true}
)

func user(change func(u *gitlab.User)) with { return func(r *Request) { change(r.Actor.User) } }

func key(change func(k *gitlab.Key)) with { return func(r *Request) { change(r.Actor.Key) } }

func from(ip string) with { return func(r *Request) { r.CheckIP = ip } }

func confinedTo(path string) with {
	return func(r *Request) { r.Confined, r.NamespacePath = true, path }
}

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

func instance(change func(i *gitlab.Instance)) with { return func(r *Request) { change(&r.Instance) } }

func community(r *Request) { r.Instance.Edition = gitlab.CommunityEdition }

// row is one behavior of a table test.
type row struct {
	name    string
	given   []with
	status  int
	message string
}

func given(changes ...with) []with { return changes }

// decide runs the rows of a table.
func decide(t *testing.T, rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d := Check(ask(row.given...))
			if d.Status != row.status || d.Message != row.message {
				t.Errorf("got %d %q (failed: %q), want %d %q", d.Status, d.Message, d.Failed, row.status, row.message)
			}
			explained(t, &d, row.given)
		})
	}
}
