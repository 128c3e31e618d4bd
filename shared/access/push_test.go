package access

import (
	"testing"

	"postern/shared/gitlab"
)

func TestWhoPushesCode(t *testing.T) {
	public := visibility(gitlab.Public)
	moving := project(func(p *gitlab.Project) { p.RepositoryReadOnly = true })
	disabled := repositoryFeature(gitlab.FeatureDisabled)
	invited := func(r *Request) { r.Collaborations = []string{"feat"} }
	decide(t, []row{
		{"reporter", given(push, level(gitlab.Reporter)), 401, textPush},
		{"guest", given(push, level(gitlab.Guest)), 401, textPush},
		{"developer", given(push), 200, ""},
		{"maintainer", given(push, level(gitlab.Maintainer)), 200, ""},
		{"administrator", given(push, admin), 200, ""},
		{"owner of the namespace", given(push, stranger, in(personal(13, "dan"))), 200, ""},
		{"reporter, invited by a merge request", given(push, level(gitlab.Reporter), invited), 200, ""},
		{"public, stranger", given(push, stranger, public), 401, textPush},
		{"public, stranger, invited", given(push, stranger, public, invited), 200, ""},
		{"private, stranger, invited", given(push, stranger, invited), 404, textNoProject},
		{"public, nobody", given(push, nobody, public), 401, textUpload},
		{"public, nobody, invited", given(push, nobody, public, invited), 401, textUpload},
		{"by user id", given(push, byUser), 200, ""},

		{"being moved", given(push, moving), 401, textRepositoryReadOnly},
		{"being moved, administrator", given(push, moving, admin), 401, textRepositoryReadOnly},
		{"archived", given(push, project(archived)), 401, textArchived},
		{"archived, administrator", given(push, project(archived), admin), 401, textArchived},
		{"archived, deploy key", given(push, project(archived), deployKey(pushLink)), 401, textArchived},
		{"moving wins over archived", given(push, moving, project(archived)), 401, textRepositoryReadOnly},

		{"deploy key that writes", given(push, deployKey(pushLink)), 200, ""},
		{"deploy key that reads", given(push, deployKey(readLink)), 401, textDeployKeyWrite},
		{"unlinked deploy key, public", given(push, public, deployKey(unlinked)), 401, textDeployKeyWrite},
		{"deploy key of an administrator", given(push, admin, deployKey(readLink)), 401, textDeployKeyWrite},

		{"repository disabled, owner", given(push, disabled, level(gitlab.Owner)), 401, textPush},
		{"repository disabled, administrator", given(push, disabled, admin), 401, textPush},
		{"repository disabled, deploy key", given(push, disabled, deployKey(pushLink)), 401, textPush},
		{"repository disabled, invited", given(push, disabled, invited), 401, textPush},
		{"repository for members, developer", given(push, repositoryFeature(gitlab.FeaturePrivate)), 200, ""},
	})
}

func TestPushesWithoutChanges(t *testing.T) {
	none := changes("")
	decide(t, []row{
		{"developer", given(push, none), 200, ""},
		{"reporter: there is nothing to judge", given(push, none, level(gitlab.Reporter)), 200, ""},
		{"stranger", given(push, none, stranger), 404, textNoProject},
		{"nobody", given(push, none, nobody, visibility(gitlab.Public)), 401, textUpload},
		{"deploy key that reads", given(push, none, deployKey(readLink)), 401, textDeployKeyWrite},
		{"archived", given(push, none, project(archived)), 401, textArchived},
		{"nothing is created", given(push, none, missing("dan/x", personal(13, "dan"))), 404, textNoProject},
		{"wiki, developer", given(wiki, push, none), 200, ""},
		{"wiki, reporter: no later check would ask", given(
			wiki, push, none, level(gitlab.Reporter),
		), 401, textWriteWiki},
		{"snippet, another's", given(
			snippet(ofAnother), push, none,
		), 401, textUpdateSnippet},
	})
}

func TestPushesOfRealChanges(t *testing.T) {
	known := changes(realChanges)
	decide(t, []row{
		{"developer", given(push, known), 200, ""},
		{"reporter", given(push, known, level(gitlab.Reporter)), 401, textPush},
		{"administrator", given(push, known, admin), 200, ""},
		{"deploy key that writes", given(push, known, deployKey(pushLink)), 200, ""},
		{"snippet", given(push, known, snippet(ofDan)), 200, ""},
		{"stranger", given(push, known, stranger), 404, textNoProject},
		{"nobody", given(push, known, nobody, visibility(gitlab.Public)), 401, textUpload},
		{"deploy key that reads", given(push, known, deployKey(readLink)), 401, textDeployKeyWrite},
		{"archived", given(push, known, project(archived)), 401, textArchived},
		{"nothing is created", given(push, known, missing("dan/x", personal(13, "dan"))), 404, textNoProject},
		{"another's snippet", given(push, known, snippet(ofAnother)), 401, textUpdateSnippet},
		{"wikis have no changes to check", given(push, known, wiki), 200, ""},
		{"wiki, reporter", given(push, known, wiki, level(gitlab.Reporter)), 401, textWriteWiki},
		{"a download has no changes to check", given(known), 200, ""},
	})
}

func TestWhoWritesAWiki(t *testing.T) {
	decide(t, []row{
		{"reporter", given(wiki, push, level(gitlab.Reporter)), 401, textWriteWiki},
		{"developer", given(wiki, push), 200, ""},
		{"administrator", given(wiki, push, admin), 200, ""},
		{"for members, developer", given(wiki, push, wikiFeature(gitlab.FeaturePrivate)), 200, ""},
		{"disabled, administrator", given(wiki, push, wikiFeature(gitlab.FeatureDisabled), admin), 401, textWriteWiki},
		{"disabled, deploy key", given(
			wiki, push, wikiFeature(gitlab.FeatureDisabled), deployKey(pushLink),
		), 401, textWriteWiki},
		{"deploy key that writes", given(wiki, push, deployKey(pushLink)), 200, ""},
		{"deploy key that reads", given(wiki, push, deployKey(readLink)), 401, textDeployKeyWrite},
		{"nobody", given(wiki, push, nobody, visibility(gitlab.Public)), 401, textUpload},
		{"archived", given(wiki, push, project(archived)), 401, textArchived},
		{"invited to a branch, not to the wiki", given(wiki, push, level(gitlab.Reporter), func(r *Request) {
			r.Collaborations = []string{"feat"}
		}), 401, textWriteWiki},
	})
}
