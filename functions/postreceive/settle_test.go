package postreceive_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"postern/shared/apitest"
	"postern/shared/gitlab"
	storerecord "postern/shared/store/record"
	"postern/shared/table"
)

// facts returns the stored project and the names of its branch rules.
func (w *worker) facts(id gitlab.ID) (gitlab.Project, string) {
	w.t.Helper()
	_, c, err := w.Store.LoadRepository(w.t.Context(), gitlab.Repository{Kind: gitlab.ProjectRepository, ID: id})
	if err != nil || c == nil {
		w.t.Fatalf("project %d: %v, %v", id, c, err)
	}
	records, err := w.Store.Records(w.t.Context(), []table.Key{{PK: "project#7", SK: "rules"}})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, r := range records {
		for _, rule := range r.Value().(*storerecord.Rules).Branches {
			names = append(names, rule.Name)
		}
	}
	return *c.Project, strings.Join(names, " ")
}

// empty makes project 7 empty and removes its rules.
const empty = `{"projects":[{"id":7,"empty_repo":true}],"remove":{"protected_branches":[
	{"project_id":7,"name":"main"},{"project_id":7,"name":"rel-*"},{"project_id":7,"name":"dev"}]}}`

func TestFirstPushProtectsDefaultBranch(t *testing.T) {
	z, a, b := object("0"), object("a"), object("b")
	rows := []struct {
		name, document, changes, gitaly string // gitaly: the default branch that Gitaly names
		branch, rules, heads            string
		empty                           bool
	}{
		{"one branch", "", z + " " + a + " refs/heads/trunk", "", "trunk", "trunk", "project-7 trunk", false},
		{"main among others", "", z + " " + a + " refs/heads/x\n" + z + " " + a + " refs/heads/main", "", "main", "main", "project-7 main", false},
		{"tags only", "", z + " " + a + " refs/tags/v1", "", "main", "", "", true},
		{"covered by the project's rule", `{"protected_branches":[{"project_id":7,"name":"tr*"}]}`, z + " " + a + " refs/heads/trunk", "", "trunk", "tr*", "project-7 trunk", false},
		{"covered by the group's rule", `{"protected_branches":[{"namespace_id":20,"name":"*"}]}`, z + " " + a + " refs/heads/trunk", "", "trunk", "", "project-7 trunk", false},
		{"no protection", `{"namespaces":[{"id":20,"default_branch_protection":0}]}`, z + " " + a + " refs/heads/trunk", "", "trunk", "", "project-7 trunk", false},
		{"an update clears the flag", "", a + " " + b + " refs/heads/feat", "trunk", "trunk", "", "", false},
		{"an update, Gitaly without an answer", "", a + " " + b + " refs/heads/feat", "", "main", "", "", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorker(t)
			for _, document := range []string{empty, row.document} {
				if document != "" {
					apitest.Apply(t, w.Store, []byte(document))
				}
			}
			w.commits.branch = row.gitaly
			if failed := w.send(w, w.accept("1", row.changes)...); len(failed) != 0 || len(w.bus.sent) != 1 {
				t.Fatalf("failed %v, published %d; %s", failed, len(w.bus.sent), w.Log)
			}
			p, rules := w.facts(7)
			if p.DefaultBranch != row.branch || rules != row.rules || p.EmptyRepo != row.empty || p.HeadDue != "" {
				t.Errorf("project %+v, rules %q", p, rules)
			}
			if heads := strings.Join(w.commits.heads, ", "); heads != row.heads {
				t.Errorf("HEAD set: %q, want %q", heads, row.heads)
			}
		})
	}
}

// The second push is processed first: the branch that the first one created is still found and protected.
func TestPushesOutOfOrderProtectDefaultBranch(t *testing.T) {
	w := newWorker(t)
	apitest.Apply(t, w.Store, []byte(empty))
	w.commits.branch = "trunk"
	first := w.accept("1", object("0")+" "+object("a")+" refs/heads/trunk")
	second := w.accept("2", object("a")+" "+object("b")+" refs/heads/trunk")
	if failed := w.send(w, append(second, first...)...); len(failed) != 0 {
		t.Fatalf("failed %v; %s", failed, w.Log)
	}
	if p, rules := w.facts(7); p.DefaultBranch != "trunk" || rules != "trunk" || p.EmptyRepo {
		t.Errorf("project %+v, rules %q", p, rules)
	}
}

// A storage that does not answer delays HEAD, and neither the rule nor the event.
func TestFailedHeadIsRetried(t *testing.T) {
	w := newWorker(t)
	apitest.Apply(t, w.Store, []byte(empty))
	records := w.accept("1", object("0")+" "+object("a")+" refs/heads/trunk")
	w.commits.fail = errors.New("no answer")
	if failed := w.send(w, records...); len(failed) != 1 || len(w.bus.sent) != 1 {
		t.Fatalf("failed %v, published %d; %s", failed, len(w.bus.sent), w.Log)
	}
	if p, rules := w.facts(7); p.DefaultBranch != "trunk" || rules != "trunk" || p.HeadDue != "trunk" {
		t.Errorf("project %+v, rules %q", p, rules)
	}
	w.commits.fail = nil
	if failed := w.send(w, records...); len(failed) != 0 || len(w.bus.sent) != 1 || len(w.commits.heads) != 1 {
		t.Errorf("again: failed %v, published %d, HEAD %v", failed, len(w.bus.sent), w.commits.heads)
	}
	if p, _ := w.facts(7); p.HeadDue != "" {
		t.Errorf("HEAD is still due: %+v", p)
	}
}

// Pushes and documents at the same time lose neither the rule nor the document's field.
func TestSettlingRacesWithDocuments(t *testing.T) {
	w := newWorker(t)
	apitest.Apply(t, w.Store, []byte(empty))
	push := w.accept("1", object("0")+" "+object("a")+" refs/heads/trunk")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { w.send(w, push...) })
	}
	group.Go(func() { apitest.Apply(t, w.Store, []byte(`{"protected_branches":[{"project_id":7,"name":"x"}]}`)) })
	group.Wait()
	if _, rules := w.facts(7); rules != "trunk x" && rules != "x trunk" {
		t.Errorf("rules %q", rules)
	}
}

func TestSnippetAndWikiPushesSettleTheirRepository(t *testing.T) {
	w := newWorker(t)
	apitest.Apply(t, w.Store, []byte(`{"projects":[{"id":7,"wiki_repository_exists":false}],"snippets":[{"id":31,"empty_repo":true}]}`))
	records := append(w.acceptIn("wiki-7", "1", object("0")+" "+object("a")+" refs/heads/main"),
		w.acceptIn("snippet-31", "2", object("0")+" "+object("a")+" refs/heads/trunk")...)
	if failed := w.send(w, records...); len(failed) != 0 {
		t.Fatalf("failed %v; %s", failed, w.Log)
	}
	_, c, err := w.Store.LoadRepository(t.Context(), gitlab.Repository{Kind: gitlab.SnippetRepository, ID: 31})
	if err != nil || c.Snippet.EmptyRepo || c.Snippet.DefaultBranch != "trunk" || c.HeadDue() != "" {
		t.Errorf("snippet %+v, %v", c.Snippet, err)
	}
	if heads := strings.Join(w.commits.heads, ", "); heads != "snippet-31 trunk" {
		t.Errorf("HEAD set: %q", heads)
	}
	if p, _ := w.facts(7); !p.HasWikiRepository() {
		t.Errorf("project %+v", p)
	}
	// The documents of before change nothing any more.
	apitest.Apply(t, w.Store, []byte(`{"projects":[{"id":7,"wiki_repository_exists":false}],"snippets":[{"id":31,"empty_repo":true}]}`))
	if p, _ := w.facts(7); !p.HasWikiRepository() {
		t.Error("a document of before hides the wiki's repository")
	}
}
