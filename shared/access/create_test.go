package access

import (
	"reflect"
	"testing"

	"postern/shared/gitlab"
)

func TestWhoCreatesAProjectByPush(t *testing.T) {
	own := missing("dan/fresh", personal(13, "dan"))
	inGroup := func(l gitlab.ProjectCreationLevel) with {
		return func(r *Request) {
			missing("acme/fresh", group("acme"))(r)
			r.Parent[0].ProjectCreationLevel = l
		}
	}
	tests := []struct {
		name  string
		given []with
		want  Outcome
	}{
		{"in one's own namespace", given(own), CreateProject},
		{"by user id", given(own, byUser), CreateProject},
		{"over http", given(own, protocol("http")), CreateProject},
		{"not in another's namespace", given(missing("mia/fresh", personal(12, "mia"))), Denied},
		{"an administrator in another's namespace", given(admin, missing("mia/fresh", personal(12, "mia"))), CreateProject},
		{"not without a limit left", given(own, user(func(u *gitlab.User) { u.ProjectsLimit = 0 })), Denied},
		{"not whom it is forbidden", given(own, user(func(u *gitlab.User) { u.CanCreateProject = false })), Denied},
		{"not external users", given(own, external), Denied},
		{"not deploy keys", given(own, deployKey(unlinked)), Denied},
		{"not nobody", given(own, nobody), Denied},
		{"not a fetch", given(own, action(UploadPack)), Denied},
		{"not an archive", given(own, action(UploadArchive)), Denied},
		{"not where there is no namespace", given(missing("nowhere/fresh", nil)), Denied},
		{"not a wiki", given(own, func(r *Request) { r.Asked = gitlab.WikiRepository }), Denied},
		{"not by gl_repository", given(own, byID), Denied},

		{"developer level, developer", given(inGroup(gitlab.CreationDeveloper)), CreateProject},
		{"developer level, reporter", given(inGroup(gitlab.CreationDeveloper), level(gitlab.Reporter)), Denied},
		{"developer level, stranger", given(inGroup(gitlab.CreationDeveloper), stranger), Denied},
		{"maintainer level, developer", given(inGroup(gitlab.CreationMaintainer)), Denied},
		{"maintainer level, maintainer", given(inGroup(gitlab.CreationMaintainer), level(gitlab.Maintainer)), CreateProject},
		{"owner level, maintainer", given(inGroup(gitlab.CreationOwner), level(gitlab.Maintainer)), Denied},
		{"owner level, owner", given(inGroup(gitlab.CreationOwner), level(gitlab.Owner)), CreateProject},
		{"administrator level, owner", given(inGroup(gitlab.CreationAdministrator), level(gitlab.Owner)), Denied},
		{"administrator level, administrator", given(inGroup(gitlab.CreationAdministrator), admin), CreateProject},
		{"no one, owner", given(inGroup(gitlab.CreationNoOne), level(gitlab.Owner)), Denied},
		{"no one, administrator", given(inGroup(gitlab.CreationNoOne), admin), Denied},
		{"an unknown level, owner", given(inGroup("anyone"), level(gitlab.Owner)), Denied},
		{"group, forbidden to create", given(
			inGroup(gitlab.CreationDeveloper), user(func(u *gitlab.User) { u.CanCreateProject = false }),
		), Denied},
		{"group, no limit left", given(
			inGroup(gitlab.CreationDeveloper), user(func(u *gitlab.User) { u.ProjectsLimit = 0 }),
		), CreateProject},
		{"confined to the group", given(inGroup(gitlab.CreationDeveloper), confinedTo("acme")), CreateProject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Check(ask(append(given(push), tt.given...)...))
			explained(t, &d, append(given(push), tt.given...))
			if d.Outcome != tt.want {
				t.Fatalf("outcome %q (%d %q, failed %q)", d.Outcome, d.Status, d.Message, d.Failed)
			}
			if d.Outcome == Denied && d.Status != 404 {
				t.Errorf("refused with %d %q", d.Status, d.Message)
			}
			if d.Outcome == CreateProject && (d.Status != 200 || d.Failed != "" || d.Message != "") {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// No project is created for a push that is refused all the same.
func TestNoProjectIsCreatedForAPushThatWillBeRefused(t *testing.T) {
	created := missing("acme/fresh", group("acme"))
	decide(t, []row{
		{"the group refuses the protocol", given(push, created, root(func(n *gitlab.Namespace) {
			n.EnabledGitAccessProtocol = "http"
		})), 401, "Git access over SSH is not allowed"},
		{"the group refuses the address", given(
			push, created, ranges("192.0.2.0/24"), from("203.0.113.5"),
		), 404, textNoProject},
		{"the group asks for a session", given(push, created, root(func(n *gitlab.Namespace) {
			n.SAMLSSOURL = ptr("https://gitlab.example.com/sso")
		})), 401, textNoSSOSession + "https://gitlab.example.com/sso"},
		{"the login is confined elsewhere", given(push, created, confinedTo("other")), 401, textNamespace},
		{"below the path, but elsewhere", given(
			push, missing("acme/fresh", group("other")), confinedTo("acme"),
		), 404, textNoProject},
		{"the instance only reads", given(push, created, instance(readOnly)), 401, textReadOnly},
		{
			"a bad path", given(push, missing("dan/cannot_end_with_dot.", personal(13, "dan"))), 422,
			"Could not create project: Path must not start or end with a special character " +
				"and must not contain consecutive special characters.",
		},
		{"a bad path, stranger", given(push, missing("mia/cannot_end_with_dot.", personal(12, "mia"))), 404, textNoProject},
		{
			"a reserved path", given(push, missing("dan/tree", personal(13, "dan"))), 422,
			"Could not create project: Path tree is a reserved name",
		},
	})
}

func TestCouldNotCreate(t *testing.T) {
	got := CouldNotCreate([]string{"Path has already been taken", "Name has already been taken"})
	want := Decision{
		Outcome: Denied, Status: 422, Failed: "project_creation",
		Message: "Could not create project: Path has already been taken, Name has already been taken",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestOnceCreatedThePushIsAllowed(t *testing.T) {
	r := ask(push, missing("dan/fresh", personal(13, "dan")))
	if d := Check(r); d.Outcome != CreateProject {
		t.Fatalf("outcome %q", d.Outcome)
	}
	r.Container = &gitlab.Container{
		Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 90},
		Project:    &gitlab.Project{ID: 90, Path: "fresh", Visibility: gitlab.Private, RepositoryExists: true},
		Chain:      r.Parent,
	}
	if d := Check(r); d.Outcome != Allowed || d.Level != gitlab.Owner {
		t.Errorf("then: %+v", d)
	}
}
