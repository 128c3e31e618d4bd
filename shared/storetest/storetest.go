// Package storetest gives a test a table of its own on DynamoDB Local, made from the deployment template's definition.
// It is a test kit: nothing that is deployed links it.
package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/storetest/definition"
	"postern/shared/storetest/dynamodblocal"
)

// Endpoint is the variable that names a DynamoDB Local which runs already; `make test` sets it for all packages.
const Endpoint = "POSTERN_DYNAMODB"

// own starts the test binary's own DynamoDB Local, once, when the variable names none. The server ends with the
// binary (see package process), so nobody has to stop it.
// It is a package variable because one server for each test binary needs a place that all its tests share.
var own = sync.OnceValues(func() (*dynamodblocal.Server, error) {
	root, err := definition.Here()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, fmt.Errorf("log of DynamoDB Local: %w", err)
	}
	s, err := dynamodblocal.Start(context.Background(), dynamodblocal.Options{Root: root, Log: filepath.Join(dir, "log")})
	if err != nil {
		return nil, err
	}
	// The server has its log open; the name is not needed any more.
	return s, os.RemoveAll(dir)
})

// Named is the variable that names the table of a system which is served elsewhere, such as in containers, on the DynamoDB
// Local that Endpoint names.
const Named = "POSTERN_TABLE"

// Open makes a table for this test alone, empty and without a stream, and deletes it when the test ends. It returns a
// client and the table's name: what store.New takes. The client's connections are closed at the end, so that goleak
// finds none.
func Open(t testing.TB) (*dynamodb.Client, string) {
	t.Helper()
	client, name := connect(t), "test-"+rand.Text()
	create(t, client, name)
	ctx := context.Background() // t.Context ends before cleanups run
	t.Cleanup(func() {
		if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Errorf("storetest: delete table %s: %v", name, err)
		}
	})
	return client, name
}

// Renew makes the table anew that Named names, empty and without a stream, and leaves it there. What functions elsewhere
// remember of the table before must not matter to them.
func Renew(t testing.TB) (*dynamodb.Client, string) {
	t.Helper()
	client, name := connect(t), os.Getenv(Named)
	_, err := client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(name)})
	if missing := new(types.ResourceNotFoundException); err != nil && !errors.As(err, &missing) {
		t.Fatalf("storetest: delete table %q: %v", name, err)
	}
	create(t, client, name)
	return client, name
}

// connect returns a client of the DynamoDB Local that runs.
func connect(t testing.TB) *dynamodb.Client {
	t.Helper()
	endpoint, err := running()
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return dynamodblocal.Client(endpoint, &http.Client{Transport: transport})
}

// create makes the template's table under a name.
func create(t testing.TB, client *dynamodb.Client, name string) {
	t.Helper()
	table, err := definition.Read(filepath.Join(Root(t), definition.Template))
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	if _, err := table.WithoutStream().Create(context.Background(), client, name); err != nil {
		t.Fatalf("storetest: %v", err)
	}
}

// Root returns the module's directory, where the template and what `make setup` installs are.
func Root(t testing.TB) string {
	t.Helper()
	root, err := definition.Here()
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return root
}

// running returns the endpoint of the DynamoDB Local that the variable names, or else of our own.
func running() (string, error) {
	if endpoint := os.Getenv(Endpoint); endpoint != "" {
		return endpoint, nil
	}
	server, err := own()
	if err != nil {
		return "", err
	}
	return server.Endpoint, nil
}
