package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/pushes"
	"postern/shared/storetest"
	"postern/shared/table"
)

// object makes an id of an object of a digit; "0" stands for none.
func object(digit string) string { return strings.Repeat(digit, 40) }

func changed(ref, before, after string) gitlab.Change {
	return gitlab.Change{Ref: ref, Old: object(before), New: object(after)}
}

// pushed is a push of Ann's to project 7.
func pushed(id string, at time.Time, changes ...gitlab.Change) *gitlab.Push {
	return &gitlab.Push{
		ID: id, Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, Identifier: "user-1", UserID: 1,
		Changes: changes, RequestID: "request-" + id, At: at,
	}
}

// pushTable is a table with the small directory.
type pushTable struct {
	*store.Store
	t      *testing.T
	client *dynamodb.Client
	table  string
	now    *clock
}

func newPushTable(t *testing.T) *pushTable {
	t.Helper()
	client, table := storetest.Open(t)
	now := newClock()
	now.at.Store(time.Now().Unix()) // DynamoDB Local removes what ran out by its own clock
	s := store.New(client, table, now.now)
	loadInto(t, s, small)
	return &pushTable{Store: s, t: t, client: client, table: table, now: now}
}

func (p *pushTable) apply(push *gitlab.Push) {
	p.t.Helper()
	if err := processed(p.t, p.Store, push); err != nil {
		p.t.Fatalf("process push: %v", err)
	}
}

// errNoStorage is the answer of a storage that is not there.
var errNoStorage = errors.New("no storage")

// processed makes the two writes of the worker. The storage does not answer.
func processed(t *testing.T, s *store.Store, push *gitlab.Push) error {
	t.Helper()
	_, c, err := s.LoadRepository(t.Context(), push.Repository)
	if err == nil {
		err = s.SettleRepository(t.Context(), push, c, func(context.Context) (string, error) { return "", errNoStorage })
	}
	if err == nil {
		err = s.ApplyPush(t.Context(), push, nil)
	}
	return err //nolint:wrapcheck // the tests look at the store's errors
}

func (p *pushTable) item(pk, sk string) table.Item {
	p.t.Helper()
	consistent := true
	out, err := p.client.GetItem(p.t.Context(), &dynamodb.GetItemInput{
		TableName: &p.table, ConsistentRead: &consistent,
		Key: table.Item{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out.Item
}

// target is where the table has a ref of project 7, "" for nowhere.
func (p *pushTable) target(ref string) string {
	p.t.Helper()
	target, _ := p.item("project#7", "ref#"+ref)["target"].(*types.AttributeValueMemberS)
	if target == nil || gitlab.Blank(target.Value) {
		return ""
	}
	return target.Value
}

func (p *pushTable) events() []pushes.PushEvent {
	p.t.Helper()
	list, err := p.PushEvents(p.t.Context(), 7, time.Time{}, p.now.now().Add(time.Hour), 10_000)
	if err != nil {
		p.t.Fatalf("PushEvents: %v", err)
	}
	return list
}

func (p *pushTable) project() *gitlab.Project {
	p.t.Helper()
	_, found, err := p.LoadRepository(p.t.Context(), gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7})
	if err != nil || found == nil {
		p.t.Fatalf("LoadRepository = %v, %v", found, err)
	}
	return found.Project
}
