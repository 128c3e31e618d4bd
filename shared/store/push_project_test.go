package store_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/table"
)

func TestTheFirstPushChoosesTheDefaultBranch(t *testing.T) {
	rows := []struct {
		name    string
		created []string
		want    string
	}{
		{"the project's own", []string{"a", "release", "main"}, "release"},
		{"the only one", []string{"trunk"}, "trunk"},
		{"main before others", []string{"a", "master", "main"}, "main"},
		{"master before others", []string{"a", "master"}, "master"},
		{"the first by name", []string{"b", "a"}, "a"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := newPushTable(t)
			loadInto(t, p.Store, `{"projects":[{"id":7,"empty_repo":true,"default_branch":"release"}]}`)
			push := pushed("push of "+row.name, p.now.now())
			for _, branch := range row.created {
				push.Changes = append(push.Changes, changed("refs/heads/"+branch, "0", "a"))
			}
			p.apply(push)
			project := p.project()
			if project.EmptyRepo || project.DefaultBranch != row.want {
				t.Errorf("empty %v, default branch %s; want %s", project.EmptyRepo, project.DefaultBranch, row.want)
			}
			p.apply(pushed("later "+row.name, p.now.now(), changed("refs/heads/main", "0", "a")))
			if got := p.project().DefaultBranch; got != row.want {
				t.Errorf("the next push makes %s of it", got)
			}
		})
	}
}

func TestTagsDoNotChooseADefaultBranch(t *testing.T) {
	p := newPushTable(t)
	loadInto(t, p.Store, `{"projects":[{"id":7,"empty_repo":true}]}`)
	p.apply(pushed("1", p.now.now(), changed("refs/tags/v1", "0", "a"), changed("refs/heads/gone", "a", "0")))
	if project := p.project(); !project.EmptyRepo || project.DefaultBranch != "main" {
		t.Errorf("empty %v, default branch %s", project.EmptyRepo, project.DefaultBranch)
	}
}

func TestTheLatestPushIsTheLastActivity(t *testing.T) {
	p := newPushTable(t)
	at := p.now.now()
	for i, offset := range []time.Duration{0, time.Hour, 59 * time.Minute, -time.Second} {
		p.apply(pushed(string(rune('a'+i)), at.Add(offset).Add(time.Millisecond), changed("refs/heads/a", "0", "a")))
	}
	if got := p.project().LastActivityAt; got == nil || !got.Equal(at.Add(time.Hour)) {
		t.Errorf("last_activity_at = %v, want %v", got, at.Add(time.Hour))
	}
	day, _ := p.item("user#1", "user")["last_activity_on"].(*types.AttributeValueMemberS)
	if day == nil || day.Value != string(gitlab.DateOf(at)) {
		t.Errorf("last_activity_on = %v", day)
	}
}

// The document that made an empty project is applied again, as one does: what pushes made of the project stays.
func TestWhatPushesMakeSurvivesDocuments(t *testing.T) {
	p := newPushTable(t)
	const document = `{"projects":[{"id":7,"namespace_id":20,"path":"app","empty_repo":true}]}`
	loadInto(t, p.Store, document)
	p.apply(pushed("1", p.now.now(), changed("refs/heads/trunk", "0", "a")))
	for _, again := range []string{document, `{"projects":[{"id":7,"name":"App"}]}`} {
		loadInto(t, p.Store, again)
		project := p.project()
		if project.EmptyRepo || project.DefaultBranch != "trunk" || project.LastActivityAt == nil || p.target("refs/heads/trunk") == "" {
			t.Errorf("after %s: %+v", again, project)
		}
	}
}

func TestMergeRequestsByPushOptions(t *testing.T) {
	rows := []struct {
		name    string
		options []string
		iid     gitlab.ID // set aside
		want    gitlab.MergeRequest
	}{
		{"created", []string{"merge_request.create"}, 5, gitlab.MergeRequest{IID: 5, Title: "created", TargetBranch: "main"}},
		{"as-asked", []string{"mr.create", "mr.target=dev", "mr.title=Mine", "mr.draft"}, 6, gitlab.MergeRequest{IID: 6, Title: "Draft: Mine", TargetBranch: "dev"}},
		{"retitled", []string{"mr.title=Other", "mr.target=dev", "mr.label=x"}, 0, gitlab.MergeRequest{IID: 3, Title: "Other", TargetBranch: "dev"}},
		{"untouched", []string{"mr.label=x"}, 0, gitlab.MergeRequest{IID: 4, Title: "Old", TargetBranch: "main"}},
	}
	p := newPushTable(t)
	loadInto(t, p.Store, `{"merge_requests":[
	 {"project_id":7,"iid":3,"source_branch":"retitled","target_branch":"main","title":"Old"},
	 {"project_id":7,"iid":4,"source_branch":"untouched","target_branch":"main","title":"Old"}]}`)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			push := pushed(row.name, p.now.now(), changed("refs/heads/"+row.name, "0", "a"), changed("refs/heads/none", "0", "a"))
			push.Options = row.options
			if row.iid != 0 {
				push.MergeRequests = map[string]gitlab.ID{row.name: row.iid}
			}
			for range 2 {
				p.apply(push)
			}
			k := mergeRequestPlace(row.want.IID)
			found, err := p.Records(t.Context(), []table.Key{k})
			if err != nil || found[k] == nil {
				t.Fatalf("no merge request, %v", err)
			}
			row.want.ProjectID, row.want.SourceProjectID, row.want.SourceBranch, row.want.State = 7, 7, row.name, gitlab.MergeRequestOpened
			if got := found[k].Value().(*gitlab.MergeRequest); *got != row.want {
				t.Errorf("%+v, want %+v", *got, row.want)
			}
		})
	}
}

// A branch that is deleted closes nothing.
func TestDeletedBranchesLeaveMergeRequestsAlone(t *testing.T) {
	p := newPushTable(t)
	loadInto(t, p.Store, `{"merge_requests":[{"project_id":7,"iid":3,"source_branch":"a","target_branch":"main","title":"Old"}]}`)
	push := pushed("1", p.now.now(), changed("refs/heads/a", "a", "0"))
	push.Options = []string{"mr.title=New"}
	p.apply(push)
	k := mergeRequestPlace(3)
	found, err := p.Records(t.Context(), []table.Key{k})
	if err != nil || found[k] == nil {
		t.Fatalf("no merge request, %v", err)
	}
	if mr := found[k].Value().(*gitlab.MergeRequest); mr.Title != "Old" || mr.State != gitlab.MergeRequestOpened {
		t.Errorf("%+v", mr)
	}
}

func mergeRequestPlace(iid gitlab.ID) table.Key {
	return table.Key{PK: "project#7", SK: "mr#" + string(rune('0'+iid))}
}
