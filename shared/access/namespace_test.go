package access

import (
	"testing"

	"postern/shared/gitlab"
)

func TestConfinedLogins(t *testing.T) {
	sub := in(append(group("acme"), gitlab.Namespace{ID: 21, Kind: gitlab.GroupNamespace, Path: "sub"}))
	path := func(p string) with { return func(r *Request) { r.AskedPath = p } }
	acme, other := confinedTo("acme"), confinedTo("other")
	decide(t, []row{
		{"inside the group", given(acme), 200, ""},
		{"inside, push", given(acme, push), 200, ""},
		{"inside, of other case", given(confinedTo("ACME")), 200, ""},
		{"inside a sub-group", given(acme, sub, path("acme/sub/app")), 200, ""},
		{"inside the sub-group that vouches", given(confinedTo("acme/sub"), sub, path("acme/sub/app")), 200, ""},
		{"inside, wiki", given(acme, wiki), 200, ""},
		{"inside, the group's own wiki", given(acme, groupWiki), 200, ""},
		{"inside, snippet", given(acme, snippet(ofDan)), 200, ""},
		{"inside, by gl_repository", given(acme, byID), 200, ""},
		{"inside, old path", given(acme, path("acme/old")), 200, ""},

		{"outside", given(other), 401, textNamespace},
		{"outside, nothing there", given(other, gone), 401, textNamespace},
		{"outside, one does not see it", given(other, stranger), 401, textNamespace},
		{"outside, administrator", given(other, admin), 401, textNamespace},
		{"outside, wiki", given(other, wiki), 401, textNamespace},
		{"outside, snippet", given(other, snippet(ofDan)), 401, textNamespace},
		{"outside, no such snippet", given(other, snippet(ofDan), gone), 401, textNamespace},
		{"outside, personal snippet", given(other, personalSnippet(ofDan)), 401, textNamespace},
		{"a path that only begins alike", given(confinedTo("acm")), 401, textNamespace},
		{"a sub-group that is not on the way", given(confinedTo("acme/sub")), 401, textNamespace},
		{"no group at all", given(confinedTo("")), 401, textNamespace},
		{"outside, by gl_repository", given(other, byID), 401, textNamespace},
		{"by gl_repository, nothing there", given(acme, byID, gone), 401, textNamespace},
		{"by gl_repository, one does not see it", given(acme, byID, stranger), 401, textNamespace},

		{"below the path, nothing there", given(acme, missing("acme/nothing", nil)), 404, textNoProject},
		{"below the path, one does not see it", given(acme, stranger), 404, textNoProject},
		{"below the path, moved elsewhere", given(acme, in(group("other"))), 404, textNoProject},
		{"below the path, moved to a person", given(acme, in(personal(13, "dan"))), 401, textNamespace},
		{"below the path, moved to a stranger", given(acme, stranger, in(personal(12, "mia"))), 404, textNoProject},

		{"the group vouches for no person's namespace", given(
			confinedTo("dan"), in(personal(13, "dan")), path("dan/app"),
		), 401, textNamespace},
		{"nor for a stranger's", given(
			confinedTo("mia"), stranger, in(personal(12, "mia")), path("mia/app"),
		), 404, textNoProject},
		{"nor for what is not there yet", given(
			confinedTo("dan"), push, missing("dan/app", personal(13, "dan")),
		), 401, textNamespace},
		{"nor for what is not there, a stranger's", given(
			confinedTo("mia"), push, missing("mia/app", personal(12, "mia")),
		), 404, textNoProject},

		{"real changes are not asked", given(other, push, changes(realChanges)), 200, ""},
		{"no changes are not asked", given(other, changes("")), 200, ""},
		{"no license", given(other, community), 200, ""},
		{"an expired key wins", given(other, key(func(k *gitlab.Key) { k.ExpiresAt = at(0) })), 401, textKeyExpired},
	})
}

func TestGroupsThatAskForCertificates(t *testing.T) {
	enforced := root(func(n *gitlab.Namespace) { n.EnforceSSHCertificates = true })
	decide(t, []row{
		{"another login", given(enforced), 401, textNamespace},
		{"another login, push", given(enforced, push), 401, textNamespace},
		{"another login, wiki", given(enforced, wiki), 401, textNamespace},
		{"administrators, too", given(enforced, admin), 401, textNamespace},
		{"by certificate", given(enforced, confinedTo("acme")), 200, ""},
		{"bots come without", given(enforced, userType("project_bot")), 200, ""},
		{"deploy keys come without", given(enforced, deployKey(readLink)), 200, ""},
		{"nobody comes without", given(enforced, nobody, visibility(gitlab.Public)), 200, ""},
		{"a stranger is not told", given(enforced, stranger), 404, textNoProject},
		{"a stranger to a public project is", given(enforced, stranger, visibility(gitlab.Public)), 401, textNamespace},
		{"real changes are not asked", given(enforced, push, changes(realChanges)), 200, ""},
		{"no license", given(enforced, community), 200, ""},
		{"a push that would create", given(
			push, missing("acme/fresh", group("acme")), enforced,
		), 401, textNamespace},
	})
}
