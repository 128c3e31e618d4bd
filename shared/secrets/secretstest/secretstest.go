// Package secretstest provides tests with a Secrets Manager: moto's server, over the real protocol.
package secretstest

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/storetest/definition"
	"postern/shared/storetest/process"
)

// Variable is the environment variable with the endpoint of a running server.
const Variable = "POSTERN_SECRETS"

// Config returns the SDK's configuration for moto's server, which also provides EventBridge. It uses the running server,
// or starts one for the test.
func Config(t testing.TB) aws.Config {
	t.Helper()
	endpoint := os.Getenv(Variable)
	if endpoint == "" {
		endpoint = start(t)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return aws.Config{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}
}

// Client returns a client of Secrets Manager for the configuration of Config.
func Client(t testing.TB) *secretsmanager.Client {
	t.Helper()
	return secretsmanager.NewFromConfig(Config(t))
}

// start starts a server that stops with the test.
func start(t testing.TB) string {
	t.Helper()
	root, err := definition.Here()
	if err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(root, ".cache", "python", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("moto's server is not installed, run `make setup`: %v", err)
	}
	port, err := process.Port(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	server, err := process.Start(process.Command{
		Name: "moto's server",
		Args: []string{python, "-m", "moto.server", "--host", "127.0.0.1", "--port", strconv.Itoa(port)},
		Env:  []string{"PYTHONDONTWRITEBYTECODE=1", "PYTHONNOUSERSITE=1"},
		Log:  filepath.Join(t.TempDir(), "moto.log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	endpoint := "http://127.0.0.1:" + strconv.Itoa(port)
	if err := process.Ready(t.Context(), server, endpoint+"/moto-api/", time.Minute); err != nil {
		t.Fatal(err)
	}
	return endpoint
}
