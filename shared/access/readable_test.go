package access

import (
	"testing"
	"time"

	"postern/shared/gitlab"
)

func member(m gitlab.Member) with { return func(r *Request) { r.Members = []gitlab.Member{m} } }

func TestWhoReadsAProject(t *testing.T) {
	decide(t, []row{
		{"public, nobody", given(nobody, visibility(gitlab.Public)), 200, ""},
		{"public, stranger", given(stranger, visibility(gitlab.Public)), 200, ""},
		{"public, unlinked deploy key", given(deployKey(unlinked), visibility(gitlab.Public)), 200, ""},
		{"internal, stranger", given(stranger, visibility(gitlab.Internal)), 200, ""},
		{"internal, nobody", given(nobody, visibility(gitlab.Internal)), 404, textNoProject},
		{"internal, external stranger", given(stranger, external, visibility(gitlab.Internal)), 404, textNoProject},
		{"internal, external guest", given(level(gitlab.Guest), external, visibility(gitlab.Internal)), 200, ""},
		{"internal, unlinked deploy key", given(deployKey(unlinked), visibility(gitlab.Internal)), 404, textNoProject},
		{"private, nobody", given(nobody), 404, textNoProject},
		{"private, stranger", given(stranger), 404, textNoProject},
		{"private, stranger's push", given(stranger, push), 404, textNoProject},
		{"private, guest reads but does not download", given(level(gitlab.Guest)), 401, textDownloadProject},
		{"private, owner of the namespace", given(stranger, in(personal(13, "dan"))), 200, ""},
		{"private, stranger to the namespace", given(stranger, in(personal(12, "mia"))), 404, textNoProject},
		{"private, administrator", given(admin), 200, ""},
		{"private, administrator's push", given(admin, push), 200, ""},
		{"private, linked deploy key", given(deployKey(readLink)), 200, ""},
		{"private, unlinked deploy key", given(deployKey(unlinked)), 404, textNoProject},
		{"a deploy key does not read with its creator's rights", given(admin, deployKey(unlinked)), 404, textNoProject},
		{"an unknown visibility is private", given(stranger, visibility("secret")), 404, textNoProject},

		{"awaiting membership is none", given(member(gitlab.Member{
			AccessLevel: gitlab.Owner, Awaiting: true,
		})), 404, textNoProject},
		{"expired membership is none", given(member(gitlab.Member{
			AccessLevel: gitlab.Owner, ExpiresAt: at(0),
		})), 404, textNoProject},
		{"membership that still holds", given(member(gitlab.Member{
			AccessLevel: gitlab.Developer, ExpiresAt: at(time.Second),
		})), 200, ""},
	})
}

func TestWhatIsNotThere(t *testing.T) {
	deleted := project(func(p *gitlab.Project) { p.PendingDelete = true })
	lost := project(func(p *gitlab.Project) { p.RepositoryExists = false })
	decide(t, []row{
		{"project", given(missing("acme/nothing", nil)), 404, textNoProject},
		{"project, push, no namespace either", given(push, missing("nowhere/x", nil)), 404, textNoProject},
		{"project by gl_repository", given(gone, byID), 404, textNoProject},
		{"project being deleted", given(deleted), 404, textNoProject},
		{"project being deleted, administrator", given(deleted, admin), 404, textNoProject},
		{"path without namespace", given(missing("app", nil)), 404, textNoNamespace},
		{"path with an empty namespace", given(missing("/app", nil)), 404, textNoNamespace},
		{"path without namespace, push", given(push, missing("app", nil)), 404, textNoNamespace},
		{"wiki", given(wiki, gone), 404, textNoWiki},
		{"wiki without namespace", given(wiki, missing("x.wiki", nil)), 404, textNoWiki},
		{"wiki of a stranger's project", given(wiki, stranger), 404, textNoWiki},
		{"snippet", given(snippet(ofDan), gone), 404, textNoSnippet},
		{"repository lost", given(lost), 404, textNoProjectRepository},
		{"repository lost, push", given(lost, push), 404, textNoProjectRepository},
		{"repository lost, stranger", given(lost, stranger), 404, textNoProject},
		{"repository of the wiki lost", given(lost, wiki), 404, textNoWikiRepository},
		{"repository lost, its snippet is not", given(lost, snippet(ofDan)), 200, ""},
	})
}

// A container whose parts are missing is none: nothing may be allowed because a record was not loaded.
func TestIncompleteContainersAreNone(t *testing.T) {
	empty := func(r *Request) {
		r.Container.Project, r.Container.Snippet, r.Container.Group = nil, nil, nil
	}
	decide(t, []row{
		{"project", given(admin, empty), 404, textNoProject},
		{"wiki", given(admin, wiki, empty), 404, textNoWiki},
		{"group wiki", given(admin, groupWiki, empty), 404, textNoWiki},
		{"snippet", given(admin, snippet(ofDan), empty), 404, textNoSnippet},
		{"design", given(admin, kind(gitlab.DesignRepository), protocol("web"), empty), 401, textManageDesigns},
	})
}

func TestEffectiveLevel(t *testing.T) {
	tests := []struct {
		name  string
		given []with
		want  gitlab.AccessLevel
	}{
		{"the membership's", nil, gitlab.Developer},
		{"the highest of all memberships", given(func(r *Request) {
			r.Members = []gitlab.Member{
				{AccessLevel: gitlab.Reporter},
				{AccessLevel: gitlab.Maintainer},
				{AccessLevel: gitlab.Guest},
				{AccessLevel: gitlab.Owner, Awaiting: true},
				{AccessLevel: gitlab.Owner, ExpiresAt: at(-time.Second)},
			}
		}), gitlab.Maintainer},
		{"none for a stranger", given(stranger), gitlab.NoAccess},
		{"none for nobody", given(nobody), gitlab.NoAccess},
		{"none for a deploy key", given(deployKey(pushLink), admin), gitlab.NoAccess},
		{"owner for an administrator", given(admin), gitlab.Owner},
		{"owner in one's own namespace", given(level(gitlab.Guest), in(personal(13, "dan"))), gitlab.Owner},
		{"where a project would be created", given(missing("dan/x", personal(13, "dan"))), gitlab.Owner},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Check(ask(tt.given...)).Level; got != tt.want {
				t.Errorf("level %d, want %d", got, tt.want)
			}
		})
	}
}
