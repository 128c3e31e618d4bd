// Package storetest provides each test with its own table on DynamoDB Local, created from the deployment template. It is a
// test kit. Deployed functions do not link it.
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

// Endpoint is the variable with the endpoint of a running DynamoDB Local; `make test` sets it for all packages.
const Endpoint = "POSTERN_DYNAMODB"

// own starts a DynamoDB Local for the test binary if the variable is unset. The server stops with the binary (see package
// process). It is a package variable, because all tests of the binary share it.
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
	// The server keeps its log open, so the directory can be removed.
	return s, os.RemoveAll(dir)
})

// Named is the variable with the table of a system that runs elsewhere, such as in containers, on the DynamoDB Local of
// Endpoint.
const Named = "POSTERN_TABLE"

// Open creates an empty table without a stream for one test and deletes it afterwards. It returns a client and the table's
// name, the arguments of store.New. The client's connections are closed at the end for goleak.
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

// Renew recreates the table of Named, empty and without a stream, and keeps it after the test. Functions elsewhere must
// not depend on memories of the old table.
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

// connect returns a client for the running DynamoDB Local.
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

// create creates the template's table under a name.
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

// Root returns the module's directory, which contains the template and the files of `make setup`.
func Root(t testing.TB) string {
	t.Helper()
	root, err := definition.Here()
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return root
}

// running returns the endpoint from the variable, or else of the test binary's own server.
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
