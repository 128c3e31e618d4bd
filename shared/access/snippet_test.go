package access

import (
	"testing"

	"postern/shared/gitlab"
)

// shown makes a snippet of another's with a visibility.
func shown(v gitlab.Visibility) func(s *gitlab.Snippet) {
	return func(s *gitlab.Snippet) { s.AuthorID, s.Visibility = 12, v }
}

func snippetFeature(l gitlab.FeatureLevel) with {
	return project(func(p *gitlab.Project) { p.SnippetsAccessLevel = l })
}

func TestPersonalSnippets(t *testing.T) {
	mine, others := personalSnippet(ofDan), personalSnippet(ofAnother)
	public, internal := personalSnippet(shown(gitlab.Public)), personalSnippet(shown(gitlab.Internal))
	decide(t, []row{
		{"the author reads", given(mine), 200, ""},
		{"the author updates", given(mine, push), 200, ""},
		{"others do not read", given(others), 401, textReadSnippet},
		{"others do not update", given(others, push), 401, textUpdateSnippet},
		{"an administrator reads", given(others, admin), 200, ""},
		{"an administrator updates", given(others, admin, push), 200, ""},
		{"nobody does not read", given(mine, nobody), 401, textReadSnippet},
		{"nobody does not update", given(public, nobody, push), 401, textUpdateSnippet},
		{"public: nobody reads", given(public, nobody), 200, ""},
		{"public: others do not update", given(public, push), 401, textUpdateSnippet},
		{"internal: others read", given(internal), 200, ""},
		{"internal: external users do not", given(internal, external), 401, textReadSnippet},
		{"internal: nobody does not", given(internal, nobody), 401, textReadSnippet},
		{"a key of nobody reads public ones", given(public, ownerlessKey), 200, ""},
		{"deploy keys are not supported", given(public, deployKey(readLink)), 401, textMechanism},
		{"deploy keys are not supported, expired", given(public, deployKey(readLink), key(func(k *gitlab.Key) {
			k.ExpiresAt = at(0)
		})), 401, textMechanism},
		{"blocked author", given(mine, state(gitlab.UserBlocked)), 401, textBlocked},
		{"read-only instance", given(mine, push, instance(readOnly)), 401, textReadOnly},
		{"maintenance", given(mine, push, instance(maintenance)), 401, textMaintenance},
		{"protocol refused", given(mine, instance(only("http"))), 401, "Git access over SSH is not allowed"},
		{"unknown command", given(mine, action("git-annex")), 401, textUnknownCommand},
		{"missing", given(mine, gone), 404, textNoSnippet},
		{"missing wins over the protocol", given(mine, gone, instance(only("http"))), 404, textNoSnippet},
		{"missing, push, nothing is created", given(mine, gone, push), 404, textNoSnippet},
	})
}

func TestWhoReadsAProjectSnippet(t *testing.T) {
	openProject := visibility(gitlab.Public)
	private, internal := snippet(ofAnother), snippet(shown(gitlab.Internal))
	members, disabled := snippetFeature(gitlab.FeaturePrivate), snippetFeature(gitlab.FeatureDisabled)
	decide(t, []row{
		{"private, guest of the project", given(private, level(gitlab.Guest)), 200, ""},
		{"private, stranger to a public project", given(private, openProject, stranger), 401, textReadSnippet},
		{"private, its author, not a member", given(snippet(ofDan), openProject, stranger), 200, ""},
		{"private, administrator", given(private, admin), 200, ""},
		{"internal, stranger to a public project", given(internal, openProject, stranger), 200, ""},
		{"internal, external stranger", given(internal, openProject, stranger, external), 401, textReadSnippet},
		{"internal, nobody", given(internal, openProject, nobody), 401, textReadSnippet},
		{"public, nobody", given(snippet(shown(gitlab.Public)), openProject, nobody), 200, ""},
		{"of a project one does not see", given(snippet(shown(gitlab.Public)), stranger), 404, textNoSnippet},
		{"of a project its author does not see", given(snippet(ofDan), stranger), 404, textNoSnippet},
		{"for members, nobody", given(snippet(shown(gitlab.Public)), openProject, members, nobody), 401, textReadSnippet},
		{"for members, author who is none", given(snippet(ofDan), openProject, members, stranger), 401, textReadSnippet},
		{"for members, guest", given(private, openProject, members, level(gitlab.Guest)), 200, ""},
		{"for members, administrator", given(private, members, admin), 200, ""},
		{"disabled, administrator", given(private, disabled, admin), 401, textReadSnippet},
		{"disabled, author", given(snippet(ofDan), disabled), 401, textReadSnippet},
		{"linked deploy key", given(snippet(ofDan), deployKey(readLink)), 401, textMechanism},
		{"another deploy key is told as little as of none", given(
			snippet(ofDan), deployKey(unlinked),
		), 404, textNoSnippet},
	})
}

func TestWhoUpdatesAProjectSnippet(t *testing.T) {
	others := snippet(ofAnother)
	decide(t, []row{
		{"author", given(push, snippet(ofDan), level(gitlab.Guest)), 200, ""},
		{"developer", given(push, others), 401, textUpdateSnippet},
		{"maintainer", given(push, others, level(gitlab.Maintainer)), 200, ""},
		{"administrator", given(push, others, admin), 200, ""},
		{"nobody", given(push, snippet(shown(gitlab.Public)), visibility(gitlab.Public), nobody), 401, textUpdateSnippet},
		{"archived, author", given(push, snippet(ofDan), project(archived)), 401, textUpdateSnippet},
		{"archived, administrator", given(push, others, project(archived), admin), 401, textUpdateSnippet},
		{"disabled, administrator", given(
			push, others, snippetFeature(gitlab.FeatureDisabled), admin,
		), 401, textUpdateSnippet},
		{"for members, author who is none", given(
			push, snippet(ofDan), visibility(gitlab.Public), snippetFeature(gitlab.FeaturePrivate), stranger,
		), 401, textUpdateSnippet},
	})
}

func TestDesigns(t *testing.T) {
	design := func(r *Request) {
		kind(gitlab.DesignRepository)(r)
		r.Protocol = "web"
	}
	decide(t, []row{
		{"ssh", given(design, protocol("ssh")), 401, textDesignsOnWebOnly},
		{"http", given(design, protocol("http")), 401, textDesignsOnWebOnly},
		{"protocol absent", given(design, protocol("")), 401, textDesignsOnWebOnly},
		{"ssh, missing", given(design, protocol("ssh"), gone), 401, textDesignsOnWebOnly},
		{"developer", given(design), 200, ""},
		{"developer, push of changes", given(design, push, changes(realChanges)), 200, ""},
		{"administrator", given(design, admin), 200, ""},
		{"reporter", given(design, level(gitlab.Reporter)), 401, textManageDesigns},
		{"stranger", given(design, stranger), 401, textManageDesigns},
		{"nobody", given(design, nobody, visibility(gitlab.Public)), 401, textManageDesigns},
		{"deploy key", given(design, deployKey(pushLink)), 401, textManageDesigns},
		{"blocked", given(design, state(gitlab.UserBlocked)), 401, textManageDesigns},
		{"archived", given(design, project(archived)), 401, textManageDesigns},
		{"missing", given(design, gone), 401, textManageDesigns},
		{"address refused", given(design, ranges("192.0.2.0/24"), from("203.0.113.5")), 401, textManageDesigns},
		{"rate limit first", given(design, protocol("ssh"), func(r *Request) {
			r.RateLimited = true
		}), 429, textTooManyRequests},
		{"short-circuits the other checks", given(design, action("git-annex"), instance(readOnly)), 200, ""},
	})
}
