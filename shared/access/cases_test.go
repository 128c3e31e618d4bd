package access

import (
	"testing"
	"time"

	"postern/shared/gitlab"
)

// The people of the behavior cases, by their level in the private project acme/app.
func as(id gitlab.ID, name string, l gitlab.AccessLevel) with {
	return func(r *Request) {
		r.Actor = gitlab.Actor{
			Key:  &gitlab.Key{ID: 89 + id, UserID: &id, Type: gitlab.PersonalKey},
			User: person(id, name),
		}
		level(l)(r)
	}
}

var (
	mia  = as(12, "mia", gitlab.Maintainer)
	dan  = as(13, "dan", gitlab.Developer)
	rita = as(14, "rita", gitlab.Reporter)
	gus  = as(15, "gus", gitlab.Guest)
	nora = as(16, "nora", gitlab.NoAccess)
)

// public stands for acme/pub, of which nobody asked here is a member.
func public(r *Request) {
	visibility(gitlab.Public)(r)
	if r.Actor.User != nil {
		stranger(r)
	}
}

// TestBehaviorCases runs what the behavior cases of git over SSH say about decisions. The instance has no license.
func TestBehaviorCases(t *testing.T) {
	terms := instance(func(i *gitlab.Instance) { i.TermsVersion = ptr[int64](1) })
	password := user(func(u *gitlab.User) { u.PasswordExpiresAt = at(-time.Hour) })
	expired := key(func(k *gitlab.Key) { k.ExpiresAt = at(-time.Hour) })
	soonExpired := key(func(k *gitlab.Key) { k.ExpiresAt = at(48 * time.Hour) })
	lost := project(func(p *gitlab.Project) { p.RepositoryExists = false })
	old := func(r *Request) { r.Container.RedirectedPath = "acme/oldname" }
	const create = "Could not create project: Path must not start or end with a special character " +
		"and must not contain consecutive special characters."
	rows := []row{
		{"13 developer fetches", given(dan), 200, ""},
		{"16 reporter fetches", given(rita), 200, ""},
		{"17 guest of a private project fetches", given(gus), 401, "You are not allowed to download code from this project."},
		{"18 stranger fetches", given(nora), 404, "The project you were looking for could not be found or you don't have permission to view it."},
		{"19 stranger fetches a public project", given(nora, public), 200, ""},
		{"20 unknown key fetches a public project", given(nobody, public), 200, ""},
		{"21 unknown key fetches", given(nobody), 404, textNoProject},
		{"22 unknown key pushes to a public project", given(nobody, public, push), 401, "You are not allowed to upload code for this project."},
		{"23 reporter pushes", given(rita, push), 401, "You are not allowed to push code to this project."},
		{"24 developer pushes", given(dan, push), 200, ""},
		{"25 blocked user fetches", given(dan, state(gitlab.UserBlocked)), 401, "Your account has been blocked."},
		{"26 expired key", given(dan, expired), 401, "Your SSH key has expired."},
		{"27 key that expires soon", given(dan, soonExpired), 200, ""},
		{"28 signing-only key is nobody", given(nobody), 404, textNoProject},
		{"29 archived project fetched", given(dan, project(archived)), 200, ""},
		{"30 archived project pushed", given(dan, project(archived), push), 401, "You can't push code to an archived project."},
		{"31 by an old path", given(dan, old), 200, ""},
		{"32 nothing there", given(dan, missing("acme/nothing", nil)), 404, textNoProject},
		{"33 push creates", given(dan, push, missing("dan/newproj", personal(13, "dan"))), 200, ""},
		{"34 push cannot create", given(dan, push, missing("dan/cannot_end_with_dot.", personal(13, "dan"))), 422, create},
		{"35 no such snippet", given(dan, push, personalSnippet(ofDan), gone), 404, "The snippet you were looking for could not be found."},
		{"36 unknown command", given(dan, action("git-annex")), 401, "The command you're trying to execute is not allowed."},
		{"37 ssh refused", given(dan, instance(only("http"))), 401, "Git access over SSH is not allowed"},
		{"37 ssh push refused", given(dan, push, instance(only("http"))), 401, "Git access over SSH is not allowed"},
		{"38 http refused", given(dan, protocol("http"), instance(only("ssh"))), 401, "Git access over HTTP is not allowed"},
		{"39 web passes", given(dan, push, protocol("web"), instance(only("ssh"))), 200, ""},
		{"40 deploy key, archive", given(mia, deployKey(readLink), action(UploadArchive)), 200, ""},
		{"41 unlinked deploy key, archive", given(mia, deployKey(unlinked), action(UploadArchive)), 404, textNoProject},
		{"42 deploy key pushes", given(mia, deployKey(readLink), push), 401, "This deploy key does not have write access to this project."},
		{"43 deploy key that writes pushes", given(mia, deployKey(pushLink), push), 200, ""},
		{"44 unlinked deploy key pushes to a public project", given(mia, deployKey(unlinked), public, push), 401, textDeployKeyWrite},
		{"46 terms not accepted", given(dan, terms), 401, "You (@dan) must accept the Terms of Service in order to perform this action. " +
			"To accept these terms, please access GitLab from a web browser at https://gitlab.example.com."},
		{"47 terms, unknown key", given(nobody, terms, public), 200, ""},
		{"48 deactivated, push", given(dan, push, state(gitlab.UserDeactivated)), 401, "Your account has been deactivated by your administrator. " +
			"Please log back in from a web browser to reactivate your account at https://gitlab.example.com"},
		{"49 password expired", given(dan, password), 401, "Your password expired. Please access GitLab from a web browser to update your password."},
		{"50 repository missing", given(dan, lost), 404, "A repository for this project does not exist yet."},
		{"51 wiki fetched", given(dan, wiki), 200, ""},
		{"52 reporter writes wiki", given(rita, wiki, push), 401, "You are not allowed to write to this project's wiki."},
		{"53 author reads snippet", given(dan, personalSnippet(ofDan)), 200, ""},
		{"54 another reads snippet", given(mia, personalSnippet(ofDan)), 401, "You are not allowed to read this snippet."},
		{"55 deploy key reads snippet", given(mia, deployKey(readLink), snippet(ofDan)), 401, "The authentication mechanism is not supported."},
		{"56 design over ssh", given(dan, kind(gitlab.DesignRepository), byID), 401, "Designs are only accessible using the web interface"},
		{"57 rate limit", given(dan, func(r *Request) { r.RateLimited = true }), 429, "This endpoint has been requested too many times. Try again later."},
		{"58 by user id and gl_repository", given(dan, byUser, byID), 200, ""},
		{"59 administrator fetches", given(nora, admin), 200, ""},
		{"59 administrator pushes", given(nora, admin, push), 200, ""},
	}
	for i := range rows {
		rows[i].given = append(given(community), rows[i].given...)
	}
	decide(t, rows)
}
