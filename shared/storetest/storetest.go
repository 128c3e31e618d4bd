// Package storetest gives a test a table of its own on DynamoDB Local, made from the deployment template's definition.
// It is a test kit: nothing that is deployed links it.
package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/storetest/definition"
	"postern/shared/storetest/dynamodblocal"
)

// Endpoint is the variable that names a DynamoDB Local which runs already; `make test` sets it for all packages.
const Endpoint = "POSTERN_DYNAMODB"

// own starts the test binary's own DynamoDB Local, once, when the variable names none. The server ends with the
// binary (see package process), so nobody has to stop it.
// It is a package variable because one server for each test binary needs a place that all its tests share.
var own = sync.OnceValues(func() (*dynamodblocal.Server, error) {
	root, err := moduleRoot()
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

// Open makes a table for this test alone, empty and without a stream, and deletes it when the test ends. It returns a
// client and the table's name: what store.New takes. The client's connections are closed at the end, so that goleak
// finds none.
func Open(t testing.TB) (*dynamodb.Client, string) {
	t.Helper()
	endpoint, err := running()
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	root, err := moduleRoot()
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	table, err := definition.Read(filepath.Join(root, definition.Template))
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	client := dynamodblocal.Client(endpoint, &http.Client{Transport: transport})
	name := "test-" + rand.Text()
	ctx := context.Background() // t.Context ends before cleanups run
	if _, err := table.WithoutStream().Create(ctx, client, name); err != nil {
		t.Fatalf("storetest: %v", err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Errorf("storetest: delete table %s: %v", name, err)
		}
	})
	return client, name
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

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("where am I: %w", err)
	}
	return definition.Root(dir)
}
