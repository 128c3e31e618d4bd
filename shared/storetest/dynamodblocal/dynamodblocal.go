// Package dynamodblocal runs DynamoDB Local (a JVM) from the jars that `make setup` put below .cache, and makes clients
// for it. It is for tests and the local system; nothing that is deployed links it.
package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"postern/shared/storetest/process"
)

// ErrNotSetUp says that DynamoDB Local is not installed; the message says what to do.
var ErrNotSetUp = errors.New("DynamoDB Local is not installed: run `make setup`")

// startTime is how long a JVM may take to answer on a busy machine.
const startTime = 60 * time.Second

// Options say how to run it. Root is the module's directory. Port 0 takes a free one. Data is the directory that keeps
// the tables; "" keeps them in memory only. Log is the file for its output.
type Options struct {
	Root string
	Port int
	Data string
	Log  string
}

// Server is a running DynamoDB Local.
type Server struct {
	*process.Child
	Endpoint string // http://127.0.0.1:port
}

// Start starts DynamoDB Local and returns when it answers. A context that ends, ends the server too.
func Start(ctx context.Context, o Options) (*Server, error) {
	jars := filepath.Join(o.Root, ".cache", "dynamodb", "lib")
	if found, _ := filepath.Glob(filepath.Join(jars, "DynamoDBLocal-*.jar")); len(found) == 0 {
		return nil, ErrNotSetUp
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("DynamoDB Local needs Java 17 or newer: %w", err)
	}
	port, err := process.Port(ctx, o.Port)
	if err != nil {
		return nil, fmt.Errorf("DynamoDB Local: %w", err)
	}
	child, err := process.Start(process.Command{
		Name: "DynamoDB Local",
		Args: arguments(java, jars, port, o.Data),
		Log:  o.Log,
	})
	if err != nil {
		return nil, err
	}
	s := &Server{Child: child, Endpoint: "http://127.0.0.1:" + strconv.Itoa(port)}
	if err := process.Ready(ctx, child, s.Endpoint, startTime); err != nil {
		child.Stop()
		return nil, err
	}
	return s, nil
}

// arguments is the command line. All callers share one database whatever their credentials say.
func arguments(java, jars string, port int, data string) []string {
	args := []string{
		java, "-Djava.library.path=" + jars, "-cp", filepath.Join(jars, "*"),
		"software.amazon.dynamodb.services.local.main.ServerRunner",
		"-disableTelemetry", "-sharedDb", "-port", strconv.Itoa(port),
	}
	if data == "" {
		return append(args, "-inMemory")
	}
	return append(args, "-dbPath", data)
}
