//go:build interop

package server_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/local/cloud"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/gitlab"
)

// gitalyProgram finds a program that `local/setup gitaly` built.
func gitalyProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("../../.cache/gitaly/bin/" + name)
	must(t, err)
	return path
}

// newInterop is the whole system beside the real Gitaly, whose hooks call it; the clone pushes and fetches over SSH.
func newInterop(t *testing.T) *pushes {
	t.Helper()
	c, err := cloud.Start(t.Context(), cloud.Options{Root: "../.."})
	must(t, err)
	t.Cleanup(c.Stop)
	folder, token := t.TempDir(), "gtok"
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	p := &pushes{
		t: t, repository: gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1),
		storage: gitlab.Storage{Name: "default", Address: "tcp://" + address, Token: &token},
	}
	p.serve(c)
	p.gitaly(folder, address)
	p.clone = p.repository.Clone(t)
	gitalytest.Git(t, p.clone.Path, nil, "config", "ssh.variant", "simple")
	gitalytest.Git(t, p.clone.Path, nil, "remote", "set-url", "origin", "ssh://git@localhost/acme/app.git")
	return p
}

// gitaly starts the real Gitaly over the folder and waits until it listens.
func (p *pushes) gitaly(folder, address string) {
	p.t.Helper()
	own := p.t.TempDir()
	secret, settings := filepath.Join(own, "secret"), filepath.Join(own, "config.toml")
	must(p.t, os.WriteFile(secret, []byte(apitest.Secret+"\n"), 0o600))
	must(p.t, os.WriteFile(settings, fmt.Appendf(nil, `bin_dir = %q
runtime_dir = %q
listen_addr = %q
auth = {token = %q}
gitlab = {url = %q, secret_file = %q}
gitlab-shell = {dir = %q}
git = {use_bundled_binaries = false, ignore_gitconfig = true}
[[storage]]
name = "default"
path = %q
`, filepath.Dir(gitalyProgram(p.t, "gitaly")), own, address, *p.storage.Token, p.url, secret, own, folder), 0o600))
	var log bytes.Buffer
	server := exec.CommandContext(p.t.Context(), gitalyProgram(p.t, "gitaly"), settings)
	server.Stdout, server.Stderr = &log, &log
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	server.WaitDelay = 10 * time.Second
	must(p.t, server.Start())
	p.t.Cleanup(func() {
		_ = server.Wait()
		if p.t.Failed() {
			p.t.Logf("Gitaly:\n%s", log.String())
		}
	})
	p.waitFor("Gitaly listens", func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		return err == nil && conn.Close() == nil
	})
}

// as lets the clone use somebody's key from here on.
func (p *pushes) as(key string) {
	p.t.Helper()
	program, err := os.Executable()
	must(p.t, err)
	gitalytest.Git(p.t, p.clone.Path, nil, "config", "core.sshCommand",
		fmt.Sprintf("%s=%s POSTERN_SHELL_KEY=%s POSTERN_SHELL_PROGRAM=%s %s -test.run=^TestAsGitlabShell$ --", shellURL, p.url, key, gitalyProgram(p.t, "gitaly-ssh"), program))
}

// Pushes and fetches through the real Gitaly, unmodified: it decodes the answers of allowed, asks with the quarantine of a
// push, wants its pre_receive and post_receive answered as GitLab does, and prints what they say.
func TestPushesThroughTheRealGitaly(t *testing.T) {
	p := newInterop(t)
	const mia, dan, rita = "101", "102", "103"
	p.clone.Reset(t, p.repository.B)
	first := p.clone.Commit(t)
	for _, row := range []struct {
		name, key string
		at        string // where the clone's branch is before the push
		arguments []string
		refused   bool
		says      string
	}{
		{"a new branch prints the link for a merge request", dan, first, []string{"HEAD:refs/heads/feature"}, false, "To create a merge request for feature, visit:"},
		{"a push option makes a merge request", dan, first, []string{"-o", "merge_request.create", "HEAD:refs/heads/other-feature"}, false, "View merge request for other-feature:"},
		{"a developer does not push to the protected branch", dan, first, []string{"HEAD:main"}, true, "You are not allowed to push code to protected branches on this project."},
		{"a maintainer does, with objects in quarantine", mia, first, []string{"HEAD:main"}, false, ""},
		{"nobody forces the protected branch", mia, p.repository.C, []string{"--force", "HEAD:main"}, true, "You are not allowed to force push code to a protected branch on this project."},
		{"a branch without rules may be forced", dan, p.repository.C, []string{"--force", "HEAD:feature"}, false, "To create a merge request for feature, visit:"},
		{"the default branch is not removed", mia, first, []string{":main"}, true, "The default branch of a project cannot be deleted."},
		{"a branch is removed", dan, first, []string{":feature"}, false, ""},
		{"a tag is pushed", dan, first, []string{"HEAD:refs/tags/note"}, false, ""},
		{"a developer does not push a protected tag", dan, first, []string{"HEAD:refs/tags/v0"}, true, "You are not allowed to create this tag as it is protected."},
		{"a reporter does not push", rita, first, []string{"HEAD:refs/heads/rita"}, true, "You are not allowed to push code to this project."},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.as(row.key)
			p.clone.Reset(t, row.at)
			said, err := p.clone.Push(t, row.arguments...)
			if refused := err != nil; refused != row.refused || !strings.Contains(said, row.says) {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
	t.Run("a reporter fetches what was pushed", func(t *testing.T) {
		p.as(rita)
		gitalytest.Git(t, p.clone.Path, nil, "fetch", "--quiet", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*")
		refs := gitalytest.Git(t, p.clone.Path, nil, "for-each-ref", "--format=%(objectname) %(refname)", "refs/remotes/origin")
		for _, want := range []string{first + " refs/remotes/origin/main", first + " refs/remotes/origin/other-feature"} {
			if !strings.Contains(refs, want) {
				t.Errorf("%s is not among\n%s", want, refs)
			}
		}
		if strings.Contains(refs, "origin/feature\n") {
			t.Errorf("feature is still there:\n%s", refs)
		}
	})
	p.waitFor("the worker has moved main", p.at("main", first))
	if live, err := p.store.LiveLeases(t.Context(), "project-7"); err != nil || live != 0 {
		t.Errorf("%d pushes are alive, %v", live, err)
	}
}
