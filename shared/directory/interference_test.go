package directory_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/apitest"
	"postern/shared/directory"
	storedocument "postern/shared/directory/document"
	"postern/shared/store"
	"postern/shared/store/record"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

// interfering lets somebody else write before some of the transactions of a document.
type interfering struct {
	storetable.API
	times int
	write func()
}

func (i *interfering) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	if i.times > 0 {
		i.times--
		i.write()
	}
	return i.API.TransactWriteItems(ctx, in, o...)
}

func TestSomebodyElseWritesAtTheSameTime(t *testing.T) {
	const user = `{"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}],
		"namespaces": [{"id": 20, "kind": "group", "path": "acme"}],
		"projects": [{"id": 7, "namespace_id": 20, "path": "app"}]}`
	tests := []struct {
		name, document, other string
		times                 int
		conflict              bool
		want                  map[*record.Record]string
	}{
		{
			"another field: both are kept", `{"users": [{"id": 1, "name": "New"}]}`, `{"users": [{"id": 1, "admin": true}]}`,
			1, false,
			map[*record.Record]string{userRecord(1): `{"name": "New", "admin": true}`},
		},
		{
			"the same field: the last one wins", `{"users": [{"id": 1, "name": "New"}]}`, `{"users": [{"id": 1, "name": "Other"}]}`,
			1, false,
			map[*record.Record]string{userRecord(1): `{"name": "New"}`},
		},
		{
			"the same new record", `{"users": [{"id": 2, "username": "b", "name": "B", "email": "b@example.com"}]}`,
			`{"users": [{"id": 2, "username": "b", "name": "C", "email": "b@example.com"}]}`,
			1, false,
			map[*record.Record]string{userRecord(2): `{"name": "B"}`},
		},
		{
			"a name that is taken meanwhile", `{"users": [{"id": 2, "username": "b", "name": "B", "email": "b@example.com"}]}`,
			`{"users": [{"id": 3, "username": "b", "name": "C", "email": "c@example.com"}]}`,
			1, true,
			map[*record.Record]string{userRecord(2): ``, userRecord(3): `{"username": "b"}`},
		},
		{
			"a user who is removed meanwhile", `{"keys": [{"id": 11, "user_id": 1, "title": "k", "key": "@key1@"}]}`,
			`{"remove": {"users": [{"id": 1}]}}`,
			1, true,
			map[*record.Record]string{userRecord(1): ``, keyRecord(11): ``},
		},
		{
			"a project that is removed twice", `{"remove": {"projects": [{"id": 7}]}}`, `{"remove": {"projects": [{"id": 7}]}}`,
			1, false,
			map[*record.Record]string{projectRecord(7): ``},
		},
		{
			"a project that is written while it is removed", `{"remove": {"projects": [{"id": 7}]}}`,
			`{"projects": [{"id": 7, "archived": true}]}`, 1, false,
			map[*record.Record]string{projectRecord(7): ``},
		},
		{
			"rules of the same project", `{"protected_branches": [{"project_id": 7, "name": "a"}]}`,
			`{"protected_branches": [{"project_id": 7, "name": "b"}]}`, 1, false, nil,
		},
		{
			"settings", `{"instance": {"lfs_token_ttl": 60}}`, `{"instance": {"ssh_port": 2222}}`, 1, false, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, user)
			client, name := storetest.Open(t)
			tab.Store, tab.reading = store.New(client, name, today), store.New(reader{client}, name, today)
			tab.applied(user)
			api := &interfering{API: client, times: test.times, write: func() { tab.apply(test.other) }}
			source := storedocument.Bytes(keys(t, test.document))
			result, err := directory.Apply(t.Context(), store.New(api, name, today), source, directory.Options{Now: today, Workers: 1})
			if errors.Is(err, storetable.ErrConflict) != test.conflict || (err != nil) != test.conflict || len(result.Mistakes) > 0 {
				t.Fatalf("got %v %v", err, result.Mistakes)
			}
			for r, want := range test.want {
				if got := tab.get(r); want == "" && got != "" {
					t.Errorf("%s is there: %s", r.Key(), got)
				} else if want != "" {
					holds(t, got, want)
				}
			}
		})
	}
}

func TestAConflictNamesTheRecord(t *testing.T) {
	client, name := storetest.Open(t)
	tab := table{store.New(client, name, today), store.New(reader{client}, name, today), apitest.Table{Client: client, Name: name}, t}
	api := &interfering{API: client, times: 1, write: func() {
		tab.apply(`{"users": [{"id": 3, "username": "b", "name": "C", "email": "c@example.com"}]}`)
	}}
	document := storedocument.Bytes(`{"users": [{"id": 2, "username": "b", "name": "B", "email": "b@example.com"}]}`)
	_, err := directory.Apply(t.Context(), store.New(api, name, today), document, directory.Options{Now: today})
	if err == nil || !strings.Contains(err.Error(), "users[0]") || !strings.Contains(err.Error(), "username#b/username taken") {
		t.Errorf("got %v", err)
	}
}

// unreadable is a document that can be opened a number of times, and breaks off at a byte.
type unreadable struct {
	storedocument.Bytes
	opens int
	until int64
}

var errUnreadable = errors.New("cannot be read")

func (u *unreadable) Open(ctx context.Context, from, to int64) (io.ReadCloser, error) {
	if u.opens--; u.opens < 0 {
		return nil, errUnreadable
	}
	r, err := u.Bytes.Open(ctx, from, to)
	if err != nil || u.until < 0 {
		return r, err
	}
	return io.NopCloser(io.MultiReader(io.LimitReader(r, u.until), failed{})), nil
}

type failed struct{}

func (failed) Read([]byte) (int, error) { return 0, errUnreadable }

func TestADocumentThatCannotBeReadIsNoMistake(t *testing.T) {
	const document = `{"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}], "remove": {"keys": [{"id": 1}]}}`
	whole := int64(len(document))
	tests := []struct {
		name   string
		source unreadable
	}{
		{"never", unreadable{opens: 0, until: -1}},
		{"not to its end", unreadable{opens: 100, until: whole - 5}},
		{"not a second time", unreadable{opens: 1, until: -1}},
		{"not a third time", unreadable{opens: 2, until: -1}},
		{"not when it is written", unreadable{opens: 3, until: -1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t)
			source := test.source
			source.Bytes = storedocument.Bytes(document)
			result, err := directory.Apply(t.Context(), tab.Store, &source, directory.Options{Now: today})
			if !errors.Is(err, errUnreadable) || len(result.Mistakes) > 0 {
				t.Errorf("got %v, %+v", err, result)
			}
			if tab.userNamed("ann") != 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestACancelledDocumentEnds(t *testing.T) {
	tab := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := directory.Load(ctx, tab.Store, []byte(`{"users": [{"id": 1, "username": "a", "name": "A", "email": "a@b"}]}`))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
