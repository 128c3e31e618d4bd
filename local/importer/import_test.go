package importer_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"postern/local/importer"
)

func TestDocument(t *testing.T) {
	got := records(t, start(t).imported())
	rows := []struct {
		name, array string
		n           int
		like        string
	}{
		{"a user", "users", 6, `{"id":2,"username":"ada","name":"Ada","email":"ada@example.com","state":"active","user_type":"human","admin":false`},
		{"an administrator", "users", 6, `"username":"root","name":"Root","email":"root@example.com","state":"active","user_type":"human","admin":true`},
		{"a blocked user with an unconfirmed address", "users", 6, `"state":"blocked","user_type":"human","admin":false,"external":true,"confirmed_at":null`},
		{"a bot", "users", 6, `"user_type":"project_bot"`},
		{"a personal namespace with GitLab's id", "namespaces", 9, `{"id":2,"kind":"user","path":"ada","name":"Ada","owner_id":2}`},
		{"a group with fields of its own resource", "namespaces", 9, `"enabled_git_access_protocol":"","ip_ranges":["127.0.0.0/8","10.0.0.0/8"]`},
		{"a subgroup", "namespaces", 9, `{"id":21,"kind":"group","path":"sub","name":"Sub","parent_id":20`},
		{"protection in the newer form", "namespaces", 9, `"project_creation_level":"developer","default_branch_protection":3`},
		{"a project", "projects", 3, `{"id":11,"namespace_id":21,"path":"app","name":"App","visibility":"private","archived":false`},
		{"a key", "keys", 5, `{"id":102,"user_id":2,"title":"laptop"`},
		{"a key without title", "keys", 5, `{"id":104,"user_id":3,"title":"key"`},
		{"a deploy key with all its projects", "deploy_keys", 1, `"projects":[{"project_id":11,"can_push":true},{"project_id":12,"can_push":false}]`},
		{"a member of a group", "members", 9, `{"user_id":2,"namespace_id":20,"access_level":30,"expires_at":"2099-12-31","awaiting":false}`},
		{"a member before the acceptance", "members", 9, `{"user_id":5,"project_id":11,"access_level":30,"expires_at":null,"awaiting":true}`},
		{"a member by a share", "members", 9, `{"user_id":6,"project_id":11,"access_level":20,"expires_at":"2099-06-30","awaiting":false}`},
		{"a member of a group by a share", "members", 9, `{"user_id":6,"namespace_id":21,"access_level":10,"expires_at":null,"awaiting":false}`},
		{"a branch of a group", "protected_branches", 3, `{"namespace_id":20,"name":"stable"`},
		{"a branch with ids instead of levels", "protected_branches", 3, `"push_access_levels":[{"user_id":2},{"deploy_key_id":201},{"group_id":30}]`},
		{"a tag", "protected_tags", 1, `{"project_id":11,"name":"v*","create_access_levels":[{"access_level":40}]}`},
		{"an agent", "agents", 1, `{"id":1,"name":"cluster","project_id":11,"created_by_user_id":2}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			all := got[row.array]
			if len(all) != row.n || !slices.ContainsFunc(all, func(r string) bool { return strings.Contains(r, row.like) }) {
				t.Errorf("%d %s, want %d and one with %s:\n%s", len(all), row.array, row.n, row.like, strings.Join(all, "\n"))
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request to another server, with %v", r.Header)
	}))
	t.Cleanup(other.Close)
	rows := []struct {
		name  string
		given func(g *gitlab, i *importer.Import)
		like  string
	}{
		{"a wrong token", func(_ *gitlab, i *importer.Import) { i.Token = "wrong" }, "401"},
		{"the token of another user", func(g *gitlab, _ *importer.Import) {
			g.resources["user"] = map[string]any{"id": 2, "is_admin": false}
		}, "not an administrator's"},
		{"a redirect to another server", func(g *gitlab, _ *importer.Import) {
			g.fault = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n > 0 {
					http.Redirect(w, r, other.URL, http.StatusFound)
				}
				return n > 0
			}
		}, "another server"},
		{"missing rules of an existing project", func(g *gitlab, _ *importer.Import) {
			delete(g.resources, "projects/12/protected_branches")
		}, "projects/12/protected_branches"},
		{"a permanent error of the server", func(g *gitlab, _ *importer.Import) {
			g.fault = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n > 20 {
					w.WriteHeader(http.StatusInternalServerError)
				}
				return n > 20
			}
		}, "500"},
		{"a malformed address", func(_ *gitlab, i *importer.Import) { i.URL = "gitlab.example.com" }, "GITLAB: must be an address"},
		{"an existing document", func(_ *gitlab, i *importer.Import) { _ = os.WriteFile(i.File, nil, 0o600) }, "exists already"},
		{"the journal of another GitLab", func(_ *gitlab, i *importer.Import) {
			_ = os.WriteFile(i.File+".part", []byte(`{"source":"https://gitlab.example.com/api/v4/"}`+"\n"), 0o600)
		}, "of another import"},
		{"another file in the journal's place", func(_ *gitlab, i *importer.Import) {
			_ = os.WriteFile(i.File+".part", []byte("my notes\n"), 0o600)
		}, "of another import"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			g := start(t)
			i := g.into(filepath.Join(t.TempDir(), "directory.json"))
			row.given(g, &i)
			_, err := i.Do(t.Context())
			if err == nil || !strings.Contains(err.Error(), row.like) || strings.Contains(err.Error(), token) {
				t.Errorf("%v, want one like %q", err, row.like)
			}
		})
	}
}

func TestWrongAddressFailsImmediately(t *testing.T) {
	g := start(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	i := g.into(filepath.Join(t.TempDir(), "directory.json"))
	i.URL = closed.URL
	if _, err := i.Do(t.Context()); err == nil || g.slept > 0 {
		t.Errorf("%v after %v", err, g.slept)
	}
	if _, err := os.Stat(i.File + ".part"); err == nil {
		t.Error("a journal remains")
	}
}

func TestOtherFilesAreNotChanged(t *testing.T) {
	for _, content := range []string{"my notes\nand more", "my notes", `{"users": []}`, `{"source":"https://gitlab.example.com/api/v4/"}` + "\n{"} {
		g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
		if err := os.WriteFile(file+".part", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := g.into(file).Do(t.Context()); err == nil {
			t.Errorf("%q is accepted as a journal", content)
		}
		if got := read(t, file+".part"); got != content {
			t.Errorf("%q becomes %q", content, got)
		}
	}
}

func TestImportContinuesFromAnEmptyJournal(t *testing.T) {
	for _, content := range []string{"", "{", `{"source":"http://127`} {
		g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
		if err := os.WriteFile(file+".part", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if counts, err := g.into(file).Do(t.Context()); err != nil || counts["users"] != 6 {
			t.Errorf("%q: %v, %v", content, counts, err)
		}
	}
}

func TestSecondImportIntoAFileFails(t *testing.T) {
	g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
	first := g.into(file)
	var second error
	first.Progress = func(string, ...any) {
		if second == nil {
			_, second = g.into(file).Do(t.Context())
		}
	}
	if _, err := first.Do(t.Context()); err != nil {
		t.Error(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another import writes it") {
		t.Errorf("the second import: %v", second)
	}
}

func TestRecordsDeletedDuringTheImportAreOmitted(t *testing.T) {
	g := start(t)
	// Both are deleted after they were listed.
	for path := range g.resources {
		if strings.HasPrefix(path, "projects/12") || strings.HasPrefix(path, "groups/30") {
			delete(g.resources, path)
		}
	}
	got := records(t, g.imported())
	if len(got["projects"]) != 2 || len(got["namespaces"]) != 8 || len(got["deploy_keys"]) != 1 {
		t.Errorf("%v", got)
	}
	for array, all := range got {
		for _, record := range all {
			if strings.Contains(record, `"project_id":12`) || strings.Contains(record, `"group_id":30`) {
				t.Errorf("%s has %s", array, record)
			}
		}
	}
}

func TestDocumentIsReadableByItsOwnerOnly(t *testing.T) {
	g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
	counts, err := g.into(file).Do(t.Context())
	if err != nil || counts["users"] != 6 || counts["deploy_keys"] != 1 {
		t.Fatalf("%v, %v", counts, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := g.into(file).Do(t.Context()); !errors.Is(err, importer.ErrExists) {
		t.Errorf("a second import into the same file: %v", err)
	}
}

func TestImportCountsDeployKeysWithoutCreator(t *testing.T) {
	g := start(t)
	var mu sync.Mutex
	var lines []string
	i := g.into(filepath.Join(t.TempDir(), "directory.json"))
	i.Progress = func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, fmt.Sprintf(format, args...))
	}
	if _, err := i.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "deploy keys without creator_id, which cannot push: 1"; !strings.Contains(strings.Join(lines, "\n"), want) {
		t.Errorf("%q, want %q", lines, want)
	}
}
