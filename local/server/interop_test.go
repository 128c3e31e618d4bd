//go:build interop

package server_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/gitlab"
)

// Pushes and fetches through the unmodified gitlab-sshd and Gitaly. They look up the key and decode the answers of allowed. They
// send the quarantine of a push, call pre_receive and post_receive, and print the messages.
func TestPushesThroughRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	clone, output, err := s.clone("dan", "acme/app")
	if err != nil {
		t.Fatalf("clone: %v\n%s", err, output)
	}
	clone.Reset(t, s.repository.B)
	first := clone.Commit(t)
	for _, row := range []struct {
		name, user string
		at         string // where the clone's branch is before the push
		arguments  []string
		refused    bool
		output     string
	}{
		{"a new branch prints the link for a merge request", "dan", first, []string{"HEAD:refs/heads/feature"}, false, "To create a merge request for feature, visit:"},
		{"a push option creates a merge request", "dan", first, []string{"-o", "merge_request.create", "HEAD:refs/heads/other-feature"}, false, "View merge request for other-feature:"},
		{"a developer pushes to the protected branch", "dan", first, []string{"HEAD:main"}, true, "You are not allowed to push code to protected branches on this project."},
		{"a maintainer pushes to it, with objects in quarantine", "mia", first, []string{"HEAD:main"}, false, ""},
		{"a force push to the protected branch", "mia", s.repository.C, []string{"--force", "HEAD:main"}, true, "You are not allowed to force push code to a protected branch on this project."},
		{"a force push to a branch without rules", "dan", s.repository.C, []string{"--force", "HEAD:feature"}, false, "To create a merge request for feature, visit:"},
		{"deletion of the default branch", "mia", first, []string{":main"}, true, "The default branch of a project cannot be deleted."},
		{"deletion of a branch", "dan", first, []string{":feature"}, false, ""},
		{"a new tag", "dan", first, []string{"HEAD:refs/tags/note"}, false, ""},
		{"a developer pushes a protected tag", "dan", first, []string{"HEAD:refs/tags/v0"}, true, "You are not allowed to create this tag as it is protected."},
		{"a reporter pushes", "rita", first, []string{"HEAD:refs/heads/rita"}, true, "You are not allowed to push code to this project."},
		{"a read-only deploy key pushes", "reader", first, []string{"HEAD:refs/heads/reader"}, true, "This deploy key does not have write access to this project."},
		{"a deploy key with write access pushes", "writer", first, []string{"HEAD:refs/heads/writer"}, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s.as(clone, row.user)
			clone.Reset(t, row.at)
			output, err := clone.Push(t, row.arguments...)
			if refused := err != nil; refused != row.refused || !strings.Contains(output, row.output) {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	t.Run("a reporter fetches the pushed refs", func(t *testing.T) {
		s.as(clone, "rita")
		gitalytest.Git(t, clone.Path, nil, "fetch", "--quiet", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*")
		refs := gitalytest.Git(t, clone.Path, nil, "for-each-ref", "--format=%(objectname) %(refname)", "refs/remotes/origin")
		for _, want := range []string{first + " refs/remotes/origin/main", first + " refs/remotes/origin/other-feature"} {
			if !strings.Contains(refs, want) {
				t.Errorf("%s is missing in\n%s", want, refs)
			}
		}
		if strings.Contains(refs, "origin/feature\n") {
			t.Errorf("feature is still there:\n%s", refs)
		}
	})
	s.waitFor("the worker has moved main", s.at("main", first))
	if live, err := s.store.LiveLeases(t.Context(), "project-7"); err != nil || live != 0 {
		t.Errorf("%d unfinished pushes, %v", live, err)
	}
}

// addKeys gives keys to the fixture's users and two deploy keys to project 7.
func (s *interop) addKeys() {
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

// The commands of gitlab-sshd, and its messages for rejected users.
func TestSessionsOfRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	for _, row := range []struct {
		name, user     string
		input, command string
		fails          bool
		output         string
	}{
		{"a user is welcomed", "dan", "", "", false, "Welcome to GitLab, @dan!"},
		{"a deploy key is welcomed as its creator", "reader", "", "", false, "Welcome to GitLab, @mia!"},
		{"an unknown key is rejected", "stranger", "", "", true, "Permission denied"},
		{"recovery codes", "mia", "yes\n", "2fa_recovery_codes", false, "Your two-factor authentication recovery codes are:"},
		{"recovery codes without a second factor", "dan", "yes\n", "2fa_recovery_codes", false, "Two-factor authentication is not enabled for this user"},
		{"a personal access token", "dan", "", "personal_access_token ci read_api 30", false, "Scopes:  read_api"},
		{"an unknown scope", "dan", "", "personal_access_token ci no_scope 30", true, "Invalid scope: 'no_scope'"},
		{"an LFS client is authenticated", "dan", "", "git-lfs-authenticate acme/app.git upload", false, `/acme/app.git/info/lfs`},
		{"a wrong second factor", "mia", "000000\n", "2fa_verify", false, "OTP validation failed"},
		{"a project without read access", "nora", "", "git-upload-pack 'acme/app.git'", true, "The project you were looking for could not be found or you don't have permission to view it."},
		{"an unknown project", "dan", "", "git-upload-pack 'acme/none.git'", true, "The project you were looking for could not be found or you don't have permission to view it."},
		{"a blocked user", "bill", "", "git-upload-pack 'acme/app.git'", true, "Your account has been blocked."},
	} {
		t.Run(row.name, func(t *testing.T) {
			output, err := s.session(row.user, row.input, row.command)
			if failed := err != nil; failed != row.fails || !strings.Contains(output, row.output) {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// Every kind of clone works, by the current and by an old address.
func TestClonesThroughRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	for _, row := range []struct {
		name, user, project string
		options             []string
	}{
		{"a member clones", "rita", "acme/app", nil},
		{"a deploy key clones", "reader", "acme/app", nil},
		{"a shallow clone", "dan", "acme/app", []string{"--depth=1"}},
		{"a clone without files", "dan", "acme/app", []string{"--filter=blob:none", "--no-checkout"}},
		{"a mirror", "dan", "acme/app", []string{"--mirror"}},
		{"an old address", "dan", "acme/oldname", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, output, err := s.clone(row.user, row.project, row.options...)
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			if refs := gitalytest.Git(t, c.Path, nil, "for-each-ref", "--format=%(objectname)"); !strings.Contains(refs, s.repository.B) {
				t.Errorf("%s is missing in\n%s", s.repository.B, refs)
			}
		})
	}
}

// All of many concurrent pushes succeed, the table has their refs, and no push stays unfinished.
func TestConcurrentPushesThroughRealPrograms(t *testing.T) {
	const many, each = 8, 3
	s := newInterop(t)
	s.addKeys()
	clones, tips := make([]*gitalytest.Clone, many), make([]string, many)
	for i := range many {
		clone, output, err := s.clone([]string{"dan", "mia"}[i%2], "acme/app")
		if err != nil {
			t.Fatalf("clone: %v\n%s", err, output)
		}
		s.as(clone, []string{"dan", "mia"}[i%2])
		clones[i], tips[i] = clone, clone.Commit(t)
	}
	var wg sync.WaitGroup
	for i, clone := range clones {
		wg.Go(func() {
			for n := range each {
				if output, err := clone.Push(t, fmt.Sprintf("HEAD:refs/heads/of-%d-%d", i, n)); err != nil {
					t.Errorf("%v\n%s", err, output)
				}
			}
		})
	}
	wg.Wait()
	for i, tip := range tips {
		for n := range each {
			s.waitFor(fmt.Sprintf("branch %d of %d is stored", n, i), s.at(fmt.Sprintf("of-%d-%d", i, n), tip))
		}
	}
	if live, err := s.store.LiveLeases(t.Context(), "project-7"); err != nil || live != 0 {
		t.Errorf("%d unfinished pushes, %v", live, err)
	}
}

// A push to an unknown path creates a private project with a repository for that push.
func TestPushCreatesAProjectThroughRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	clone, output, err := s.clone("dan", "acme/app")
	if err != nil {
		t.Fatalf("clone: %v\n%s", err, output)
	}
	s.as(clone, "dan")
	gitalytest.Git(t, clone.Path, nil, "remote", "set-url", "origin", s.address("dan/fresh"))
	first := clone.Commit(t)
	if output, err = clone.Push(t, "HEAD:refs/heads/trunk"); err != nil || !strings.Contains(output, "The private project dan/fresh was successfully created.") {
		t.Fatalf("%v\n%s", err, output)
	}
	if output, err = clone.Push(t, "HEAD:refs/heads/other"); err != nil || strings.Contains(output, "successfully created") {
		t.Errorf("the next push: %v\n%s", err, output)
	}
	if _, output, err = s.clone("rita", "dan/fresh"); err == nil || !strings.Contains(output, "The project you were looking for could not be found") {
		t.Errorf("another user clones it: %v\n%s", err, output)
	}
	own, output, err := s.clone("dan", "dan/fresh", "--branch=trunk")
	if err != nil {
		t.Fatalf("its owner clones it: %v\n%s", err, output)
	}
	if head := gitalytest.Git(t, own.Path, nil, "rev-parse", "HEAD"); head != first {
		t.Errorf("HEAD is %s, want %s", head, first)
	}
}

// A group's certificate authority authenticates its users by name. The group can reject all other keys.
func TestCertificatesThroughRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	s.newKey("authority")
	s.newKey("laptop") // in no document, known by its certificate only
	certify := []string{"-q", "-s", s.own + "/authority", "-I", "dan", "-n", "git", "-V", "-5m:+1h", s.own + "/laptop.pub"}
	if output, err := s.run("", "ssh-keygen", certify...); err != nil {
		t.Fatalf("a certificate: %v\n%s", err, output)
	}
	for _, row := range []struct {
		name, user, project, document string
		refused                       string
	}{
		{"an unknown authority", "laptop", "acme/app", `{"instance": {"edition": "ee"}}`, "Permission denied"},
		{
			"a group's authority", "laptop", "acme/app", fmt.Sprintf(`{"users": [{"id": 13, "enterprise_group_id": 20}],
				"ssh_certificates": [{"namespace_id": 20, "title": "ca", "key": %q}]}`, s.public("authority")), "",
		},
		{"a project outside the group", "laptop", "dan/app", "", "You are not allowed to access projects in this namespace."},
		{"a key without a certificate", "dan", "acme/app", "", ""},
		{
			"a key where certificates are enforced", "dan", "acme/app", `{"namespaces": [{"id": 20, "enforce_ssh_certificates": true}]}`,
			"You are not allowed to access projects in this namespace.",
		},
		{"a certificate where certificates are enforced", "laptop", "acme/app", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.document != "" {
				apitest.Apply(t, s.store, []byte(row.document))
			}
			_, output, err := s.clone(row.user, row.project)
			if refused := err != nil; refused != (row.refused != "") || !strings.Contains(output, row.refused) {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// The first push to a new project decides its default branch, protects it and makes the repository of the wiki.
func TestFirstPushesThroughRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	clone, output, err := s.clone("dan", "acme/app")
	if err != nil {
		t.Fatalf("clone: %v\n%s", err, output)
	}
	commit := clone.Commit(t)
	folder := strings.TrimSuffix(s.repository.Path, gitlab.DiskPath("@hashed", 7)+".git")
	gitalytest.Git(t, folder, nil, "init", "--quiet", "--bare", gitlab.DiskPath("@snippets", 31)+".git")
	apitest.Apply(t, s.store, []byte(`{"snippets":[{"id":31,"empty_repo":true}],"projects":[{"id":7,"wiki_repository_exists":false}]}`))
	push := func(project string, arguments ...string) (string, error) {
		gitalytest.Git(t, clone.Path, nil, "remote", "set-url", "origin", s.address(project))
		s.as(clone, "dan")
		clone.Reset(t, commit)
		return clone.Push(t, arguments...)
	}
	if output, err := push("dan/fresh", "HEAD:trunk"); err != nil {
		t.Fatalf("first push: %v\n%s", err, output)
	}
	s.waitFor("HEAD is moved", func() bool {
		fresh, output, err := s.clone("dan", "dan/fresh")
		return err == nil && !strings.Contains(output, "nonexistent ref") &&
			strings.TrimSpace(gitalytest.Git(t, fresh.Path, nil, "rev-parse", "--abbrev-ref", "HEAD")) == "trunk" &&
			strings.TrimSpace(gitalytest.Git(t, fresh.Path, nil, "ls-files")) != ""
	})
	for _, row := range []struct {
		name, project string
		arguments     []string
		refused       bool
		output        string
	}{
		{"a force push to the new default branch", "dan/fresh", []string{"--force", s.repository.C + ":trunk"}, true, "You are not allowed to force push code to a protected branch on this project."},
		{"the wiki of the new project", "dan/fresh.wiki", []string{"HEAD:main"}, false, ""},
		{"a wiki without a repository", "acme/app.wiki", []string{"HEAD:main"}, false, ""},
		{"an empty snippet", "snippets/31", []string{"HEAD:main"}, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if output, err := push(row.project, row.arguments...); (err != nil) != row.refused || !strings.Contains(output, row.output) {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	if _, output, err := s.clone("dan", "acme/app.wiki"); err != nil {
		t.Errorf("clone of the wiki: %v\n%s", err, output)
	}
}

// gitlab-sshd sends one request id for all commands of a connection. Three pushes through one connection, two of them equal, are
// three pushes with three events.
func TestPushesOfOneConnectionThroughRealPrograms(t *testing.T) {
	s := newInterop(t)
	s.addKeys()
	clone, output, err := s.clone("dan", "acme/app")
	if err != nil {
		t.Fatalf("clone: %v\n%s", err, output)
	}
	clone.Reset(t, s.repository.B)
	second := clone.Commit(t)
	s.as(clone, "dan")
	if output, err := clone.Push(t, s.repository.B+":refs/heads/shared"); err != nil {
		t.Fatalf("a branch to push to: %v\n%s", err, output)
	}
	s.shareConnection(clone, "dan")
	for _, commit := range []string{second, s.repository.B, second} {
		if output, err := clone.Push(t, "--force", commit+":shared"); err != nil {
			t.Fatalf("push of %s: %v\n%s", commit, err, output)
		}
	}
	s.waitFor("four pushes have their events", func() bool {
		events, err := s.store.PushEvents(t.Context(), 7, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), 100)
		ids := map[string]bool{}
		for i := range events {
			ids[events[i].RequestID] = true
		}
		return err == nil && len(events) == 4 && len(ids) == 2
	})
	s.waitFor("the branch is at the last push", s.at("shared", second))
}

// shareConnection opens a connection of a user that all further commands of a clone go through.
func (s *interop) shareConnection(c *gitalytest.Clone, name string) {
	s.t.Helper()
	socket := filepath.Join(s.own, "master")
	arguments := append(s.ssh(name), "-o", "ControlPath="+socket)
	master := exec.CommandContext(s.t.Context(), arguments[0], append(arguments[1:], "-M", "-N", "git@127.0.0.1")...)
	must(s.t, master.Start())
	s.t.Cleanup(func() {
		_ = master.Process.Signal(os.Interrupt)
		_ = master.Wait()
	})
	s.waitFor("the connection is there", func() bool { _, err := os.Stat(socket); return err == nil })
	gitalytest.Git(s.t, c.Path, nil, "config", "core.sshCommand", strings.Join(arguments, " "))
}
