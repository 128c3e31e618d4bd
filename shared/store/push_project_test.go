package store_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store/record"
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
		want    gitlab.MergeRequest
	}{
		{"created", []string{"merge_request.create"}, gitlab.MergeRequest{IID: 5, Title: "created", TargetBranch: "main"}},
		{"as-asked", []string{"mr.create", "mr.target=dev", "mr.title=Mine", "mr.draft"}, gitlab.MergeRequest{IID: 6, Title: "Draft: Mine", TargetBranch: "dev"}},
		{"retitled", []string{"mr.title=Other", "mr.target=dev", "mr.label=x"}, gitlab.MergeRequest{IID: 3, Title: "Other", TargetBranch: "dev"}},
		{"untouched", []string{"mr.label=x"}, gitlab.MergeRequest{IID: 4, Title: "Old", TargetBranch: "main"}},
	}
	p := newPushTable(t)
	loadInto(t, p.Store, `{"merge_requests":[
	 {"project_id":7,"iid":3,"source_branch":"retitled","target_branch":"main","title":"Old"},
	 {"project_id":7,"iid":4,"source_branch":"untouched","target_branch":"main","title":"Old"}]}`)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			push := pushed(row.name, p.now.now(), changed("refs/heads/"+row.name, "0", "a"), changed("refs/heads/none", "0", "a"))
			push.Options = row.options
			push.MergeRequests, push.MergeTarget = map[string]gitlab.ID{row.name: row.want.IID}, 7
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

// Two workers that apply pushes of one pair at once, with different numbers, make one merge request.
func TestPairHasOneOpenMergeRequest(t *testing.T) {
	t.Parallel()
	p := newPushTable(t)
	failed := make(chan error, 8)
	for i := range cap(failed) {
		push := pushed(strconv.Itoa(i), p.now.now(), changed("refs/heads/a", "a", "b"))
		push.Options = []string{"mr.create", "mr.title=T" + strconv.Itoa(i)}
		push.MergeRequests, push.MergeTarget = map[string]gitlab.ID{"a": gitlab.ID(1 + i)}, 7
		go func() { failed <- p.ApplyPush(context.WithoutCancel(t.Context()), push, nil) }()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	var places []table.Key
	for iid := range gitlab.ID(8) {
		places = append(places, mergeRequestPlace(iid+1))
	}
	if found, err := p.Records(t.Context(), places); err != nil || len(found) != 1 {
		t.Errorf("%d merge requests, %v", len(found), err)
	}
}

// A number is reserved once for a pair, until its merge request is not open any more.
func TestReserveMergeRequest(t *testing.T) {
	t.Parallel()
	p := newPushTable(t)
	pair := record.MergeRequestPair{Source: 7, Target: 7, SourceBranch: "a", TargetBranch: "main"}
	reserve := func() gitlab.ID {
		iid, err := p.ReserveMergeRequest(t.Context(), pair)
		if err != nil {
			t.Fatal(err)
		}
		return iid
	}
	numbers := make(chan gitlab.ID, 4)
	for range cap(numbers) {
		go func() {
			iid, _ := p.ReserveMergeRequest(context.WithoutCancel(t.Context()), pair)
			numbers <- iid
		}()
	}
	first := <-numbers
	for range cap(numbers) - 1 {
		if iid := <-numbers; iid != first || iid == 0 {
			t.Errorf("numbers %d and %d", first, iid)
		}
	}
	document := `{"merge_requests":[{"project_id":7,"iid":%d,"source_branch":"a","target_branch":"main","state":%q}]}`
	loadInto(t, p.Store, fmt.Sprintf(document, first, "opened"))
	if iid := reserve(); iid != first {
		t.Errorf("while it is open: %d, want %d", iid, first)
	}
	loadInto(t, p.Store, fmt.Sprintf(document, first, "closed"))
	if iid := reserve(); iid <= first {
		t.Errorf("after it is closed: %d", iid)
	}
}

// An open merge request that was stored without the item of its pair is edited, retargeted, closed and removed.
func TestMergeRequestWithoutPairItemChanges(t *testing.T) {
	t.Parallel()
	const opened = `{"merge_requests":[{"project_id":7,"iid":3,"source_branch":"a","target_branch":"main"}]}`
	rows := []struct{ name, document string }{
		{"edited", `{"merge_requests":[{"project_id":7,"iid":3,"title":"New"}]}`},
		{"retargeted", `{"merge_requests":[{"project_id":7,"iid":3,"target_branch":"dev"}]}`},
		{"closed", `{"merge_requests":[{"project_id":7,"iid":3,"state":"closed"}]}`},
		{"closed for another one", `{"merge_requests":[{"project_id":7,"iid":3,"state":"closed"},
			{"project_id":7,"iid":4,"source_branch":"a","target_branch":"main"}]}`},
		{"removed", `{"remove":{"merge_requests":[{"project_id":7,"iid":3}]}}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPushTable(t)
			loadInto(t, p.Store, opened)
			mr := gitlab.MergeRequest{ProjectID: 7, SourceProjectID: 7, SourceBranch: "a", TargetBranch: "main"}
			if _, err := p.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
				TableName: &p.table, Key: table.Key{PK: "mrpair#7", SK: record.PairOf(&mr).Digest()}.Item(),
			}); err != nil {
				t.Fatal(err)
			}
			loadInto(t, p.Store, row.document)
		})
	}
}

// A repeat of a push does not apply its options over a newer edit.
func TestRepeatedPushKeepsNewerTitle(t *testing.T) {
	t.Parallel()
	p := newPushTable(t)
	loadInto(t, p.Store, `{"merge_requests":[{"project_id":7,"iid":3,"source_branch":"a","target_branch":"main","title":"Old"}]}`)
	push := pushed("1", p.now.now(), changed("refs/heads/a", "a", "b"))
	push.Options, push.MergeRequests, push.MergeTarget = []string{"mr.title=Pushed"}, map[string]gitlab.ID{"a": 3}, 7
	p.apply(push)
	loadInto(t, p.Store, `{"merge_requests":[{"project_id":7,"iid":3,"title":"Newer"}]}`)
	p.apply(push)
	k := mergeRequestPlace(3)
	found, err := p.Records(t.Context(), []table.Key{k})
	if err != nil || found[k].Value().(*gitlab.MergeRequest).Title != "Newer" {
		t.Errorf("got %+v, %v", found[k].Value(), err)
	}
}
