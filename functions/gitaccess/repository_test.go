package gitaccess_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/functions/gitaccess"
	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	storepushes "postern/shared/store/pushes"
)

const (
	freshPush  = `{"key_id":102,"action":"git-receive-pack","project":"dan/fresh","changes":"_any","protocol":"ssh"}`
	freshPull  = `{"key_id":102,"action":"git-upload-pack","project":"dan/fresh","changes":"_any","protocol":"ssh"}`
	freshWiki  = `{"key_id":102,"action":"git-receive-pack","project":"dan/fresh.wiki","changes":"_any","protocol":"ssh"}`
	unmade     = `{"key_id":102,"action":"git-receive-pack","project":"dan/cannot.","changes":"_any","protocol":"ssh"}`
	notAllowed = `{"key_id":103,"action":"git-receive-pack","project":"dan/fresh","changes":"_any","protocol":"ssh"}`
)

// storage is a running API with the folder of its Gitaly.
type storage struct {
	*apitest.API
	folder string
}

// made returns the repositories that are in the folder, each by its HEAD.
func (s *storage) made(t *testing.T) map[string]string {
	t.Helper()
	heads, err := filepath.Glob(filepath.Join(s.folder, "@hashed", "*", "*", "*", "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, head := range heads {
		text, err := os.ReadFile(head)
		if err != nil {
			t.Fatal(err)
		}
		path, _ := filepath.Rel(s.folder, filepath.Dir(head))
		found[path] = strings.TrimSpace(string(text))
	}
	return found
}

// A push that makes a project makes its repository and its wiki's, and nothing else makes one.
func TestPushMakesRepositoriesOfNewProject(t *testing.T) {
	folder := t.TempDir()
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "")
	s := &storage{API: serve(t, storageAt(server.Address)), folder: folder}
	for _, body := range []string{freshPull, notAllowed, unmade, appPush} {
		send(t, s.API, "application/json", body)
		if made := s.made(t); len(made) != 0 {
			t.Errorf("%s made %v", body, made)
		}
	}
	answer := send(t, s.API, "application/json", freshPush)
	path, _ := answer.Object()["gitaly"].(map[string]any)["repository"].(map[string]any)["relative_path"].(string)
	wiki := strings.TrimSuffix(path, ".git") + ".wiki.git"
	if made := s.made(t); answer.Status != 200 || len(made) != 2 || made[path] != "ref: refs/heads/main" || made[wiki] == "" {
		t.Fatalf("%d %s made %v", answer.Status, answer.Body, made)
	}
	server.Stop() // the log shows whether it is asked again
	s.Log.Reset()
	for _, body := range []string{freshPush, freshPull, freshWiki} {
		send(t, s.API, "application/json", body)
	}
	if log := s.Log.String(); strings.Contains(log, "gitaly") {
		t.Errorf("Gitaly is asked again: %s", log)
	}
}

// A storage that cannot be asked changes no answer; the next push to the project has the repository made.
func TestARepositoryStaysDue(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	folder := t.TempDir()
	s := &storage{API: serve(t, storageAt("tcp://"+address)), folder: folder}
	answer := send(t, s.API, "application/json", freshPush)
	if log := s.Log.String(); answer.Status != 200 || !strings.Contains(log, `gitaly: storage \"default\"`) || strings.Contains(log, "gtok") {
		t.Fatalf("with nobody there: %d %s, log %s", answer.Status, answer.Body, log)
	}
	gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, address)
	for _, body := range []string{freshPull} {
		if send(t, s.API, "application/json", body); len(s.made(t)) != 0 {
			t.Errorf("%s made %v", body, s.made(t))
		}
	}
	again := send(t, s.API, "application/json", freshPush)
	if made := s.made(t); again.Status != 200 || again.Body != answer.Body || len(made) != 2 {
		t.Errorf("%d %s, want as before %s; made %v", again.Status, again.Body, answer.Body, made)
	}
}

// A repository whose creation could not be recorded is created again, without harm.
func TestARepositoryIsMadeTwice(t *testing.T) {
	folder := t.TempDir()
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "")
	deps := apitest.NewDeps(t, apitest.Fixture(), []byte(storageAt(server.Address)))
	client := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = client.Close() })
	for _, err := range []error{errDown, nil, errors.New("not to be asked")} {
		api := apitest.ServeDeps(t, deps, func(d apitest.Deps) http.Handler {
			return gitaccess.New(gitaccess.Deps{
				Store: &forgetful{Store: d.Store, err: err}, Gitaly: client, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP,
			})
		})
		answer := send(t, api, "application/json", freshPush)
		if answer.Status != 200 {
			t.Errorf("%v: %d %s", err, answer.Status, answer.Body)
		}
		if told := strings.Contains(api.Log.String(), fmt.Sprint(err)); told != errors.Is(err, errDown) {
			t.Errorf("%v: log %s", err, api.Log.String())
		}
		api.Log.Reset()
	}
}

// forgetful is a store that may fail to note a repository.
type forgetful struct {
	gitaccess.Store
	err error
}

func (f *forgetful) RepositoriesMade(ctx context.Context, project gitlab.ID, made storepushes.Repositories) error {
	if f.err != nil {
		return f.err
	}
	return f.Store.RepositoriesMade(ctx, project, made) //nolint:wrapcheck // a stand-in adds nothing
}

// The first push to a wiki that was never made makes its repository; fetches and pushes without the right to write do not.
func TestFirstWikiPushMakesItsRepository(t *testing.T) {
	folder := t.TempDir()
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "")
	s := &storage{API: serve(t, storageAt(server.Address), `{"projects":[{"id":7,"wiki_repository_exists":false}]}`), folder: folder}
	for _, row := range []struct {
		name, key, action string
		status, made      int
		message           string
	}{
		{"fetch before", "102", "git-upload-pack", 404, 0, "A repository for this wiki does not exist yet."},
		{"push of a reporter", "103", "git-receive-pack", 404, 0, "A repository for this wiki does not exist yet."},
		{"push of a developer", "102", "git-receive-pack", 200, 1, ""},
		{"push of a developer again", "102", "git-receive-pack", 200, 1, ""},
		{"fetch after", "102", "git-upload-pack", 200, 1, ""},
	} {
		answer := send(t, s.API, "application/json",
			`{"key_id":`+row.key+`,"action":"`+row.action+`","project":"acme/app.wiki","changes":"_any","protocol":"ssh"}`)
		if answer.Status != row.status || answer.Message() != row.message || len(s.made(t)) != row.made {
			t.Errorf("%s: %d %s, made %v", row.name, answer.Status, answer.Body, s.made(t))
		}
	}
}
