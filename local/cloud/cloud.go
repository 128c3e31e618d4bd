// Package cloud runs stand-ins for AWS on one machine: DynamoDB Local for the table, and moto's server for Secrets Manager, S3,
// EventBridge and SQS. It starts, fills and stops them.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"postern/shared/storetest/dynamodblocal"
	"postern/shared/storetest/process"
)

// Names of resources. CloudFormation chooses them in a deployment.
const (
	Table       = "postern"
	Bucket      = "postern-directory"
	Bus         = "default" // the event bus that every account has
	Queue       = "postern-failures"
	ShellSecret = "postern-shell"
	KASSecret   = "postern-kas"
	TokenSecret = "postern-tokens"
)

// Options configure a cloud. Root is the module's directory. A port of 0 is a free one. Data is a directory for the tables, or "" for
// tables in memory.
type Options struct {
	Root         string
	DynamoDBPort int
	SecretsPort  int
	Data         string
}

// Cloud is a running stand-in.
type Cloud struct {
	DynamoDB string // endpoint
	Secrets  string // endpoint of Secrets Manager, S3, EventBridge and SQS

	root     string
	logs     string
	dynamodb *dynamodblocal.Server
	moto     *process.Child
	http     *http.Client // for creating the cloud's resources, without a timeout
	serving  *http.Client // for functions, with servingTimeout
}

// servingTimeout is the time until a function's call gets its first response byte. A deployed function waits 2 s. DynamoDB Local on a
// busy machine gets more.
const servingTimeout = 3 * time.Second

// startTime is the longest start of moto on a busy machine.
const startTime = 60 * time.Second

// Start starts both servers concurrently and returns when both answer. They end with Stop or with this process. After an error none
// is running.
func Start(ctx context.Context, o Options) (*Cloud, error) {
	logs, err := os.MkdirTemp("", "postern")
	if err != nil {
		return nil, fmt.Errorf("logs of the servers: %w", err)
	}
	c := &Cloud{root: o.Root, logs: logs, http: client(0), serving: client(servingTimeout)}
	failed := make(chan error, 1)
	go func() { failed <- c.startDynamoDB(ctx, o) }()
	err = c.startMoto(ctx, o)
	if err := errors.Join(err, <-failed); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// Reach returns a cloud that another process started, by its endpoints of DynamoDB and Secrets Manager. Its Stop ends no server.
func Reach(dynamodb, secrets string) *Cloud {
	return &Cloud{DynamoDB: dynamodb, Secrets: secrets, http: client(0), serving: client(servingTimeout)}
}

// client returns an HTTP client with a timeout until the first byte of a response. 0 means no timeout.
func client(timeout time.Duration) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, ResponseHeaderTimeout: timeout}}
}

func (c *Cloud) startDynamoDB(ctx context.Context, o Options) error {
	if o.Data != "" {
		if err := os.MkdirAll(o.Data, 0o700); err != nil {
			return fmt.Errorf("directory for the data: %w", err)
		}
	}
	server, err := dynamodblocal.Start(ctx, dynamodblocal.Options{
		Root: o.Root,
		Port: o.DynamoDBPort,
		Data: o.Data,
		Log:  filepath.Join(c.logs, "dynamodb.log"),
	})
	if err != nil {
		return err
	}
	c.dynamodb, c.DynamoDB = server, server.Endpoint
	return nil
}

// Ended waits until the context ends (nil) or one of the servers ends (an error with the end of its log).
func (c *Cloud) Ended(ctx context.Context) error {
	ended := make(chan error, 2)
	for _, child := range []*process.Child{c.dynamodb.Child, c.moto} {
		go func() {
			if child.Ended(0); ctx.Err() == nil {
				ended <- child.Failure()
			}
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// Stop stops both servers and waits for their end.
func (c *Cloud) Stop() {
	if c.moto != nil {
		c.moto.Stop()
	}
	if c.dynamodb != nil {
		c.dynamodb.Stop()
	}
	c.http.CloseIdleConnections()
	c.serving.CloseIdleConnections()
	_ = os.RemoveAll(c.logs) // at worst a log is left in the temporary directory
}
