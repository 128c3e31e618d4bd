package access

import (
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
		ProjectCreationLevel: gitlab.CreationDeveloper, SAMLEnabled: true,
	}}
}

func personal(owner gitlab.ID, path string) gitlab.Chain {
	return gitlab.Chain{{
		ID: 100 + owner, Kind: gitlab.UserNamespace, Path: path, OwnerID: &owner,
		ProjectCreationLevel: gitlab.CreationDeveloper,
	}}
}

func push(r *Request) { r.Action = ReceivePack }

func action(a string) with { return func(r *Request) { r.Action = a } }

func protocol(p string) with { return func(r *Request) { r.Protocol = p } }

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
