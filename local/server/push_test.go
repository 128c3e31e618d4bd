package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/local/cloud"
	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/local/server"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/config"
	"postern/shared/gitlab"
	"postern/shared/store"
	storepushes "postern/shared/store/pushes"
)

// hook stands for Gitaly's hooks in a repository that the system's git serves. Its first half is pre-receive, its second half
// post-receive. Files beside the repository have the pusher and the answered messages.
const hook = `#!/bin/sh
set -eu
ask() { # route, then parameters
	route=$1; shift
	code=$(curl --silent --output answer --write-out '%%{http_code}' --header "Gitlab-Shell-Api-Request: %[2]s" \
		--header "X-Request-Id: $(cat session)" "$@" "%[1]s/api/v4/internal/$route")
	[ "$code" = 200 ] || { cat answer >&2; exit 1; }
}
cat >changes
case $0 in
*pre-receive)
	env="{\"GIT_OBJECT_DIRECTORY_RELATIVE\":\"objects/$(basename "$GIT_OBJECT_DIRECTORY")\",\"GIT_ALTERNATE_OBJECT_DIRECTORIES_RELATIVE\":[\"objects\"]}"
	ask allowed --data action=git-receive-pack --data gl_repository=project-7 --data protocol=ssh --data "key_id=$(cat key)" \
		--data-urlencode "project=$PWD" --data-urlencode "env=$env" --data-urlencode changes@changes
	ask pre_receive --data gl_repository=project-7
	grep -q '"reference_counter_increased":true' answer;;
*)
	set -- --data gl_repository=project-7 --data "identifier=key-$(cat key)" --data-urlencode changes@changes
	i=0
	while [ $i -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
		set -- "$@" --data-urlencode "push_options[]=$(eval "printf %%s \"\$GIT_PUSH_OPTION_$i\"")"
		i=$((i + 1))
	done
	ask post_receive "$@"
	cat answer;;
esac
`

// pushes is the whole system beside a repository with hooks that call it.
type pushes struct {
	t          *testing.T
	url, token string
	storage    gitlab.Storage
	store      *store.Store
	repository *gitalytest.Repository
	clone      *gitalytest.Clone
	sessions   int
}

func newPushes(t *testing.T) *pushes {
	t.Helper()
	c, err := cloud.Start(t.Context(), cloud.Options{Root: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	token, err := auth.Sign(auth.Shell, []byte(apitest.Secret), time.Now(), time.Hour)
	must(t, err)
	p := &pushes{t: t, token: token}
	folder := t.TempDir()
	p.repository = gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1)
	p.storage = gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "").Storage()
	p.serve(c)
	p.hook()
	p.clone = p.repository.Clone(t)
	return p
}

// serve starts the functions and the worker on a table with the fixture.
func (p *pushes) serve(c *cloud.Cloud) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	_, err := c.CreateTable(ctx)
	must(p.t, err)
	must(p.t, c.PutSecrets(ctx, apitest.Secret, "a2FzLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGVzISE="))
	queue, err := c.CreateQueue(ctx)
	must(p.t, err)
	p.store = store.New(c.DynamoDBClient(), cloud.Table, time.Now)
	refs := fmt.Sprintf(`{"storages":[{"name":"default","address":%q,"token":"gtok"}],"refs":[{"project_id":7,"ref":"refs/heads/main","target":%q}]}`,
		p.storage.Address, p.repository.B)
	for _, document := range []string{string(apitest.Fixture()), refs} {
		apitest.Apply(p.t, p.store, []byte(document))
	}
	log := slog.New(slog.DiscardHandler)
	handler, err := server.New(ctx, c, config.Config{GatewayTimeout: 29 * time.Second}, log)
	must(p.t, err)
	web := httptest.NewServer(handler)
	p.url = web.URL
	ended := make(chan error, 1)
	go func() { ended <- server.Work(ctx, c, queue, log) }()
	p.t.Cleanup(func() {
		web.Close()
		cancel()
		must(p.t, <-ended)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hook installs the hooks in the repository.
func (p *pushes) hook() {
	p.t.Helper()
	gitalytest.Git(p.t, p.repository.Path, nil, "config", "receive.advertisePushOptions", "true")
	for _, name := range []string{"pre-receive", "post-receive"} {
		script := fmt.Sprintf(hook, p.url, p.token)
		must(p.t, os.WriteFile(filepath.Join(p.repository.Path, "hooks", name), []byte(script), 0o700))
	}
}

// push runs the real git as a user, with the repository as remote.
func (p *pushes) push(key string, arguments ...string) (output string, err error) {
	p.t.Helper()
	p.sessions++
	for name, text := range map[string]string{"key": key, "session": fmt.Sprintf("session-%d", p.sessions)} {
		must(p.t, os.WriteFile(filepath.Join(p.repository.Path, name), []byte(text), 0o600))
	}
	return p.clone.Push(p.t, arguments...)
}

func (p *pushes) waitFor(condition string, there func() bool) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if there() {
			return
		}
	}
	p.t.Errorf("after a minute still not true: %s", condition)
}

func (p *pushes) at(branch, id string) func() bool {
	return func() bool {
		tips, err := p.store.LoadProtectedTips(p.t.Context(), 7, []gitlab.ProtectedBranch{{Name: branch}})
		return err == nil && len(tips) == 1 && tips[0] == id
	}
}

func (p *pushes) on(branch, id string) string {
	p.t.Helper()
	p.clone.Reset(p.t, id)
	return "+HEAD:refs/heads/" + branch
}

// A push from end to end: the clone's address, a new branch, a merge request by option, a rejected and an accepted force push. The
// worker's effects follow each.
func TestPushEndToEnd(t *testing.T) {
	p := newPushes(t)
	const mia, dan = "101", "102"

	r := apitest.Request(t, http.MethodPost, p.url+"/api/v4/internal/allowed", strings.NewReader(
		`{"action":"git-receive-pack","project":"acme/app.git","changes":"_any","protocol":"ssh","key_id":"102"}`))
	shell := (&apitest.API{}).Do(t, r)
	if shell.Status != 200 || !strings.Contains(shell.Body, p.storage.Address) || !strings.Contains(shell.Body, p.repository.Relative) {
		t.Fatalf("allowed for gitlab-shell: %d %s", shell.Status, shell.Body)
	}

	p.clone.Reset(t, p.repository.B)
	first := p.clone.Commit(t)
	output, err := p.push(dan, "HEAD:refs/heads/feature")
	if err != nil || !strings.Contains(output, "To create a merge request for feature, visit:") {
		t.Fatalf("a new branch: %v\n%s", err, output)
	}
	p.waitFor("feature is stored", p.at("feature", first))

	second := p.clone.Commit(t)
	output, err = p.push(dan, "-o", "merge_request.create", "-o", "mr.title=A title", "HEAD:refs/heads/feature")
	if err != nil || !strings.Contains(output, "View merge request for feature:") || !strings.Contains(output, "/acme/app/-/merge_requests/1") {
		t.Errorf("a merge request by option: %v\n%s", err, output)
	}
	p.waitFor("feature has moved", p.at("feature", second))
	p.waitFor("the merge request exists", func() bool {
		c, err := p.store.LoadPostContext(t.Context(), storepushes.PostQuery{
			Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, Branches: []string{"feature"},
		})
		return err == nil && c.Open["feature"].IID == 1
	})

	output, err = p.push(mia, p.on("main", p.repository.C))
	if err == nil || !strings.Contains(output, "You are not allowed to force push code to a protected branch on this project.") {
		t.Errorf("force push to main: %v\n%s", err, output)
	}
	output, err = p.push(dan, p.on("main", second))
	if err == nil || !strings.Contains(output, "You are not allowed to push code to protected branches on this project.") {
		t.Errorf("a developer pushes to main: %v\n%s", err, output)
	}
	if output, err = p.push(mia, p.on("main", second)); err != nil {
		t.Errorf("a maintainer pushes to main, with objects in quarantine: %v\n%s", err, output)
	}
	for _, id := range []string{second, p.repository.C} { // first forward, then elsewhere
		if output, err = p.push(dan, p.on("dev", id)); err != nil {
			t.Errorf("force push to dev: %v\n%s", err, output)
		}
	}
	p.waitFor("dev has moved", p.at("dev", p.repository.C))
	p.waitFor("main has moved", p.at("main", second))

	if live, err := p.store.LiveLeases(t.Context(), "project-7"); err != nil || live != 0 {
		t.Errorf("%d unfinished pushes, %v", live, err)
	}
	p.waitFor("every accepted push has its events", func() bool {
		events, err := p.store.PushEvents(t.Context(), 7, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), 100)
		return err == nil && len(events) == 5
	})
}
