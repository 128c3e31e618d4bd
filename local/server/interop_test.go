//go:build interop

package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
)

// Pushes and fetches through the real gitlab-sshd and Gitaly, unmodified: they find the key, decode the answers of allowed,
// ask with the quarantine of a push, want its pre_receive and post_receive answered as GitLab does, and print what they say.
func TestPushesThroughTheRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.people()
	clone, said, err := s.clone("dan", "acme/app")
	if err != nil {
		t.Fatalf("clone: %v\n%s", err, said)
	}
	clone.Reset(t, s.repository.B)
	first := clone.Commit(t)
	for _, row := range []struct {
		name, who string
		at        string // where the clone's branch is before the push
		arguments []string
		refused   bool
		says      string
	}{
		{"a new branch prints the link for a merge request", "dan", first, []string{"HEAD:refs/heads/feature"}, false, "To create a merge request for feature, visit:"},
		{"a push option makes a merge request", "dan", first, []string{"-o", "merge_request.create", "HEAD:refs/heads/other-feature"}, false, "View merge request for other-feature:"},
		{"a developer does not push to the protected branch", "dan", first, []string{"HEAD:main"}, true, "You are not allowed to push code to protected branches on this project."},
		{"a maintainer does, with objects in quarantine", "mia", first, []string{"HEAD:main"}, false, ""},
		{"nobody forces the protected branch", "mia", s.repository.C, []string{"--force", "HEAD:main"}, true, "You are not allowed to force push code to a protected branch on this project."},
		{"a branch without rules may be forced", "dan", s.repository.C, []string{"--force", "HEAD:feature"}, false, "To create a merge request for feature, visit:"},
		{"the default branch is not removed", "mia", first, []string{":main"}, true, "The default branch of a project cannot be deleted."},
		{"a branch is removed", "dan", first, []string{":feature"}, false, ""},
		{"a tag is pushed", "dan", first, []string{"HEAD:refs/tags/note"}, false, ""},
		{"a developer does not push a protected tag", "dan", first, []string{"HEAD:refs/tags/v0"}, true, "You are not allowed to create this tag as it is protected."},
		{"a reporter does not push", "rita", first, []string{"HEAD:refs/heads/rita"}, true, "You are not allowed to push code to this project."},
		{"a deploy key that reads does not push", "reader", first, []string{"HEAD:refs/heads/reader"}, true, "This deploy key does not have write access to this project."},
		{"a deploy key that writes does", "writer", first, []string{"HEAD:refs/heads/writer"}, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s.as(clone, row.who)
			clone.Reset(t, row.at)
			said, err := clone.Push(t, row.arguments...)
			if refused := err != nil; refused != row.refused || !strings.Contains(said, row.says) {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
	t.Run("a reporter fetches what was pushed", func(t *testing.T) {
		s.as(clone, "rita")
		gitalytest.Git(t, clone.Path, nil, "fetch", "--quiet", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*")
		refs := gitalytest.Git(t, clone.Path, nil, "for-each-ref", "--format=%(objectname) %(refname)", "refs/remotes/origin")
		for _, want := range []string{first + " refs/remotes/origin/main", first + " refs/remotes/origin/other-feature"} {
			if !strings.Contains(refs, want) {
				t.Errorf("%s is not among\n%s", want, refs)
			}
		}
		if strings.Contains(refs, "origin/feature\n") {
			t.Errorf("feature is still there:\n%s", refs)
		}
	})
	s.waitFor("the worker has moved main", s.at("main", first))
	if live, err := s.store.LiveLeases(t.Context(), "project-7"); err != nil || live != 0 {
		t.Errorf("%d pushes are alive, %v", live, err)
	}
}

// people gives keys of their own to the fixture's people and to two machines.
func (s *interop) people() {
	s.t.Helper()
	for _, name := range []string{"mia", "dan", "rita", "nora", "bill", "reader", "writer", "stranger"} {
		s.newKey(name)
	}
	apitest.Apply(s.t, s.store, fmt.Appendf(nil, `{
		"users": [{"id": 12, "two_factor_enabled": true}],
		"keys": [
			{"id": 901, "user_id": 12, "title": "mia", "key": %q}, {"id": 902, "user_id": 13, "title": "dan", "key": %q},
			{"id": 903, "user_id": 14, "title": "rita", "key": %q}, {"id": 904, "user_id": 16, "title": "nora", "key": %q},
			{"id": 905, "user_id": 17, "title": "bill", "key": %q}
		],
		"deploy_keys": [
			{"id": 906, "creator_id": 12, "title": "reader", "key": %q, "projects": [{"project_id": 7, "can_push": false}]},
			{"id": 907, "creator_id": 12, "title": "writer", "key": %q, "projects": [{"project_id": 7, "can_push": true}]}
		]}`, s.public("mia"), s.public("dan"), s.public("rita"), s.public("nora"), s.public("bill"), s.public("reader"), s.public("writer")))
}

// What gitlab-sshd lets people do, and what it tells those whom it does not let in.
func TestSessionsOfTheRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.people()
	for _, row := range []struct {
		name, who      string
		input, command string
		fails          bool
		says           string
	}{
		{"somebody is greeted", "dan", "", "", false, "Welcome to GitLab, @dan!"},
		{"a deploy key is greeted as its creator", "reader", "", "", false, "Welcome to GitLab, @mia!"},
		{"an unknown key is not let in", "stranger", "", "", true, "Permission denied"},
		{"recovery codes are given out", "mia", "yes\n", "2fa_recovery_codes", false, "Your two-factor authentication recovery codes are:"},
		{"and to nobody without a second factor", "dan", "yes\n", "2fa_recovery_codes", false, "Two-factor authentication is not enabled for this user"},
		{"a personal access token is given out", "dan", "", "personal_access_token ci read_api 30", false, "Scopes:  read_api"},
		{"an unknown scope is not", "dan", "", "personal_access_token ci no_scope 30", true, "Invalid scope: 'no_scope'"},
		{"an LFS client is let in", "dan", "", "git-lfs-authenticate acme/app.git upload", false, `/acme/app.git/info/lfs`},
		{"a second factor is asked for", "mia", "000000\n", "2fa_verify", false, "OTP validation failed"},
		{"who may not read a project is told that there is none", "nora", "", "git-upload-pack 'acme/app.git'", true, "The project you were looking for could not be found or you don't have permission to view it."},
		{"so is who asks for none", "dan", "", "git-upload-pack 'acme/none.git'", true, "The project you were looking for could not be found or you don't have permission to view it."},
		{"the blocked are told", "bill", "", "git-upload-pack 'acme/app.git'", true, "Your account has been blocked."},
	} {
		t.Run(row.name, func(t *testing.T) {
			said, err := s.session(row.who, row.input, row.command)
			if failed := err != nil; failed != row.fails || !strings.Contains(said, row.says) {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

// Whatever a clone wants of a fetch, and whatever address it knows, gets there.
func TestClonesThroughTheRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.people()
	for _, row := range []struct {
		name, who, project string
		options            []string
	}{
		{"a member clones", "rita", "acme/app", nil},
		{"a deploy key clones", "reader", "acme/app", nil},
		{"whole history is not needed", "dan", "acme/app", []string{"--depth=1"}},
		{"nor are all files", "dan", "acme/app", []string{"--filter=blob:none", "--no-checkout"}},
		{"a mirror is made", "dan", "acme/app", []string{"--mirror"}},
		{"an old address leads to the new one", "dan", "acme/oldname", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, said, err := s.clone(row.who, row.project, row.options...)
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if refs := gitalytest.Git(t, c.Path, nil, "for-each-ref", "--format=%(objectname)"); !strings.Contains(refs, s.repository.B) {
				t.Errorf("%s is not among\n%s", s.repository.B, refs)
			}
		})
	}
}

// Pushes of many people at once are all let in, each is known afterwards, and none is left alive.
func TestPushesAtOnceThroughTheRealPrograms(t *testing.T) {
	const many, each = 8, 3
	s := newInterop(t)
	s.people()
	clones, tips := make([]*gitalytest.Clone, many), make([]string, many)
	for i := range many {
		clone, said, err := s.clone([]string{"dan", "mia"}[i%2], "acme/app")
		if err != nil {
			t.Fatalf("clone: %v\n%s", err, said)
		}
		s.as(clone, []string{"dan", "mia"}[i%2])
		clones[i], tips[i] = clone, clone.Commit(t)
	}
	var wg sync.WaitGroup
	for i, clone := range clones {
		wg.Go(func() {
			for n := range each {
				if said, err := clone.Push(t, fmt.Sprintf("HEAD:refs/heads/of-%d-%d", i, n)); err != nil {
					t.Errorf("%v\n%s", err, said)
				}
			}
		})
	}
	wg.Wait()
	for i, tip := range tips {
		for n := range each {
			s.waitFor(fmt.Sprintf("branch %d of %d is known", n, i), s.at(fmt.Sprintf("of-%d-%d", i, n), tip))
		}
	}
	if live, err := s.store.LiveLeases(t.Context(), "project-7"); err != nil || live != 0 {
		t.Errorf("%d pushes are alive, %v", live, err)
	}
}

// A push to where nothing is makes a private project there, whose repository is ready for that push.
func TestAProjectIsMadeThroughTheRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.people()
	clone, said, err := s.clone("dan", "acme/app")
	if err != nil {
		t.Fatalf("clone: %v\n%s", err, said)
	}
	s.as(clone, "dan")
	gitalytest.Git(t, clone.Path, nil, "remote", "set-url", "origin", s.address("dan/fresh"))
	first := clone.Commit(t)
	if said, err = clone.Push(t, "HEAD:refs/heads/trunk"); err != nil || !strings.Contains(said, "The private project dan/fresh was successfully created.") {
		t.Fatalf("%v\n%s", err, said)
	}
	if said, err = clone.Push(t, "HEAD:refs/heads/other"); err != nil || strings.Contains(said, "successfully created") {
		t.Errorf("the next push: %v\n%s", err, said)
	}
	if _, said, err = s.clone("rita", "dan/fresh"); err == nil || !strings.Contains(said, "The project you were looking for could not be found") {
		t.Errorf("somebody else clones it: %v\n%s", err, said)
	}
	own, said, err := s.clone("dan", "dan/fresh", "--branch=trunk")
	if err != nil {
		t.Fatalf("its owner clones it: %v\n%s", err, said)
	}
	if head := gitalytest.Git(t, own.Path, nil, "rev-parse", "HEAD"); head != first {
		t.Errorf("HEAD is %s, want %s", head, first)
	}
}

// A group's certificate authority lets its people in by name, and where the group wants that, nothing else does.
func TestCertificatesThroughTheRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.people()
	s.newKey("authority")
	s.newKey("laptop") // known to nobody but by its certificate
	certify := []string{"-q", "-s", s.own + "/authority", "-I", "dan", "-n", "git", "-V", "-5m:+1h", s.own + "/laptop.pub"}
	if said, err := s.run("", "ssh-keygen", certify...); err != nil {
		t.Fatalf("a certificate: %v\n%s", err, said)
	}
	for _, row := range []struct {
		name, who, project, document string
		refused                      string
	}{
		{"an authority that no group has", "laptop", "acme/app", `{"instance": {"edition": "ee"}}`, "Permission denied"},
		{
			"that of a group", "laptop", "acme/app", fmt.Sprintf(`{"users": [{"id": 13, "enterprise_group_id": 20}],
				"ssh_certificates": [{"namespace_id": 20, "title": "ca", "key": %q}]}`, s.public("authority")), "",
		},
		{"it leads nowhere else", "laptop", "dan/app", "", "You are not allowed to access projects in this namespace."},
		{"a key leads there, too", "dan", "acme/app", "", ""},
		{
			"but not where certificates are asked for", "dan", "acme/app", `{"namespaces": [{"id": 20, "enforce_ssh_certificates": true}]}`,
			"You are not allowed to access projects in this namespace.",
		},
		{"the certificate still does", "laptop", "acme/app", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.document != "" {
				apitest.Apply(t, s.store, []byte(row.document))
			}
			_, said, err := s.clone(row.who, row.project)
			if refused := err != nil; refused != (row.refused != "") || !strings.Contains(said, row.refused) {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}
