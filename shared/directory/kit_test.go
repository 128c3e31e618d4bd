package directory_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/crypto/ssh"

	"postern/shared/apitest"
	"postern/shared/directory"
	storedocument "postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

// today is the clock of the tests.
func today() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }

// table is a table with what documents have made of it.
type table struct {
	*store.Store
	reading *store.Store // the same table, in which it can write nothing
	kit     apitest.Table
	t       testing.TB
}

// opened returns a table with documents applied to it, one after the other.
func opened(t testing.TB, documents ...string) table {
	t.Helper()
	client, name := storetest.Open(t)
	tab := table{store.New(client, name, today), store.New(reader{client}, name, today), apitest.Table{Client: client, Name: name}, t}
	for _, document := range documents {
		tab.applied(document)
	}
	return tab
}

// reader is a client whose writes panic.
type reader struct{ *dynamodb.Client }

// No store may do this through a reader.
func (reader) TransactWriteItems(
	context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	panic("a preview writes")
}

// No store may do this through a reader.
func (reader) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	panic("a preview writes")
}

// No store may do this through a reader.
func (reader) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	panic("a preview writes")
}

// with is the same table for another test.
func (tab table) with(t testing.TB) table {
	tab.t = t
	return tab
}

// preview tells what a document would do.
func (tab table) preview(document string) directory.Result {
	tab.t.Helper()
	source := storedocument.Bytes(keys(tab.t, document))
	result, err := directory.Apply(tab.t.Context(), tab.reading, source, directory.Options{Now: today, DryRun: true})
	if err != nil {
		tab.t.Fatalf("preview: %v", err)
	}
	return result
}

// apply applies a document whatever comes of it. Its preview must have told that.
func (tab table) apply(document string) directory.Result {
	tab.t.Helper()
	told := tab.preview(document)
	source := storedocument.Bytes(keys(tab.t, document))
	result, err := directory.Apply(tab.t.Context(), tab.Store, source, directory.Options{Now: today, Workers: 2})
	if err != nil {
		tab.t.Fatalf("apply: %v", err)
	}
	if !reflect.DeepEqual(told.Counts, result.Counts) && len(told.Counts)+len(result.Counts) > 0 || !reflect.DeepEqual(told.Mistakes, result.Mistakes) {
		tab.t.Errorf("previewed %+v %v\n applied %+v %v", told.Counts, told.Mistakes, result.Counts, result.Mistakes)
	}
	return result
}

// applied applies a document that must be right, twice: the second time, nothing may change.
func (tab table) applied(document string) map[string]directory.Count {
	tab.t.Helper()
	result := tab.apply(document)
	for _, m := range result.Mistakes {
		tab.t.Fatalf("%s: %s", m.Place, m.Message)
	}
	for kind, c := range tab.apply(document).Counts {
		if c.Created+c.Updated+c.Removed > 0 {
			tab.t.Errorf("%s, applied again: %+v", kind, c)
		}
	}
	return result.Counts
}

// keys puts public keys into a document: "@key1@" and so on.
func keys(t testing.TB, document string) string {
	t.Helper()
	for n := byte(1); n < 10; n++ {
		document = strings.ReplaceAll(document, fmt.Sprintf("@key%d@", n), publicKey(t, n))
	}
	return document
}

func publicKey(t testing.TB, n byte) string {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// get returns a stored record's struct as JSON, "" when there is none. record is made from the identity alone.
func (tab table) get(record *record.Record) string {
	tab.t.Helper()
	found, err := tab.Records(tab.t.Context(), []storetable.Key{record.Key()})
	if err != nil {
		tab.t.Fatalf("read: %v", err)
	}
	if found[record.Key()] == nil {
		return ""
	}
	text, err := json.Marshal(found[record.Key()].Value())
	if err != nil {
		tab.t.Fatalf("encode: %v", err)
	}
	return string(text)
}

func (tab table) user(id gitlab.ID) *gitlab.User {
	tab.t.Helper()
	actor, err := tab.LoadActor(tab.t.Context(), gitlab.ActorRef{Kind: gitlab.ByUser, ID: id})
	if err != nil {
		tab.t.Fatalf("load user: %v", err)
	}
	return actor.User
}

func (tab table) userNamed(username string) gitlab.ID {
	tab.t.Helper()
	actor, err := tab.LoadActor(tab.t.Context(), gitlab.ActorRef{Kind: gitlab.ByUsername, Login: username})
	if err != nil {
		tab.t.Fatalf("load user: %v", err)
	}
	if actor.User == nil {
		return 0
	}
	return actor.User.ID
}

// at returns which project a full path leads to now, 0 for none, and whether it is an old path.
func (tab table) at(path string) (gitlab.ID, bool) {
	tab.t.Helper()
	c, err := tab.LoadPushContext(tab.t.Context(), lookup.PushQuery{Path: path})
	if err != nil {
		tab.t.Fatalf("load %s: %v", path, err)
	}
	if c.Container == nil || c.Container.Project == nil {
		return 0, false
	}
	return c.Container.Project.ID, c.Container.RedirectedPath != ""
}
