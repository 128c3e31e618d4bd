package gitaccess_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"

	"postern/functions/gitaccess"
	"postern/shared/apitest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
)

// pushes is an API beside a Gitaly that has the repository of project 7: main is at B, which descends from A; C does not.
type pushes struct {
	*apitest.API
	*gitalytest.Repository
	server *gitalytest.Server
}

func servePushes(t *testing.T, documents ...string) *pushes {
	t.Helper()
	folder := t.TempDir()
	p := &pushes{
		Repository: gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1),
		server:     gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, ""),
	}
	p.API = serve(t, append([]string{storageAt(p.server.Address)}, documents...)...)
	return p
}

func storageAt(address string) string {
	return fmt.Sprintf(`{"storages":[{"name":"default","address":%q,"token":"gtok"}]}`, address)
}

// push sends the request of Gitaly's hook. Letters in the lines stand for commits.
func (p *pushes) push(t *testing.T, actor, lines string, more ...string) *apitest.Answer {
	t.Helper()
	return send(t, p.API, "application/json", p.body(actor, lines, more...))
}

func (p *pushes) body(actor, lines string, more ...string) string {
	for letter, id := range map[string]string{"Z": strings.Repeat("0", 40), "A": p.A, "B": p.B, "C": p.C} {
		lines = strings.ReplaceAll(" "+lines, " "+letter+" ", " "+id+" ")
		lines = strings.ReplaceAll(lines, "\n"+letter+" ", "\n"+id+" ")
		lines = strings.ReplaceAll(lines, " "+letter+" ", " "+id+" ")
	}
	changes, _ := json.Marshal(strings.TrimSpace(lines))
	return fmt.Sprintf(`{"action":"git-receive-pack","gl_repository":"project-7","project":"/srv/git/x.git","protocol":"ssh","env":"{}","changes":%s,%s%s}`,
		changes, actor, strings.Join(more, ""))
}

const (
	mia = `"key_id":"101"`
	dan = `"key_id":"102"`

	forced     = "You are not allowed to force push code to a protected branch on this project."
	unreadable = "The history of the repository could not be read, so nothing was pushed. Please try again."
)

func TestPushesAreHeldAgainstTheHistory(t *testing.T) {
	p := servePushes(t)
	forward, forcing := p.Quarantine(t, p.B), p.Quarantine(t, p.C)
	env := func(q gitalytest.Quarantine) string {
		raw, _ := json.Marshal(map[string]any{
			"GIT_OBJECT_DIRECTORY_RELATIVE": q.ObjectDirectory, "GIT_ALTERNATE_OBJECT_DIRECTORIES_RELATIVE": q.AlternateObjectDirectories,
		})
		text, _ := json.Marshal(string(raw))
		return `,"env":` + string(text)
	}
	tips := fmt.Sprintf(`{"refs":[{"project_id":7,"ref":"refs/heads/main","target":%q},{"project_id":7,"ref":"refs/heads/rel-1","target":%q}],
		"remove":{"refs":[{"project_id":7,"ref":"refs/heads/dev"},{"project_id":7,"ref":"refs/heads/rel-1x/y"}]}}`, p.B, p.A)
	apitest.Apply(t, p.Store, []byte(tips))
	rows := []struct {
		name    string
		answer  *apitest.Answer
		status  int
		message string
	}{
		{"fast-forward", p.push(t, mia, "A B refs/heads/main"), 200, ""},
		{"forced", p.push(t, mia, "A C refs/heads/main"), 401, forced},
		{"forced where a rule allows it", p.push(t, dan, "A C refs/heads/dev"), 200, ""},
		{"forced, unprotected", p.push(t, dan, "A C refs/heads/feat"), 200, ""},
		{"second of two refs forced", p.push(t, mia, "A B refs/heads/main\nA C refs/heads/rel-1"), 401, forced},
		{"objects in quarantine", p.push(t, mia, "B "+forward.Commit+" refs/heads/main", env(forward)), 200, ""},
		{"forced, objects in quarantine", p.push(t, mia, "B "+forcing.Commit+" refs/heads/main", env(forcing)), 401, forced},
		{"objects that Gitaly cannot see", p.push(t, mia, "B "+forward.Commit+" refs/heads/main"), 503, unreadable},
		{"an object that is nowhere", p.push(t, mia, "A "+strings.Repeat("d", 40)+" refs/heads/main"), 503, unreadable},
		{"another relative path that is not there", p.push(t, mia, "A B refs/heads/main", `,"relative_path":"@hashed/no/repository.git"`), 503, unreadable},
		{"basis in a protected branch", p.push(t, mia, "Z A refs/heads/rel-2"), 401, "You can only create protected branches using the web interface and API."},
		{"basis in none", p.push(t, mia, "Z C refs/heads/rel-2"), 401, "You can only use an existing protected branch ref as the basis of a new protected branch."},
		{"created on the web", p.push(t, mia, "Z A refs/heads/rel-2", `,"protocol":"web"`), 200, ""},
		{"malformed", p.push(t, dan, "A B"), 400, "400 Bad request - changes is malformed"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if row.answer.Status != row.status || row.answer.Message() != row.message || (row.status == 200) != (row.answer.Object()["status"] == true) {
				t.Errorf("got %d %s", row.answer.Status, row.answer.Body)
			}
		})
	}
}

// A failing Gitaly never causes a wrong allow or an endless wait: the answer is 503, and the log has the reason.
func TestGitalyInTrouble(t *testing.T) {
	p := servePushes(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	rows := []struct {
		name, storage string
		message, log  string
	}{
		{"refuses the token", strings.Replace(storageAt(p.server.Address), "gtok", "other", 1), unreadable, "PermissionDenied"},
		{"gone", storageAt("tcp://127.0.0.1:1"), unreadable, "refused"},
		{"accepts and says nothing", storageAt("tcp://" + silent.Addr().String()), "Push operation timed out\n\nTiming information", "deadline"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			apitest.Apply(t, p.Store, []byte(row.storage))
			p.Log.Reset()
			d := p.Deps
			d.HTTP.Timeout = 2 * time.Second
			client := gitaly.New(gitaly.Options{})
			t.Cleanup(func() { _ = client.Close() })
			p.API = apitest.ServeDeps(t, d, func(d apitest.Deps) http.Handler {
				return gitaccess.New(gitaccess.Deps{Store: d.Store, Gitaly: client, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP})
			})
			answer := p.push(t, mia, "A B refs/heads/main")
			if answer.Status != 503 || !strings.HasPrefix(answer.Message(), row.message) || answer.Object()["status"] != false {
				t.Errorf("got %d %s", answer.Status, answer.Body)
			}
			if log := p.Log.String(); !strings.Contains(log, row.log) || strings.Contains(log, "gtok") || !strings.Contains(log, `"decision":"error"`) {
				t.Errorf("the log says %s", log)
			}
			if row.log == "deadline" && !strings.Contains(answer.Message(), "Running checks for ref: main\nChecking if you are allowed to push... (") {
				t.Errorf("no timing lines: %s", answer.Message())
			}
			if answer := p.push(t, dan, "A B refs/heads/feat"); answer.Status != 200 {
				t.Errorf("a push that needs no Gitaly: %d %s", answer.Status, answer.Body)
			}
		})
	}
}

// asked counts the calls to Gitaly.
type asked struct {
	gitaccess.Gitaly
	calls, pairs int
}

func (a *asked) Ancestors(ctx context.Context, s gitlab.Storage, r gitaly.Repository, pairs []gitaly.Pair) ([]bool, error) {
	a.calls++
	a.pairs += len(pairs)
	return a.Gitaly.Ancestors(ctx, s, r, pairs)
}

// A push of many refs costs one request, as many calls of the table as one ref, and one question for those that need one.
func TestManyRefs(t *testing.T) {
	p := servePushes(t)
	client := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = client.Close() })
	counted := &asked{Gitaly: client}
	p.API = apitest.ServeDeps(t, p.Deps, func(d apitest.Deps) http.Handler {
		return gitaccess.New(gitaccess.Deps{Store: d.Store, Gitaly: counted, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP})
	})
	p.push(t, mia, "A B refs/heads/main")
	for _, n := range []int{1, 100, 5000} {
		var lines strings.Builder
		for i := range n {
			fmt.Fprintf(&lines, "A B refs/heads/feat-%d\n", i)
		}
		p.Log.Reset()
		counted.calls, counted.pairs = 0, 0
		answer := p.push(t, mia, lines.String()+"A B refs/heads/main\nA C refs/heads/dev")
		if answer.Status != 200 {
			t.Fatalf("%d refs: %d %s", n, answer.Status, answer.Body)
		}
		if log := p.Log.String(); !strings.Contains(log, `"dynamodb_calls":1,`) || counted.calls != 1 || counted.pairs != 1 {
			t.Errorf("%d refs: %d calls of Gitaly, %d pairs, log %.300s", n, counted.calls, counted.pairs, log)
		}
	}
}

func TestNamesOfAnyBytes(t *testing.T) {
	p := servePushes(t, `{"protected_branches":[{"project_id":7,"name":"safe/*","push_access_levels":[{"access_level":40}]}]}`)
	for _, row := range []struct {
		name, ref string
		status    int
	}{
		{"unprotected", "refs/heads/f\xff\xfe", 200},
		{"below a rule's star", "refs/heads/safe/f\xff", 401},
		{"a tag that is not UTF-8", "refs/tags/t\xff", 401},
	} {
		t.Run(row.name, func(t *testing.T) {
			form := url.Values{
				"action": {"git-receive-pack"}, "gl_repository": {"project-7"}, "protocol": {"ssh"}, "key_id": {"102"},
				"changes": {strings.Repeat("0", 40) + " " + p.A + " " + row.ref},
			}
			if answer := send(t, p.API, "application/x-www-form-urlencoded", form.Encode()); answer.Status != row.status {
				t.Errorf("got %d %s", answer.Status, answer.Body)
			}
		})
	}
}

func TestNeedAudit(t *testing.T) {
	for document, want := range map[string]bool{`{}`: false, `{"namespaces":[{"id":20,"git_audit":true}]}`: true} {
		answer := send(t, serve(t, document), "application/json", appPull)
		if answer.Object()["need_audit"] != want {
			t.Errorf("%s: %s", document, answer.Body)
		}
	}
}

// A deploy key from an import has no creator and cannot push. A document that names the creator mends it.
func TestDocumentMendsDeployKeyWithoutCreator(t *testing.T) {
	api := serve(t, `{"deploy_keys":[{"id":202,"creator_id":null}]}`)
	push := `{"key_id":202,"action":"git-receive-pack","gl_repository":"project-7","protocol":"ssh","changes":"` +
		strings.Repeat("a", 40) + ` ` + strings.Repeat("b", 40) + ` refs/heads/feat"}`
	if answer := send(t, api, "application/json", push); answer.Status != 401 {
		t.Errorf("without creator: %d %s", answer.Status, answer.Body)
	}
	apitest.Apply(t, api.Store, []byte(`{"deploy_keys":[{"id":202,"creator_id":12}]}`))
	if answer := send(t, api, "application/json", push); answer.Status != 200 {
		t.Errorf("with creator: %d %s", answer.Status, answer.Body)
	}
}
