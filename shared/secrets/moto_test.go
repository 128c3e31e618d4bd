package secrets_test

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/auth"
	"postern/shared/secrets"
	"postern/shared/secrets/secretstest"
)

// A whole rotation over the real protocol. Tokens of the current and the previous secret pass. A new secret works at the
// next request, and older secrets fail.
func TestRotationOverSecretsManager(t *testing.T) {
	sm := secretstest.Client(t)
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
			if want, checked := step.want[key]; checked && passes(key) != want {
				t.Errorf("after %q: token of %q passes: %v", step.put, key, !want)
			}
		}
	}
}

func TestNewRejectsMissingSecret(t *testing.T) {
	_, err := secrets.New(t.Context(), secretstest.Client(t), "test/nothing", auth.Shell.Key, secrets.Options{})
	if err == nil {
		t.Error("New succeeded without a secret")
	}
}
