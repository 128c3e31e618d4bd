package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/local/cloud"
	"postern/local/invoke"
	"postern/local/server"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/config"
)

// The rotation of docs/rotate.md on the whole local system. The old and the new secret authenticate clients before, between
// and after its steps, as documented.
func TestRotationOfTheShellSecret(t *testing.T) {
	c, err := cloud.Start(t.Context(), cloud.Options{Root: "../.."})
	must(t, err)
	t.Cleanup(c.Stop)
	_, err = c.CreateTable(t.Context())
	must(t, err)
	must(t, c.PutSecrets(t.Context(), apitest.Secret, "a2FzLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGVzISE="))
	handler, err := server.New(t.Context(), c, config.Config{GatewayTimeout: 29 * time.Second, HandOver: time.Hour}, slog.New(slog.DiscardHandler))
	must(t, err)
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)

	const version = "7f2d1a52-6d0e-4c9e-9d0c-5b8a4f6f6d31"
	texts := []string{apitest.Secret}
	for _, event := range []string{
		`{"Step":"createSecret","SecretId":"postern-shell","ClientRequestToken":"` + version + `"}`,
		`{"Step":"setSecret","SecretId":"postern-shell","ClientRequestToken":"` + version + `"}`,
		`{"Step":"testSecret","SecretId":"postern-shell","ClientRequestToken":"` + version + `"}`,
		`{"Step":"finishSecret","SecretId":"postern-shell","ClientRequestToken":"` + version + `"}`,
		`{"confirm":"shell","version":"` + version + `"}`,
	} {
		post(t, web.URL+invoke.Path(server.RotationFunction), event)
		if len(texts) == 1 {
			texts = append(texts, pendingText(t, c))
		}
		for _, text := range texts {
			if got := check(t, web.URL, text); got != http.StatusOK {
				t.Errorf("after %s: status %d", event, got)
			}
		}
	}
	if got := check(t, web.URL, "another"); got != http.StatusUnauthorized {
		t.Errorf("another secret: status %d", got)
	}
}

func post(t *testing.T, url, event string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(event))
	must(t, err)
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	output, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("X-Amz-Function-Error") != "" {
		t.Fatalf("%s: %d %s, %v", event, answer.StatusCode, output, err)
	}
}

// pendingText reads the new secret as an operator does.
func pendingText(t *testing.T, c *cloud.Cloud) string {
	t.Helper()
	id, stage := cloud.ShellSecret, "AWSPENDING"
	out, err := c.SecretsClient().GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id, VersionStage: &stage})
	must(t, err)
	return *out.SecretString
}

// check sends a request of a client with the given secret file, and returns the status.
func check(t *testing.T, url, text string) int {
	t.Helper()
	token, err := auth.Sign(auth.Shell, []byte(text), time.Now(), time.Minute)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v4/internal/check", http.NoBody)
	must(t, err)
	r.Header.Set(auth.Shell.Header(), token)
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	return answer.StatusCode
}
