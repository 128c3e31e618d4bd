package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/auth"
	"postern/shared/config"
	"postern/shared/httpapi"
)

const shellSecret = "0123456789abcdef0123456789abcdef"

var kasKey = bytes.Repeat([]byte{7}, 32)

// secretsManager serves the given secrets, in their current version only, over the real protocol, and points the SDK
// to itself.
func secretsManager(t *testing.T, secrets map[string]string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ SecretId, VersionStage string } //nolint:revive // the wire's name
		text, there := "", false
		if err := json.NewDecoder(r.Body).Decode(&in); err == nil && in.VersionStage == "AWSCURRENT" {
			text, there = secrets[in.SecretId]
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if !there {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"ResourceNotFoundException","Message":"no"}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"Name": in.SecretId, "SecretString": text})
	}))
	t.Cleanup(server.Close)
	sdk(t, server.URL)
}

// sdk configures the SDK as Lambda's environment does.
func sdk(t *testing.T, endpoint string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_ENDPOINT_URL": endpoint, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
}

func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func token(t *testing.T, kind auth.Kind, key []byte) *http.Request {
	t.Helper()
	signed, err := auth.Sign(kind, key, time.Now(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set(kind.Header(), signed)
	return r
}

func TestBoot(t *testing.T) {
	secretsManager(t, map[string]string{"shell": shellSecret + "\n", "kas": base64.StdEncoding.EncodeToString(kasKey), "tokens": shellSecret})
	r, err := Boot(t.Context(), &bytes.Buffer{}, environment(
		"TABLE_NAME", "postern", "SHELL_SECRET_ID", "shell", "KAS_SECRET_ID", "kas", "TOKEN_SECRET_ID", "tokens", "GATEWAY_TIMEOUT", "20s", "URL_ROOT", "/gitlab", "METRICS_NAMESPACE", "Postern/live", "AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000",
	), config.TableName, config.ShellSecretID)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Shell.Authenticate(t.Context(), token(t, auth.Shell, []byte(shellSecret))); err != nil {
		t.Errorf("gitlab-shell: %v", err)
	}
	if err := r.KAS.Authenticate(t.Context(), token(t, auth.KAS, kasKey)); err != nil {
		t.Errorf("kas: %v", err)
	}
	if keys, err := r.Tokens.Keys(t.Context()); err != nil || len(keys) != 1 || string(keys[0]) != shellSecret {
		t.Errorf("%d keys of credentials: %v", len(keys), err)
	}
	if r.Config.TableName != "postern" || r.HTTP.Timeout != 20*time.Second || r.HTTP.URLRoot != "/gitlab" || !r.HTTP.FreshStart || r.HTTP.Metrics != "Postern/live" {
		t.Errorf("runtime %+v", r)
	}
	if r.Tracer == nil || r.HTTP.Tracer != r.Tracer {
		t.Error("requests are not traced")
	}
	if r.AWS.Region != "eu-west-1" || r.AWS.Retryer().MaxAttempts() != 3 {
		t.Errorf("SDK in %s, %d attempts", r.AWS.Region, r.AWS.Retryer().MaxAttempts())
	}
}

// Without a secret there is no verifier, and a route without a verifier lets in nobody.
func TestBootWithoutSecrets(t *testing.T) {
	sdk(t, "http://127.0.0.1:1")
	r, err := Boot(t.Context(), &bytes.Buffer{}, environment("TABLE_NAME", "postern"), config.TableName)
	if err != nil {
		t.Fatal(err)
	}
	h := httpapi.New([]httpapi.Route{{Method: http.MethodGet, Path: "/internal/x", Auth: r.Shell}}, r.HTTP)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/internal/x", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
}

// An address that is none keeps nobody from an answer.
func TestBootWithoutDaemon(t *testing.T) {
	sdk(t, "http://127.0.0.1:1")
	var log bytes.Buffer
	r, err := Boot(t.Context(), &log, environment("TABLE_NAME", "postern", "AWS_XRAY_DAEMON_ADDRESS", "nowhere"), config.TableName)
	if err != nil || r.Tracer != nil || !strings.Contains(log.String(), "not traced") {
		t.Errorf("%v, log %s", err, log.String())
	}
}

func TestPrepareFails(t *testing.T) {
	secretsManager(t, map[string]string{"bad": "not base64"})
	build := func(*Runtime) (http.Handler, error) { return http.NotFoundHandler(), nil }
	rows := []struct {
		name  string
		env   func(string) string
		build func(*Runtime) (http.Handler, error)
		want  []string
	}{
		{"nothing configured", environment("LOG_LEVEL", "loud"), build, []string{"TABLE_NAME is missing", "LOG_LEVEL must be"}},
		{"no such secret", environment("TABLE_NAME", "x", "SHELL_SECRET_ID", "nothing"), build, []string{"nothing", "ResourceNotFound"}},
		{"a secret of kas that is no key", environment("TABLE_NAME", "x", "KAS_SECRET_ID", "bad"), build, []string{"base64 of exactly 32 bytes"}},
		{"a secret of credentials that is too short", environment("TABLE_NAME", "x", "TOKEN_SECRET_ID", "bad"), build, []string{"at least 32 characters"}},
		{
			"a family that cannot be built", environment("TABLE_NAME", "x"),
			func(*Runtime) (http.Handler, error) { return nil, errors.New("no table") },
			[]string{"no table"},
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var log bytes.Buffer
			if _, err := prepare(&log, row.env, row.build, config.TableName); err == nil {
				t.Fatal("prepared")
			}
			var line struct{ Level, Msg, Cause string }
			if err := json.Unmarshal(log.Bytes(), &line); err != nil || bytes.Count(log.Bytes(), []byte("\n")) != 1 {
				t.Fatalf("not one line of JSON: %s", log.String())
			}
			for _, want := range row.want {
				if line.Level != "ERROR" || !strings.Contains(line.Cause, want) {
					t.Errorf("%+v does not say %q", line, want)
				}
			}
		})
	}
}

func TestPrepare(t *testing.T) {
	secretsManager(t, map[string]string{"shell": shellSecret})
	handler, err := prepare(&bytes.Buffer{}, environment("SHELL_SECRET_ID", "shell"), func(r *Runtime) (http.Handler, error) {
		return httpapi.New([]httpapi.Route{{Method: http.MethodPost, Path: "/internal/echo", Auth: r.Shell, Handler: echo}}, r.HTTP), nil
	}, config.ShellSecretID)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{shellSecret: `"statusCode":200`, "another": `"statusCode":401`} {
		signed := token(t, auth.Shell, []byte(key)).Header.Get(auth.Shell.Header())
		headers := map[string]any{"Gitlab-Shell-Api-Request": []string{signed}, "Content-Type": []string{"application/json"}}
		answer, err := handler.Invoke(context.Background(), event(t, map[string]any{"multiValueHeaders": headers}))
		if err != nil || !bytes.Contains(answer, []byte(want)) {
			t.Errorf("%s, %v; want %s", answer, err, want)
		}
	}
}

// main only exits; what is wrong has been logged.
func TestStartReturnsFailures(t *testing.T) {
	t.Setenv("TABLE_NAME", "")
	err := Start(func(*Runtime) (http.Handler, error) { return http.NotFoundHandler(), nil }, config.TableName)
	if err == nil || !strings.Contains(err.Error(), "TABLE_NAME is missing") {
		t.Errorf("Start: %v", err)
	}
}

// A service that fails twice is asked a third time.
func TestFailuresOfServicesAreRetried(t *testing.T) {
	tries := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"SecretString":"x"}`))
	}))
	t.Cleanup(server.Close)
	sdk(t, server.URL)
	cfg, err := AWS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String("shell")}
	if _, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(t.Context(), in); err != nil || tries != 3 {
		t.Errorf("%v after %d tries", err, tries)
	}
}
