package dynamodblocal_test

import (
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/storetest"
	"postern/shared/storetest/definition"
	"postern/shared/storetest/dynamodblocal"
)

func TestDataDirectoryOutlivesServer(t *testing.T) {
	dir := storetest.Root(t)
	table, err := definition.Read(filepath.Join(dir, definition.Template))
	if err != nil {
		t.Fatal(err)
	}
	options := dynamodblocal.Options{Root: dir, Data: t.TempDir(), Log: filepath.Join(t.TempDir(), "log")}
	for _, isNew := range []bool{true, false} {
		server, err := dynamodblocal.Start(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		client := dynamodblocal.Client(server.Endpoint, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
		if got, err := table.Create(t.Context(), client, "kept"); err != nil || got != isNew {
			t.Errorf("Create = %v, %v; want %v", got, err, isNew)
		}
		list, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		if err != nil || !slices.Equal(list.TableNames, []string{"kept"}) {
			t.Errorf("tables = %+v, %v; want the one", list, err)
		}
		server.Stop()
		if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}, once); err == nil {
			t.Error("a stopped server answers")
		}
	}
}

func once(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }

func TestStartReportsMissingSetup(t *testing.T) {
	_, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{Root: t.TempDir()})
	if !errors.Is(err, dynamodblocal.ErrNotSetUp) || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("error = %v, want ErrNotSetUp with the remedy", err)
	}
}

func TestStartRejectsTakenPort(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, err = dynamodblocal.Start(t.Context(), dynamodblocal.Options{Root: storetest.Root(t), Port: taken.Addr().(*net.TCPAddr).Port})
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error = %v, want address already in use", err)
	}
}

func TestStartReportsMissingJava(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{Root: storetest.Root(t)})
	if err == nil || !strings.Contains(err.Error(), "Java 17") {
		t.Errorf("error = %v, want a mention of Java", err)
	}
}
