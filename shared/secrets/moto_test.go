package secrets_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/auth"
	"postern/shared/secrets"
	"postern/shared/storetest/process"
)

// client talks to moto's Secrets Manager: the one that runs already, or else one of this test's own.
func client(t *testing.T) *secretsmanager.Client {
	t.Helper()
	endpoint := os.Getenv("POSTERN_SECRETS")
	if endpoint == "" {
		endpoint = startMoto(t)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return secretsmanager.New(secretsmanager.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

func startMoto(t *testing.T) string {
	t.Helper()
	python, err := filepath.Abs(filepath.Join("..", "..", ".cache", "python", "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
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

// A whole rotation against the real protocol: the tokens of both versions pass, a new secret works at the next
// request, and the one before the last does not any more.
func TestRotationAtSecretsManager(t *testing.T) {
	sm := client(t)
	id := "test/" + rand.Text()
	if _, err := sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &id, SecretString: aws.String("first\n")}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	clock := func() time.Time { return now }
	source, err := secrets.New(t.Context(), sm, id, auth.Shell.Key, secrets.Options{Now: clock})
	if err != nil {
		t.Fatalf("a secret with one version: %v", err)
	}
	verifier := auth.NewShell(source, clock)
	passes := func(key string) bool {
		token, err := auth.Sign(auth.Shell, []byte(key), now, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(auth.Shell.Header(), token)
		return verifier.Authenticate(t.Context(), r) == nil
	}
	put := func(text string) {
		if _, err := sm.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: &text}); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		put  string
		want map[string]bool
	}{
		{"", map[string]bool{"first": true, "second": false}},
		{"second", map[string]bool{"second": true, "first": true, "third": false}},
		{"third\n", map[string]bool{"third": true, "second": true, "first": false}},
	}
	for _, step := range steps {
		now = now.Add(11 * time.Second)
		if step.put != "" {
			put(step.put)
		}
		for _, key := range []string{"third", "second", "first"} {
			if want, asked := step.want[key]; asked && passes(key) != want {
				t.Errorf("after %q: token of %q passes: %v", step.put, key, !want)
			}
		}
	}
}

func TestNoSuchSecret(t *testing.T) {
	_, err := secrets.New(t.Context(), client(t), "test/nothing", auth.Shell.Key, secrets.Options{})
	if err == nil {
		t.Error("a source without a secret")
	}
}
