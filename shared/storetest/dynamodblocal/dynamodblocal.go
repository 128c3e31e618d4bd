// Package dynamodblocal runs DynamoDB Local (a JVM) from the jars that `make setup` installs below .cache, and creates
// clients for it. Only tests and the local system use it.
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

// ErrNotSetUp reports that DynamoDB Local is not installed, with the remedy.
var ErrNotSetUp = errors.New("DynamoDB Local is not installed: run `make setup`")

// startTime limits the start of the JVM on a busy machine.
const startTime = 60 * time.Second

// Options configure the server. Root is the module's directory. Port 0 selects a free port. Data is the directory of the
// tables; "" keeps them in memory. Log is the file for the output.
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

// Start starts DynamoDB Local and waits until it answers. The context limits only that wait.
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

// arguments returns the command line. All clients share one database regardless of their credentials.
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
