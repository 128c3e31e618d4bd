package server

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/gitlab"
)

// Messages that several cases share.
const (
	noPush       = "You are not allowed to push code to this project."
	noProtected  = "You are not allowed to push code to protected branches on this project."
	noForce      = "You are not allowed to force push code to a protected branch on this project."
	noDeletion   = "You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch."
	noDefaultYet = "\nA default branch (e.g. main) does not yet exist for acme/empty\nAsk a project Owner or Maintainer to create a default branch:\n\n" +
		"  https://gitlab.example.com/acme/empty/-/project_members\n\n"
)

// gitalyCases are Gitaly's calls about other things than the branches of project 7.
func gitalyCases(t *testing.T, r *history) []behavior {
	ok := want{status: 200, has: map[string]string{"status": "true"}}
	denied := func(status int, message string) want { return want{status: status, message: message} }
	empty := map[string]any{"gl_repository": "project-10"}
	const blocked = `{"users":[{"id":12,"state":"blocked"}]}`
	return []behavior{
		{number: "75", name: "a developer creates a protected tag", call: r.push(102, "Z B refs/tags/v2"), want: denied(401, "You are not allowed to create this tag as it is protected.")},
		{number: "76", name: "a protected tag is changed", call: r.push(101, "A B refs/tags/v1.0"), want: denied(401, "Protected tags cannot be updated.")},
		{number: "77", name: "a developer changes a tag", call: r.push(102, "A B refs/tags/t1"), want: ok},
		{number: "79", name: "a developer's first push to an empty repository", call: r.pushWith(102, "Z A refs/heads/main", empty), want: denied(401, noDefaultYet)},
		{number: "80", name: "a maintainer's first push to an empty repository", call: r.pushWith(101, "Z A refs/heads/main", empty), want: want{status: 200, has: map[string]string{"status": "true", "gl_repository": "project-10"}}},
		{number: "81", name: "an env that is not JSON", call: r.pushWith(102, "A B refs/heads/feat", map[string]any{"env": "not json"}), want: ok},
		{number: "81", name: "an env that is not JSON, with a call to Gitaly", call: r.pushWith(101, "A B refs/heads/main", map[string]any{"env": "not json"}), want: ok},
		{
			number: "82", name: "checks that exceed their time", given: []string{storageAt(mute(t))}, inside: true,
			call: hurried(r.push(101, "A B refs/heads/main")),
			want: want{
				status: 503, has: map[string]string{"status": "false"}, prefix: "Push operation timed out\n\nTiming information for debugging purposes:\n",
				like: `Running checks for ref: main\\n.*\.\.\. \(cancelled after \d+\.\dms\)"`,
			},
			then: answers(r.push(102, "A B refs/heads/feat"), ok),
		},
		{number: "83", name: "no such project", call: r.pushWith(102, "A B refs/heads/feat", map[string]any{"gl_repository": "project-999"}), want: denied(404, noProject)},
		{number: "85", name: "as a form", call: r.form(102, "A B refs/heads/feat"), want: want{status: 200, has: map[string]string{"status": "true", "gl_id": "user-13"}}},
		{number: "85a", name: "a deploy key for writing", call: r.push(202, "A B refs/heads/feat"), want: want{status: 200, has: map[string]string{"gl_key_type": "deploy_key", "gl_key_id": "202"}}},
		{number: "85b", name: "a deploy key of a maintainer and a protected branch", call: r.push(202, "A B refs/heads/main"), want: ok},
		{number: "85c", name: "a deploy key of a blocked creator", given: []string{blocked}, call: r.push(202, "A B refs/heads/feat"), want: denied(401, noPush), then: answers(shell(202, "receive-pack", "acme/app"), ok)},
		{number: "86", name: "a branch of a snippet", call: r.pushWith(102, "Z A refs/heads/x", map[string]any{"gl_repository": "snippet-31"}), want: denied(401, "You can not create or delete branches.")},
	}
}

// history is the repository of project 7 in the folder of a local Gitaly.
type history struct {
	*gitalytest.Repository
	storage string // the document with the Gitaly's storage
}

func newHistory(t *testing.T) *history {
	t.Helper()
	folder := t.TempDir()
	repository := gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1)
	at := ""
	if machine := os.Getenv(host); machine != "" {
		at = net.JoinHostPort(machine, "0")
	}
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, at)
	return &history{Repository: repository, storage: storageAt(server.Address)}
}

func storageAt(address string) string {
	return fmt.Sprintf(`{"storages":[{"name":"default","address":%q,"token":"gtok"}]}`, address)
}

// documents returns the Gitaly's storage and a commit for every ref of the fixture.
func (r *history) documents() []string {
	refs := []string{"heads/main", "heads/rel-1", "heads/rel-1x/y", "heads/dev", "heads/feat", "tags/v1.0", "tags/t1"}
	for i, ref := range refs {
		refs[i] = refAt(ref, r.A)
	}
	return append(refs, r.storage)
}

func refAt(ref, commit string) string {
	return fmt.Sprintf(`{"refs":[{"project_id":7,"ref":"refs/%s","target":%q}]}`, ref, commit)
}

// push is a call of Gitaly with lines of its hook. Z, A, B and C stand for objects.
func (r *history) push(key int, lines ...string) func(*testing.T, *apitest.API) *apitest.Answer {
	return r.pushWith(key, strings.Join(lines, "\n"), nil)
}

// pushWith is push with changed parameters.
func (r *history) pushWith(key int, lines string, changes map[string]any) func(*testing.T, *apitest.API) *apitest.Answer {
	call := map[string]any{"gl_repository": "project-7", "env": "{}", "changes": r.changes(lines)}
	for name, value := range changes {
		call[name] = value
	}
	return with(key, "receive-pack", "/srv/git/x.git", call)
}

// changes replaces the letters by object ids.
func (r *history) changes(lines string) string {
	ids := map[string]string{"Z": strings.Repeat("0", 40), "A": r.A, "B": r.B, "C": r.C}
	var changes strings.Builder
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		fmt.Fprintf(&changes, "%s %s %s\n", ids[fields[0]], ids[fields[1]], fields[2])
	}
	return changes.String()
}

// form is push with form parameters.
func (r *history) form(key int, lines string) func(*testing.T, *apitest.API) *apitest.Answer {
	body := url.Values{
		"key_id": {fmt.Sprint(key)}, "action": {"git-receive-pack"}, "project": {"/srv/git/x.git"}, "protocol": {"ssh"},
		"gl_repository": {"project-7"}, "env": {"{}"}, "changes": {r.changes(lines)},
	}.Encode()
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		request := apitest.Request(t, http.MethodPost, api.URL+allowed, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return api.Do(t, request)
	}
}

// mute returns the address of a Gitaly that accepts connections and never answers.
func mute(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return local.Address(listener)
}

// hurried sends the call through a gateway with a timeout of two seconds.
func hurried(call func(*testing.T, *apitest.API) *apitest.Answer) func(*testing.T, *apitest.API) *apitest.Answer {
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		d := api.Deps
		d.HTTP.Timeout = 2 * time.Second
		return call(t, apitest.ServeDeps(t, d, system))
	}
}
