package credentials_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/functions/credentials"
	"postern/shared/apitest"
	"postern/shared/store"
	storecredentials "postern/shared/store/credentials"
	"postern/shared/store/layout"
	"postern/shared/table"
)

const twoFactor = `{"users":[{"id":13,"two_factor_enabled":true,"otp_secret":"JBSWY3DPEHPK3PXP"}]}`

// lossy performs transactions and loses the first answer.
type lossy struct {
	table.API
	lost bool
}

func (l *lossy) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	out, err := l.API.TransactWriteItems(ctx, in, o...)
	if err == nil && !l.lost {
		l.lost = true
		return nil, errors.New("connection reset by 10.0.0.1")
	}
	return out, err //nolint:wrapcheck // a fake adds nothing
}

// The answer of the table is lost after the write. The caller gets a 503, and every repeat gets the stored result.
func TestLostAnswerIsRepeated(t *testing.T) {
	rows := []struct {
		route string
		body  map[string]any
	}{
		{"two_factor_recovery_codes", map[string]any{"key_id": "102"}},
		{"personal_access_token", map[string]any{"key_id": "102", "name": "n", "scopes": []string{"api"}}},
	}
	for _, row := range rows {
		t.Run(row.route, func(t *testing.T) {
			deps := apitest.NewDeps(t, apitest.Fixture(), []byte(twoFactor))
			table := store.New(&lossy{API: deps.Table.Client}, deps.Table.Name, time.Now)
			api := apitest.ServeDeps(t, deps, func(d apitest.Deps) http.Handler {
				return credentials.New(credentials.Deps{
					Store: table, Shell: d.Shell, Tokens: d.Tokens, Now: d.Now, Random: rand.Reader, HTTP: d.HTTP,
				})
			})
			raw, err := json.Marshal(row.body)
			if err != nil {
				t.Fatal(err)
			}
			token := apitest.Token(t)
			send := func() *apitest.Answer {
				r := apitest.Request(t, http.MethodPost, api.URL+"/internal/"+row.route, bytes.NewReader(raw))
				r.Header.Set("Gitlab-Shell-Api-Request", token)
				r.Header.Set("X-Request-Id", "session")
				return api.Do(t, r)
			}
			if lost := send(); lost.Status != http.StatusServiceUnavailable || strings.Contains(lost.Body, "10.0.0.1") {
				t.Fatalf("%d %s, want 503", lost.Status, lost.Body)
			}
			second, third := send(), send()
			if second.Object()["success"] != true || second.Body != third.Body {
				t.Errorf("%s, then %s; want equal answers", second.Body, third.Body)
			}
			if n := numbered(t, deps); row.route == "personal_access_token" && n != "1" {
				t.Errorf("%s tokens created, want 1", n)
			}
		})
	}
}

// numbered returns the number of assigned token ids.
func numbered(t *testing.T, d apitest.Deps) string {
	t.Helper()
	id, err := d.Store.NextID(t.Context(), layout.KindPersonalToken)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(id - 1)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// broken is a store with failing writes.
type broken struct {
	credentials.Store
}

var errDown = &table.UnavailableError{Op: "UpdateItem", Err: errors.New("connection refused by 10.0.0.1")}

func (broken) ReplaceRecoveryCodes(context.Context, storecredentials.NewRecoveryCodes) error {
	return errDown
}

func (broken) TakeOTPAttempt(context.Context, int64, storecredentials.OTPState) (bool, error) {
	return false, errDown
}

// A failed write gives a 503 and no credential.
func TestFailedWriteGrantsNothing(t *testing.T) {
	deps := apitest.NewDeps(t, apitest.Fixture(), []byte(twoFactor), []byte(`{"instance":{"edition":"ee","two_factor_for_cli":true}}`))
	api := apitest.ServeDeps(t, deps, func(d apitest.Deps) http.Handler {
		return credentials.New(credentials.Deps{
			Store: broken{d.Store}, Shell: d.Shell, Tokens: d.Tokens, Now: d.Now, Random: rand.Reader, HTTP: d.HTTP,
		})
	})
	for _, route := range []string{"two_factor_recovery_codes", "two_factor_manual_otp_check"} {
		got := api.Post(t, "/internal/"+route, map[string]any{"key_id": 102, "otp_attempt": "123456"})
		if got.Status != http.StatusServiceUnavailable || got.Body != `{"message":"503 Service Unavailable"}` {
			t.Errorf("%s: %d %s", route, got.Status, got.Body)
		}
	}
}
